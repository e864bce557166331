import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../core/domain/ports.ts";

/** The clock of a world: it goes on when somebody sleeps, at once, and two who sleep side by side sleep through the same time. */
export interface WorldClock extends Clock {
  /** Milliseconds that were slept so far, those of sleepers side by side added up. */
  readonly sleptMs: number;
  /** The right time, whatever the function's machine believes. Milliseconds since 1970. */
  truth(): number;
  advance(ms: number): void;
  /** Goes on to an instant, if that has not come yet. */
  advanceTo(instant: string): void;
  /** From now on the function's machine believes that it is so much later. */
  wrongBy(ms: number): void;
  /** Whoever would sleep beyond this moment is told that it has come, and sleeps until its signal wakes it. */
  endAt(truth: number, onEnd: () => void): void;
}

/** @param start an instant as a slot is written */
export function worldClock(start: string): WorldClock {
  let truth = Date.parse(start);
  let wrong = 0;
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
    wrongBy: (ms) => {
      wrong = ms;
    },
    endAt: (at, tell) => {
      end = at;
      onEnd = tell;
    },
    now: () => truth + wrong,
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
