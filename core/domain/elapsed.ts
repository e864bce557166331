import type { Clock, Moment } from "./ports.ts";

/** Returns the current moment on both clocks. */
export function momentOf(clock: Clock): Moment {
  return { at: clock.now(), monotonicMs: clock.monotonic() };
}

/**
 * Returns the milliseconds since a moment, by the clock that shows more. The system clock can be set back, and the monotonic
 * one can stop while the machine sleeps or Lambda has frozen the function between two invocations.
 */
export function elapsedSince({ at, monotonicMs }: Moment, clock: Clock): number {
  return Math.max(clock.now() - at, Math.ceil(clock.monotonic() - monotonicMs));
}
