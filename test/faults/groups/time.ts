import { expect } from "@jest/globals";
import { slotAt } from "../../../core/domain/slot.ts";
import type { AwsCall } from "../aws.ts";
import { SLOT } from "../deployed-job.ts";
import { type Fault, type Group, gap, mended, WHOLE } from "../fault.ts";
import { assertWhole } from "../promises.ts";
import type { World } from "../world.ts";

const MINUTES_MS = 60_000;

const wrongClock = (name: string, code: string, minutes: number): Fault => ({
  name,
  forAll: true,
  ends: gap(code),
  begin: (world) => world.clock.wrongBy(minutes * MINUTES_MS),
});

const clocks: Fault[] = [
  wrongClock("the function's clock is 5 minutes ahead", "api_unauthorized", 5),
  wrongClock("the function's clock is 5 minutes behind", "slot_in_future", -5),
  {
    name: "the function's clock goes 5 minutes forth in mid-walk",
    ends: WHOLE,
    begin: (world) => world.beforePage(2, () => world.clock.wrongBy(5 * MINUTES_MS)),
  },
  {
    name: "the function's clock goes 5 minutes back in mid-walk",
    ends: WHOLE,
    begin: (world) => world.beforePage(2, () => world.clock.wrongBy(-5 * MINUTES_MS)),
  },
];

/** The deadline comes when the struck accounts wait for an answer that never comes, and the other is stored. */
function whileTheyHang(world: World): void {
  let hanging = 0;
  world.onApiStep = async ({ phase, path }) => {
    const hangs = world.struck.some(({ accountId }) => path.includes(accountId)) && phase === "handled";
    const { page } = world.cdp.requests.findLast((request) => request.path === path) ?? {};
    const nth = world.struck.findIndex(({ accountId }) => path.includes(accountId)) + 1;
    if (!hangs || page !== nth || ++hanging < world.struck.length) return;
    world.onApiStep = undefined;
    await world.otherIsStored();
    world.deadline.come();
  };
}

/** The deadline comes with a call to the table, which goes on. */
const withCall =
  (isIt: (call: AwsCall, world: World) => boolean, first?: (world: World) => Promise<void>) =>
  (world: World): void => {
    world.onAwsCall(async (call, phase) => {
      if (phase === "worked" || !isIt(call, world)) return undefined;
      await first?.(world);
      world.deadline.come();
      return undefined;
    });
  };

const deadlines: Fault[] = [
  {
    name: "the deadline comes while the list of accounts is read",
    forAll: true,
    ends: mended("deadline_exceeded"),
    begin: (world) => {
      world.misbehave({ kind: "hang", times: 1, on: { path: /accounts$/ } });
      world.onApiStep = ({ phase }) => {
        if (phase !== "handled") return;
        world.onApiStep = undefined;
        world.deadline.come();
      };
    },
  },
  {
    name: "the deadline comes before the first account has its turn",
    forAll: true,
    ends: mended("deadline_exceeded"),
    begin: withCall(({ input }) => input.ExpressionAttributeValues?.[":partition"]?.S === "schedules"),
  },
  {
    name: "the deadline comes in a page",
    onEachPage: true,
    ends: mended("deadline_exceeded"),
    begin: (world) => {
      world.misbehaveOnEachPage({ kind: "hang", times: 1 });
      whileTheyHang(world);
    },
  },
  {
    name: "the deadline comes while the snapshot is put",
    ends: WHOLE,
    begin: withCall(
      ({ input }, { struck: [account] }) =>
        input.Item?.account.S === account?.accountId && input.Item?.status?.S === "complete",
      (world) => world.otherIsStored(),
    ),
  },
];

const DEAD = { status: 400, type: "AccessDeniedException", message: "The process is dead." };

/**
 * A process that dies at one step of its I/O after the other: a call is on its way, or answered and the answer not yet there.
 * From then on nothing of it reaches anything.
 */
async function dieAtEachStep(world: World): Promise<void> {
  const accounts = world.struck.map(({ accountId }) => accountId);
  for (let step = 1, steps = step; step <= steps; step++) {
    const event = { scheduledTime: slotAt(Date.parse(SLOT) - 1000 + step), accounts };
    let taken = 0;
    const isDead = () => ++taken >= step;
    // What is left of the dead process is told no to everything, and so comes to its end.
    world.onAwsCall(async () => (isDead() ? DEAD : undefined));
    world.onApiStep = ({ phase }) => {
      if (phase !== "answered" && isDead()) throw new Error(DEAD.message);
    };
    const { error } = await world.newInstance().invoke(event, world.lab.deployment.timeoutMs);
    const died = taken >= step;
    await world.heal();
    if (!died) {
      expect(error).toBeUndefined();
      return;
    }
    steps++;
    world.died();
    const [accountId = ""] = accounts;
    const left = await world.reader.latest(accountId);
    if (left?.slot === event.scheduledTime) assertWhole(world, accountId, left.slot, left);
    await world.invoke(event);
    assertWhole(world, accountId, event.scheduledTime, await world.reader.latest(accountId));
  }
}

const deaths: Fault[] = [
  {
    name: "the process dies at each step of its I/O, in one slot after the other",
    ends: WHOLE,
    deliver: async (world) => {
      await dieAtEachStep(world);
      await world.deliver();
    },
  },
];

export const time: Group = {
  title: "Clock, deadline and death",
  text:
    "A process that dies at any step is searched for over several accounts, side by side, and over a snapshot in parts by tests\n" +
    "of their own (`test/integration/crash-*.test.ts`). Here it is one account.",
  faults: [...deadlines, ...deaths, ...clocks],
};
