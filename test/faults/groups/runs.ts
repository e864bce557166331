import { ENV } from "../../../core/names/environment.ts";
import { expect } from "../../support/jest.ts";
import { EVENT, SLOT } from "../deployed-job.ts";
import { type Fault, type Group, gap, unrecorded, WHOLE } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import { assertUnchanged, assertWhole } from "../promises.ts";
import { readSlots } from "../slot-view.ts";

const MINUTE_MS = 60_000;
const NEXT = "2026-11-23T11:00:00.000Z";
const AFTER = "2026-11-23T12:00:00.000Z";

/** A second run writes while the first has read everything and is about to write. */
async function runConcurrently(world: FaultWorld): Promise<void> {
  let held = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slower = world.newInstance();
  world.onAwsCall(async ({ action, input }, phase) => {
    if (phase === "worked" || action !== "dynamodb:PutItem" || input.Item.status?.S !== "complete") return undefined;
    held++;
    await released;
    return undefined;
  });
  const first = world.invoke(EVENT, slower);
  while (held < world.accounts.length) await new Promise(setImmediate);
  world.onAwsCall(async () => undefined);
  // Distinguishes the two snapshots.
  world.clock.advance(1000);
  await world.invoke(EVENT);
  const written = await world.base.items();
  release();
  await first;
  assertUnchanged(written, await world.base.items());
}

const events: Fault[] = [
  { name: "two concurrent runs for one slot", ends: WHOLE, deliver: runConcurrently },
  {
    name: "the event is delivered twice",
    ends: WHOLE,
    deliver: async (world) => {
      await world.deliver();
      await world.deliver();
    },
  },
  {
    name: "the event arrives 11 minutes late, and 10 are allowed",
    everyAccount: true,
    unrecoverable: true,
    ends: gap("slot_too_late"),
    inject: (world) => {
      world.env = { [ENV.latenessLimitSeconds]: "600" };
    },
    deliver: (world) => {
      world.clock.advance(11 * MINUTE_MS);
      return world.deliver();
    },
    check: ({ cdp }) => expect(cdp.requests.filter(({ accountId }) => accountId !== undefined)).toEqual([]),
  },
  {
    name: "the event waits in Lambda's queue for more than an hour",
    everyAccount: true,
    unrecoverable: true,
    ends: { how: "nothing" },
    deliver: (world) => {
      const sentAt = world.clock.truth();
      world.clock.advance(61 * MINUTE_MS);
      return world.deliver(EVENT, sentAt);
    },
  },
  {
    name: "the 11:00 event arrives before the 10:00 event",
    slots: [SLOT, NEXT],
    ends: WHOLE,
    deliver: async (world) => {
      // The function accepts events that are up to a minute early.
      world.clock.advanceTo("2026-11-23T10:59:50.000Z");
      await world.deliver({ scheduledTime: NEXT });
      world.clock.advance(1000);
      await world.deliver();
    },
  },
  {
    name: "the event is for a future slot",
    slots: [NEXT],
    everyAccount: true,
    unrecoverable: true,
    ends: gap("slot_in_future"),
    deliver: async (world) => {
      await world.deliver();
      await world.deliver({ scheduledTime: NEXT });
    },
    check: async (world) => {
      world.clock.advanceTo("2026-11-23T11:00:01.000Z");
      await world.invoke({ scheduledTime: NEXT });
      const [view] = await readSlots(world.base.reader, [world.other.accountId], [NEXT]);
      assertWhole(world, world.other.accountId, NEXT, view?.snapshot);
    },
  },
  {
    name: "the event is not valid",
    everyAccount: true,
    ends: unrecorded("event_invalid"),
    deliver: (world) => world.deliver({ detail: {} }),
  },
  {
    name: "an environment variable of the function is not valid",
    everyAccount: true,
    ends: gap("config_invalid"),
    inject: (world) => {
      world.env = { [ENV.maxPages]: "many" };
    },
  },
];

const schedules: Fault[] = [
  {
    name: "Lambda throttles the run for five minutes",
    ends: WHOLE,
    deliver: (world) => {
      world.count("Throttles", 1);
      const sentAt = world.clock.truth();
      world.clock.advance(5 * MINUTE_MS);
      return world.deliver(EVENT, sentAt);
    },
  },
  {
    name: "an event becomes too old in Lambda's queue, and Lambda cannot send a dead letter",
    everyAccount: true,
    unrecoverable: true,
    ends: { how: "nothing" },
    deliver: (world) => {
      world.clock.advance(61 * MINUTE_MS);
      world.count("DeadLetterErrors", 1);
    },
  },
  {
    name: "EventBridge Scheduler cannot deliver the event",
    everyAccount: true,
    unrecoverable: true,
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
    name: "EventBridge Scheduler can deliver neither the event nor a dead letter",
    everyAccount: true,
    unrecoverable: true,
    ends: { how: "nothing" },
    deliver: (world) => {
      world.count("TargetErrorCount", 1);
      world.count("InvocationsFailedToBeSentToDeadLetterCount", 1);
    },
  },
  {
    name: "every run fails for three slots",
    slots: [SLOT, NEXT, AFTER],
    ends: gap("api_not_found"),
    inject: (world) => world.injectFault({ kind: "error", status: 404 }),
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
    name: "the schedule is disabled for three slots",
    slots: [SLOT, NEXT, AFTER],
    everyAccount: true,
    ends: { how: "nothing" },
    deliver: (world) => {
      world.clock.advanceTo(AFTER);
      world.clock.advance(1000);
    },
    check: ({ invocations }) => expect(invocations).toEqual([]),
  },
];

export const runs: Group = { title: "Events and runs", faults: [...events, ...schedules] };
