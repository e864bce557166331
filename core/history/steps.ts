import { DateTime } from "luxon";

/** A calendar interval: a day can have 23 hours. */
export interface Interval {
  readonly count: number;
  readonly unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
}

const UNITS: Readonly<Record<string, Interval["unit"]>> = {
  min: "minutes",
  h: "hours",
  d: "days",
  w: "weeks",
  mo: "months",
  y: "years",
};

/** Parses `15min`, `1h`, `1d`, `2w`, `1mo` or `1y`; returns `undefined` for anything else. */
export function parseInterval(text: string): Interval | undefined {
  const match = /^([1-9]\d{0,4})(min|h|d|w|mo|y)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  return unit === undefined ? undefined : { count: Number(match?.[1]), unit };
}

/** Returns an interval's nominal length in milliseconds: a month has 30 days, a year 365. */
export function nominalMs({ count, unit }: Interval): number {
  const hours = { minutes: 1 / 60, hours: 1, days: 24, weeks: 168, months: 720, years: 8760 }[unit];
  return count * hours * 3_600_000;
}

/** One step of a series: from `after` (excluded) to `at` (included), milliseconds since 1970. */
export interface Step {
  readonly after: number;
  readonly at: number;
}

/**
 * Yields the steps from one time to another, both included, by the calendar of a time zone.
 * @param timezone IANA name
 */
export function* stepsOf(from: number, to: number, { unit, count }: Interval, timezone: string): Generator<Step> {
  // Every step is counted from the start. Step by step, 31 January becomes 28 February and then 28 March.
  const start = DateTime.fromMillis(from, { zone: timezone });
  const nth = (n: number) => start.plus({ [unit]: count * n }).toMillis();
  let [after, at] = [nth(-1), nth(0)];
  for (let n = 1; at <= to; n++) {
    yield { after, at };
    [after, at] = [at, nth(n)];
  }
}
