/** A length of time by the calendar: a day can have 23 hours. */
export interface Duration {
  readonly count: number;
  readonly unit: "minutes" | "hours" | "days" | "weeks" | "months" | "years";
}

const UNITS: Readonly<Record<string, Duration["unit"]>> = {
  min: "minutes",
  h: "hours",
  d: "days",
  w: "weeks",
  mo: "months",
  y: "years",
};

/** Parses `15min`, `1h`, `1d`, `2w`, `1mo` or `1y`; returns `undefined` for anything else. */
export function parseDuration(text: string): Duration | undefined {
  const match = /^([1-9]\d{0,4})(min|h|d|w|mo|y)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  return unit === undefined ? undefined : { count: Number(match?.[1]), unit };
}

/** Returns a nominal length in milliseconds: a month has 30 days, a year 365. */
export function nominalMs({ count, unit }: Duration): number {
  const hours = { minutes: 1 / 60, hours: 1, days: 24, weeks: 168, months: 720, years: 8760 }[unit];
  return count * hours * 3_600_000;
}
