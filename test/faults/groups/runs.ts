import { expect } from "@jest/globals";
import { ENV } from "../../../core/names/environment.ts";
import { EVENT, SLOT } from "../deployed-job.ts";
import { type Fault, type Group, gap, unrecorded, WHOLE } from "../fault.ts";
import { assertKept, assertWhole } from "../promises.ts";
import { look } from "../sight.ts";
import type { World } from "../world.ts";

const MINUTE_MS = 60_000;
const NEXT = "2026-11-23T11:00:00.000Z";
const AFTER = "2026-11-23T12:00:00.000Z";

/** Another run comes first, while the first one has read everything and is about to write. */
async function twoAtOnce(world: World): Promise<void> {
  let held = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slower = world.newInstance();
  world.onAwsCall(async ({ operation, input }, phase) => {
    if (phase === "worked" || operation !== "PutItem" || input.Item.status?.S !== "complete") return undefined;
    held++;
    await released;
    return undefined;
  });
  const first = world.invoke(EVENT, slower);
  while (held < world.accounts.length) await new Promise(setImmediate);
  world.onAwsCall(async () => undefined);
  // By which the one's snapshot can be told from the other's.
  world.clock.advance(1000);
  await world.invoke(EVENT);
  const taken = await world.items();
  release();
  await first;
  assertKept(taken, await world.items());
}

const events: Fault[] = [
  { name: "two runs at once for one slot", ends: WHOLE, deliver: twoAtOnce },
  {
    name: "the event is delivered twice",
    ends: WHOLE,
    deliver: async (world) => {
      await world.deliver();
      await world.deliver();
    },
  },
  {
    name: "the event comes 40 minutes late",
    ends: WHOLE,
    deliver: (world) => {
      world.clock.advance(40 * MINUTE_MS);
      return world.deliver();
    },
  },
  {
    name: "the event comes 11 minutes late, and 10 are allowed",
    forAll: true,
    lost: true,
    ends: gap("slot_too_late"),
    begin: (world) => {
      world.env = { [ENV.latenessLimitSeconds]: "600" };
    },
    deliver: (world) => {
      world.clock.advance(11 * MINUTE_MS);
      return world.deliver();
    },
  },
  {
    name: "the event waits in Lambda's queue for longer than an hour",
    forAll: true,
    lost: true,
    ends: { how: "nothing" },
    deliver: (world) => {
      const sentAt = world.clock.truth();
      world.clock.advance(61 * MINUTE_MS);
      return world.deliver(EVENT, sentAt);
    },
  },
  {
    name: "the events come out of order: that of 11:00, then that of 10:00",
    slots: [SLOT, NEXT],
    ends: WHOLE,
    deliver: async (world) => {
      // A clock may be ahead of the schedule's by a minute.
      world.clock.advanceTo("2026-11-23T10:59:50.000Z");
      await world.deliver({ scheduledTime: NEXT });
      world.clock.advance(1000);
      await world.deliver();
    },
  },
  {
    name: "the event is for a slot that has not come",
    slots: [NEXT],
    forAll: true,
    lost: true,
    ends: gap("slot_in_future"),
    deliver: async (world) => {
      await world.deliver();
      await world.deliver({ scheduledTime: NEXT });
    },
    check: async (world) => {
      world.clock.advanceTo("2026-11-23T11:00:01.000Z");
      await world.invoke({ scheduledTime: NEXT });
      const [sight] = await look(world, [world.other.accountId], [NEXT]);
      assertWhole(world, world.other.accountId, NEXT, sight?.snapshot);
    },
  },
  {
    name: "the event is not one of the job's",
    forAll: true,
    ends: unrecorded("event_invalid"),
    deliver: (world) => world.deliver({ detail: {} }),
  },
  {
    name: "a variable of the function is wrong",
    forAll: true,
    ends: unrecorded("config_invalid"),
    begin: (world) => {
      world.env = { [ENV.maxPages]: "many" };
    },
  },
];

const nobody: Fault[] = [
  {
    name: "Lambda does not start the run for five minutes: the account's concurrency is used up",
    ends: WHOLE,
    deliver: (world) => {
      world.count("Throttles", 1);
      const sentAt = world.clock.truth();
      world.clock.advance(5 * MINUTE_MS);
      return world.deliver(EVENT, sentAt);
    },
  },
  {
    name: "EventBridge Scheduler cannot hand the event over",
    forAll: true,
    lost: true,
    ends: { how: "nothing" },
    deliver: (world) => {
      for (let at = 0; at < 59; at++) {
        world.count("TargetErrorCount", 1);
        world.clock.advance(MINUTE_MS);
      }
      world.deadLetter();
    },
  },
  {
    name: "… nor put it into the dead-letter queue",
    forAll: true,
    lost: true,
    ends: { how: "nothing" },
    deliver: (world) => {
      world.count("TargetErrorCount", 1);
      world.count("InvocationsFailedToBeSentToDeadLetterCount", 1);
    },
  },
  {
    name: "every run fails, for three slots",
    slots: [SLOT, NEXT, AFTER],
    ends: gap("api_not_found"),
    begin: (world) => world.misbehave({ kind: "error", status: 404 }),
    deliver: async (world) => {
      await world.deliver();
      for (const slot of [NEXT, AFTER]) {
        world.clock.advanceTo(slot);
        world.clock.advance(1000);
        await world.deliver({ scheduledTime: slot });
      }
    },
  },
  {
    name: "nothing runs, for three slots: the schedule is switched off",
    slots: [SLOT, NEXT, AFTER],
    forAll: true,
    ends: { how: "nothing" },
    deliver: (world) => {
      world.clock.advanceTo(AFTER);
      world.clock.advance(1000);
    },
    check: ({ invocations }) => expect(invocations).toEqual([]),
  },
];

export const runs: Group = { title: "Events and runs", faults: [...events, ...nobody] };
