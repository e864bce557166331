import { DateTime, type DateTimeUnit } from "luxon";
import { InputError } from "../lambda/domain/errors.ts";
import { parseEvery } from "../lambda/history/steps.ts";

/** How a moment on the command line is read. */
export interface MomentContext {
  /** The option's name, for messages. */
  readonly option: string;
  /** A bare date means the start of that day (`--from`), or its end (`--to`, `--at`: "on 31 December" is its close). */
  readonly edge: "start" | "end";
  /** IANA name. */
  readonly timezone: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const DATES: readonly (readonly [RegExp, DateTimeUnit])[] = [
  [/^\d{4}$/, "year"],
  [/^\d{4}-\d\d$/, "month"],
  [/^\d{4}-\d\d-\d\d$/, "day"],
];

/**
 * A moment: an instant (`2025-12-31T23:00:00Z`; without an offset in the time zone), a day, a month or a year
 * (`2025-12-31`, `2025-12`, `2025`), `now`, or how long ago (`-30d`, `-12h`, `-1y`).
 * @returns milliseconds since 1970
 * @throws InputError that names the option and the forms that there are
 */
export function parseMoment(text: string, { option, edge, timezone, now }: MomentContext): number {
  const zone = { zone: timezone };
  if (text === "now") return now;
  const ago = text.startsWith("-") ? parseEvery(text.slice(1)) : undefined;
  if (ago !== undefined)
    return DateTime.fromMillis(now, zone)
      .minus({ [ago.unit]: ago.count })
      .toMillis();
  const unit = DATES.find(([form]) => form.test(text))?.[1];
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  const moment = unit !== undefined || isInstant ? DateTime.fromISO(text, zone) : undefined;
  if (moment?.isValid !== true) {
    throw new InputError("usage", [
      `${option}: "${text}" is no moment. Give a date (2025-12-31), an instant (2025-12-31T23:00:00Z), or how long ago (-30d, -12h).`,
    ]);
  }
  if (unit === undefined) return moment.toMillis();
  return (edge === "start" ? moment.startOf(unit) : moment.endOf(unit)).toMillis();
}

/** @throws InputError for a name that is no IANA time zone */
export function assertTimezone(timezone: string): void {
  if (DateTime.now().setZone(timezone).isValid) return;
  throw new InputError("usage", [
    `--timezone: "${timezone}" is no time zone. Give an IANA name like UTC or Europe/Zurich.`,
  ]);
}

/** An instant as a person of a time zone reads it, to the second: `2025-12-31 23:59:59`; as it is for UTC and machines. */
export function localTime(instant: string, timezone: string): string {
  if (timezone === "UTC") return instant;
  return DateTime.fromISO(instant, { zone: timezone }).toFormat("yyyy-MM-dd HH:mm:ss ZZ");
}
