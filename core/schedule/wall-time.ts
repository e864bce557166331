import { DateTime } from "luxon";

// The only conversion between instants and wall time, which is what a clock in a time zone shows. Instants are milliseconds
// since 1970. Wall time is in milliseconds, too, as if the clock showed UTC: calendars can then do arithmetic with it.

const DAY_MS = 86_400_000;

/** Returns the wall time at an instant. */
export function wallTimeAt(instantMs: number, timezone: string): number {
  return instantMs + DateTime.fromMillis(instantMs, { zone: timezone }).offset * 60_000;
}

/**
 * Returns the first and the last instant with a wall time. They differ if clocks go back and the wall time occurs twice. If
 * clocks go forward and skip the wall time, both are the instant at which it would have occurred without the change.
 * Luxon cannot do this: it assumes the zone's offset of today, and is an hour off if that was not in force.
 */
export function instantsOf(wallMs: number, timezone: string): { first: number; last: number } {
  const [before = 0, after = 0] = [wallMs - DAY_MS, wallMs + DAY_MS].map((ms) => wallTimeAt(ms, timezone) - ms);
  const found = [before, after].map((offset) => wallMs - offset).filter((ms) => wallTimeAt(ms, timezone) === wallMs);
  if (found.length === 0) return { first: wallMs - before, last: wallMs - before };
  return { first: Math.min(...found), last: Math.max(...found) };
}

/**
 * Returns the last instant of the days before a local midnight: the close of a day, given the midnight after it. If clocks go
 * back, midnight can occur twice: the day ends before the first midnight if they went back to it from 1:00, and before
 * the second if they went back from 0:01 to the day before.
 */
export function closeBefore(midnightWallMs: number, timezone: string): number {
  const { first, last } = instantsOf(midnightWallMs, timezone);
  return wallTimeAt(last - 1, timezone) < midnightWallMs ? last - 1 : first - 1;
}
