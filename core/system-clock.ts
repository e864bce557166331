import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "./domain/ports.ts";

/** The longest delay of a Node timer. A longer one fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    if (ms <= 0) return;
    await wait(Math.min(ms, MAX_TIMER_MS), undefined, signal && { signal }).catch((aborted) => {
      signal?.throwIfAborted();
      throw aborted;
    });
  },
};
