import { DateTime } from "luxon";

/** A distance in time as a calendar has it: a day can have 23 hours. */
export interface Every {
  readonly count: number;
  readonly unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
}

const UNITS: Readonly<Record<string, Every["unit"]>> = {
  min: "minutes",
  h: "hours",
  d: "days",
  w: "weeks",
  mo: "months",
  y: "years",
};

/** `15min`, `1h`, `1d`, `2w`, `1mo`, `1y`; `undefined` for anything else. */
export function parseEvery(text: string): Every | undefined {
  const match = /^([1-9]\d{0,4})(min|h|d|w|mo|y)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  return unit === undefined ? undefined : { count: Number(match?.[1]), unit };
}

/** The nominal length in milliseconds. */
export function nominalMs({ count, unit }: Every): number {
  const hours = { minutes: 1 / 60, hours: 1, days: 24, weeks: 168, months: 720, years: 8760 }[unit];
  return count * hours * 3_600_000;
}

/** A step, and the one before it. Milliseconds since 1970. */
export interface Step {
  readonly after: number;
  readonly at: number;
}

/**
 * The steps from one moment to another, both included, by the calendar of a time zone.
 * @param timezone IANA name
 */
export function* stepsOf(from: number, to: number, every: Every, timezone: string): Generator<Step> {
  // Always from the start: adding a month to 28 February, which came of 31 January, would lose three days.
  const start = DateTime.fromMillis(from, { zone: timezone });
  const nth = (n: number) => start.plus({ [every.unit]: every.count * n }).toMillis();
  let [after, at] = [nth(-1), nth(0)];
  for (let n = 1; at <= to; n++) {
    yield { after, at };
    [after, at] = [at, nth(n)];
  }
}
