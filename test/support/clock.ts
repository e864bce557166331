import type { Clock } from "../../core/domain/ports.ts";
import { type Slot, slotAt } from "../../core/domain/slot.ts";

/** A clock that moves only when a test advances it or the code sleeps. Sleeping takes no real time. */
export interface TestClock extends Clock {
  /** The duration of each requested sleep in ms, except zero. */
  readonly slept: number[];
  advance(ms: number): void;
}

/** @param start an instant in the format of a slot */
export function testClock(start = "2026-11-23T10:00:00.000Z"): TestClock {
  let now = Date.parse(start);
  const slept: number[] = [];
  return {
    slept,
    advance: (ms) => {
      now += ms;
    },
    now: () => now,
    monotonic: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      if (ms <= 0) return;
      slept.push(ms);
      now += ms;
      await new Promise(setImmediate);
    },
  };
}

/** A test clock whose monotonic clock stands still, as in a function that Lambda has frozen. */
export function frozenClock(): TestClock {
  return { ...testClock(), monotonic: () => 0 };
}

const HOUR_MS = 3_600_000;

/** Returns the slot of the current hour, or of an earlier one. The default schedule has it. */
export function currentHour(earlier = 0): Slot {
  return slotAt((Math.floor(Date.now() / HOUR_MS) - earlier) * HOUR_MS);
}
