import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "./domain/ports.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    if (ms <= 0) return;
    await wait(ms, undefined, signal && { signal }).catch((aborted) => {
      signal?.throwIfAborted();
      throw aborted;
    });
  },
};
