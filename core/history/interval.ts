import { nominalMs, parseDuration } from "./duration.ts";

/** The distance between steps: a calendar period, or a part of a day. */
export interface Interval {
  /** As in options: `1d`. */
  readonly text: string;
  /** The calendar period; absent for a part of a day. */
  readonly period?: Period;
  /** The length in milliseconds; of a calendar period the nominal one, because a day can have 23 hours. */
  readonly lengthMs: number;
}

export type Period = "day" | "week" | "month" | "quarter" | "year";

const PERIODS: Readonly<Record<string, Period>> = {
  "1d": "day",
  "1w": "week",
  "1mo": "month",
  "3mo": "quarter",
  "1y": "year",
};

/** What `parseInterval` accepts, for messages and help texts. */
export const POSSIBLE_INTERVALS =
  "1d, 1w, 1mo, 3mo, 1y, or minutes or hours that divide a day, such as 15min, 1h or 6h";

const DAY_MS = 86_400_000;

/**
 * Parses an interval; returns `undefined` for anything else. Other lengths are not possible because their steps would depend
 * on where a range starts: no calendar says on which of two days `2d` begins.
 */
export function parseInterval(text: string): Interval | undefined {
  const duration = parseDuration(text);
  if (duration === undefined) return undefined;
  const lengthMs = nominalMs(duration);
  const period = PERIODS[text];
  if (period !== undefined) return { text, period, lengthMs };
  const isClockTime = duration.unit === "minutes" || duration.unit === "hours";
  return isClockTime && lengthMs < DAY_MS && DAY_MS % lengthMs === 0 ? { text, lengthMs } : undefined;
}
