import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "./domain/ports.ts";

/** The longest that a timer of Node can wait; above it, it does not wait at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    if (ms <= 0) return;
    await wait(Math.min(ms, LONGEST_TIMER_MS), undefined, signal && { signal }).catch((aborted) => {
      signal?.throwIfAborted();
      throw aborted;
    });
  },
};
