import type { Clock } from "../../core/domain/ports.ts";

/** A clock on which hours pass in seconds: it moves to the next timer when everything waits for one. */
export interface VirtualClock extends Clock {
  /** Runs work that waits for nothing but this clock and microtasks. @throws what the work throws */
  run<T>(work: () => Promise<T>): Promise<T>;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** @param start an instant in the format of a slot */
export function virtualClock(start = "2026-11-23T10:00:00.000Z"): VirtualClock {
  let now = Date.parse(start);
  /** By time; those of the same time in the order of their creation. */
  const timers: Timer[] = [];

  const add = (timer: Timer) => {
    let [from, to] = [0, timers.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((timers[middle]?.at ?? 0) <= timer.at) from = middle + 1;
      else to = middle;
    }
    timers.splice(from, 0, timer);
  };

  return {
    now: () => now,
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        if (ms <= 0) return resolve();
        const abort = () => {
          timers.splice(timers.indexOf(timer), 1);
          reject(signal?.reason);
        };
        const fire = () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        };
        const timer = { at: now + ms, fire };
        add(timer);
        signal?.addEventListener("abort", abort, { once: true });
      }),
    run: async (work) => {
      let isRunning = true;
      const result = work().finally(() => {
        isRunning = false;
      });
      // Its failure is thrown below.
      result.catch(() => {});
      for (;;) {
        await new Promise(setImmediate);
        if (!isRunning) return result;
        const next = timers.shift();
        if (next === undefined) throw new Error("The work waits for something else than the clock");
        now = next.at;
        next.fire();
        while (timers[0]?.at === now) timers.shift()?.fire();
      }
    },
  };
}
