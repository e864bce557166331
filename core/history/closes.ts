import { DateTime } from "luxon";
import { WallClock } from "../schedule/wall-clock.ts";

/** The last instant before the day, the month or the year that contains a time. */
export interface Close {
  readonly period: (typeof PERIODS)[number];
  /** The day that closes: `2025-12-31`. */
  readonly day: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const PERIODS = ["day", "month", "year"] as const;

/**
 * Returns the closes with which a time is compared: those of the day, the month and the year before.
 * @param at milliseconds since 1970
 * @param timezone IANA name
 */
export function closesBefore(at: number, timezone: string): Close[] {
  const clock = new WallClock(timezone);
  const local = DateTime.fromMillis(clock.wallTimeOf(at), { zone: "utc" });
  return PERIODS.map((period) => {
    const start = local.startOf(period);
    return { period, day: start.minus({ days: 1 }).toFormat("yyyy-MM-dd"), at: clock.closeBefore(start.toMillis()) };
  });
}
