import { AwsRefusal } from "../../support/world/aws.ts";
import { EVENT } from "../deployed-job.ts";
import { type Fault, type Group, gap, recovered, WHOLE } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";

const MINUTE_MS = 60_000;

const wrongClock = (name: string, code: string, minutes: number): Fault => ({
  name,
  everyAccount: true,
  ends: gap(code),
  inject: (world) => world.clock.setErrorMs(minutes * MINUTE_MS),
});

const clocks: Fault[] = [
  wrongClock("the function's clock is 5 minutes ahead", "api_unauthorized", 5),
  wrongClock("the function's clock is 5 minutes behind", "slot_in_future", -5),
  {
    name: "the function's clock jumps 5 minutes back during the walk",
    ends: WHOLE,
    inject: (world) => world.atPage(2, () => world.clock.setErrorMs(-5 * MINUTE_MS)),
  },
];

/** Expires the deadline when all affected accounts wait for a response and the other account is stored. */
function expireWhileHanging(world: FaultWorld): void {
  let hanging = 0;
  world.onApiStep = async ({ phase, path }) => {
    const hangs = world.affected.some(({ accountId }) => path.includes(accountId)) && phase === "handled";
    const { page } = world.cdp.requests.findLast((request) => request.path === path) ?? {};
    const nth = world.affected.findIndex(({ accountId }) => path.includes(accountId)) + 1;
    if (!hangs || page !== nth || ++hanging < world.affected.length) return;
    world.onApiStep = undefined;
    await world.otherIsWritten();
    world.deadline.expire();
  };
}

const deadlines: Fault[] = [
  {
    name: "the deadline expires while the list of accounts is read",
    everyAccount: true,
    ends: recovered("deadline_exceeded"),
    inject: (world) => {
      world.injectFault({ kind: "hang", times: 1, on: { path: /accounts$/ } });
      world.onApiStep = ({ phase }) => {
        if (phase !== "handled") return;
        world.onApiStep = undefined;
        world.deadline.expire();
      };
    },
  },
  {
    name: "the deadline expires during a page request",
    onEachPage: true,
    ends: recovered("deadline_exceeded"),
    inject: (world) => {
      world.failOnEachPage({ kind: "hang", times: 1 });
      expireWhileHanging(world);
    },
  },
  {
    name: "the deadline expires while the first of three accounts is stored",
    affected: 2,
    ends: recovered("not_reached"),
    inject: (world) => {
      world.walkSequentially();
      world.onAwsCall(async (call, phase) => {
        if (phase === "worked" && world.isSnapshotPut(call, world.other)) world.deadline.expire();
        return undefined;
      });
    },
  },
  {
    name: "the deadline expires during the put of the snapshot",
    ends: WHOLE,
    inject: (world) =>
      world.onAwsCall(async (call, phase) => {
        if (phase === "received" && world.isSnapshotPut(call)) {
          await world.otherIsWritten();
          world.deadline.expire();
        }
        return undefined;
      }),
  },
];

const DEAD = new AwsRefusal("AccessDeniedException", "The process is dead.");

/** The process dies during the put of the snapshot: nothing that it sends from then on has an effect. */
const processDies = (name: string, phase: "received" | "worked"): Fault => ({
  name,
  ends: WHOLE,
  deliver: async (world) => {
    let dead = false;
    world.onAwsCall(async (call, current) => {
      dead ||= current === phase && world.isSnapshotPut(call);
      return dead ? DEAD : undefined;
    });
    world.onApiStep = ({ phase }) => {
      if (dead && phase !== "answered") throw new Error(DEAD.message);
    };
    await world.newInstance().invoke(EVENT, world.fixtures.deployment.timeoutMs);
    world.died();
    await world.clearFaults();
    world.clock.advance(MINUTE_MS);
    await world.deliver();
  },
});

/** `test/integration/crash.test.ts` kills the process at every write, and with `npm run test:exhaustive` at every step. */
const deaths: Fault[] = [
  processDies("the process dies before the put of the snapshot takes effect", "received"),
  processDies("the process dies after the put of the snapshot took effect", "worked"),
];

export const time: Group = { title: "Clock, deadline and crashes", faults: [...deadlines, ...deaths, ...clocks] };
