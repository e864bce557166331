import type { Clock } from "../../core/domain/ports.ts";

/** A clock that stands still, but for what is slept: then it goes on at once, and notes how long the sleep was. */
export interface TestClock extends Clock {
  /** Milliseconds of each sleep that was asked for, zeroes left out. */
  readonly slept: number[];
  advance(ms: number): void;
}

/** @param start an instant as a slot is written */
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
