import { DateTime, type DateTimeUnit } from "luxon";
import { InputError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { nominalMs, parseDuration } from "../../core/history/duration.ts";
import { checkTimeZone } from "../../core/schedule/time-zone.ts";
import { WallClock } from "../../core/schedule/wall-clock.ts";

export interface Clock {
  /** IANA name. */
  readonly timezone: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface DateTimeContext extends Clock {
  /** The option's name, for messages. */
  readonly option: string;
  /** A bare date means the start of that day (`--from`) or its end (`--to`, `--at`). */
  readonly edge: "start" | "end";
}

const DATES: readonly (readonly [RegExp, DateTimeUnit])[] = [
  [/^\d{4}$/, "year"],
  [/^\d{4}-\d\d$/, "month"],
  [/^\d{4}-\d\d-\d\d$/, "day"],
];

/** Slots sort as text only if their year has four digits. */
const MIN_DATE_TIME = Date.parse("0000-01-01T00:00:00.000Z");
const MAX_DATE_TIME = Date.UTC(9999, 0, 1);

/** A time as tables and the report show it: a space before the time, and before its offset. */
const SHOWN_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(?: ([+-]\d\d:\d\d))?$/;

/** An offset, or a zone in brackets, after a time. */
const OFFSET = /(Z|[+-]\d\d(:?\d\d)?|\])$/i;

/** Luxon accepts any two digits. No zone is further from UTC than 14 hours. */
const IMPOSSIBLE_OFFSET = /[+-](1[5-9]|[2-9]\d)(:?\d\d)?$|[+-]\d\d:?[6-9]\d$/;

/**
 * Parses a date or time: an instant (`2025-12-31T23:00:00Z`, or as `localTime` returns it; without an offset, in the time
 * zone), a day, month or year (`2025-12-31`, `2025-12`, `2025`), `now`, or a relative time (`-30d`, `-12h`, `-1y`). If a
 * local time occurs twice because clocks go back, a start is the first occurrence and an end the last. If it does not occur
 * because clocks go forward, it is the instant at which it would have occurred without the change.
 * @returns milliseconds since 1970, limited to the years 0 to 9998
 * @throws InputError
 */
export function parseDateTime(text: string, context: DateTimeContext): number {
  return Math.min(Math.max(readDateTime(text, context), MIN_DATE_TIME), MAX_DATE_TIME);
}

/**
 * Parses the start of a range.
 * @throws InputError also for a time in the future, for which nothing is known
 */
export function parseStart(option: string, text: string, clock: Clock): number {
  const start = parseDateTime(text, { option, edge: "start", ...clock });
  if (start <= clock.now) return start;
  const [given, now] = [start, clock.now].map((ms) => localTime(slotAt(ms), clock.timezone));
  throw new InputError("usage", [`${option}: ${given} is in the future: it is now ${now}. Give an earlier ${option}.`]);
}

function readDateTime(given: string, { option, edge, timezone, now }: DateTimeContext): number {
  if (given === "now") return now;
  const text = given.replace(SHOWN_TIME, "$1T$2$3");
  const clock = new WallClock(timezone);
  const at = (wallTime: number) => clock.instantOf(wallTime, edge === "start" ? "first" : "last");
  const ago = text.startsWith("-") ? parseDuration(text.slice(1)) : undefined;
  if (ago?.unit === "minutes" || ago?.unit === "hours") return now - nominalMs(ago);
  if (ago !== undefined) {
    const today = DateTime.fromMillis(clock.wallTimeOf(now), { zone: "utc" });
    return at(today.minus({ [ago.unit]: ago.count }).toMillis());
  }
  const unit = DATES.find(([form]) => form.test(text))?.[1];
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  // Local time is represented as if it were UTC, unless the text has an offset.
  const local = unit !== undefined || isTime ? DateTime.fromISO(text, { zone: "utc" }) : undefined;
  if (local?.isValid !== true || (isTime && IMPOSSIBLE_OFFSET.test(text))) {
    throw new InputError("usage", [
      `${option}: "${given}" is not a valid date or time. Expected a date (2025-12-31), an instant (2025-12-31T23:00:00Z) or a relative time (-30d, -12h, -15min).`,
    ]);
  }
  if (unit === undefined && OFFSET.test(text)) return local.toMillis();
  if (unit !== undefined && edge === "end") return clock.closeBefore(local.plus({ [unit]: 1 }).toMillis());
  return at(local.toMillis());
}

/** Returns the clock of a command, which stands still. @throws InputError for a name of `--timezone` that is not valid */
export function readClock({ timezone }: { readonly timezone: string }): Clock {
  assertTimezone(timezone);
  return { timezone, now: Date.now() };
}

/** @throws InputError for a name that `checkTimeZone` does not accept */
export function assertTimezone(timezone: string): void {
  try {
    checkTimeZone(timezone);
  } catch (thrown) {
    const reason = (thrown as Error).message.replace(/^./, (letter) => letter.toUpperCase());
    throw new InputError("usage", [
      `--timezone: "${timezone}" is not a valid time zone. Expected an IANA name such as UTC or Europe/Zurich. ${reason}.`,
    ]);
  }
}

/**
 * Returns an instant as local time with its offset: `2025-12-31 23:00:00 +01:00`. In UTC it stays as it is. Milliseconds
 * are shown unless they are zero: as input, an earlier time would not find a snapshot that was completed then.
 */
export function localTime(instant: string, timezone: string): string {
  if (timezone === "UTC") return instant;
  const time = DateTime.fromISO(instant, { zone: timezone });
  return time.toFormat(time.millisecond === 0 ? "yyyy-MM-dd HH:mm:ss ZZ" : "yyyy-MM-dd HH:mm:ss.SSS ZZ");
}
