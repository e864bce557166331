import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../core/domain/ports.ts";

/** The clock of a world. A sleep advances it without waiting; concurrent sleeps overlap. */
export interface WorldClock extends Clock {
  /** The sum of all sleeps so far, in milliseconds, including concurrent ones. */
  readonly sleptMs: number;
  /** The true time, in milliseconds since 1970. The function's own clock may differ. */
  truth(): number;
  advance(ms: number): void;
  /** Advances to an instant, unless it has passed. */
  advanceTo(instant: string): void;
  /** Sets how far the function's clock is ahead of the true time, in milliseconds. */
  setErrorMs(ms: number): void;
  /** Calls `onEnd` when a sleep would pass this time. The sleep then lasts until its signal aborts. */
  endAt(truth: number, onEnd: () => void): void;
}

/** @param start an instant as a slot is written */
export function worldClock(start: string): WorldClock {
  let truth = Date.parse(start);
  let errorMs = 0;
  let end = Number.POSITIVE_INFINITY;
  let onEnd = () => {};
  const forward = (to: number) => {
    truth = Math.max(truth, to);
  };
  let slept = 0;
  return {
    get sleptMs() {
      return slept;
    },
    truth: () => truth,
    advance: (ms) => forward(truth + ms),
    advanceTo: (instant) => forward(Date.parse(instant)),
    setErrorMs: (ms) => {
      errorMs = ms;
    },
    endAt: (at, callback) => {
      end = at;
      onEnd = callback;
    },
    now: () => truth + errorMs,
    monotonic: () => truth,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      if (ms <= 0) return;
      const wake = truth + ms;
      slept += Math.min(ms, end - truth);
      await setImmediate();
      forward(Math.min(wake, end));
      if (wake > end && signal) {
        onEnd();
        await aborted(signal);
      }
      signal?.throwIfAborted();
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
