import { DateTime, type DateTimeUnit } from "luxon";
import { InputError } from "../../core/domain/errors.ts";
import { END_OF_TIME } from "../../core/history/as-of.ts";
import { parseEvery } from "../../core/history/steps.ts";

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

/** The first moment of the year 0. Slots of other years than four digits write sort as no time does. */
const BEGINNING_OF_TIME = Date.parse("0000-01-01T00:00:00.000Z");

const DAY_MS = 86_400_000;

/** An offset, or a zone in brackets, behind a time. */
const OFFSET = /(Z|[+-]\d\d(:?\d\d)?|\])$/i;

/**
 * A moment: an instant (`2025-12-31T23:00:00Z`; without an offset in the time zone), a day, a month or a year
 * (`2025-12-31`, `2025-12`, `2025`), `now`, or how long ago (`-30d`, `-12h`, `-1y`). Of a time that the wall shows twice, as
 * the clocks go back, the first is a start and the last an end.
 * @returns milliseconds since 1970, of the years 0 to 9998; what is earlier or later than that is their start or end
 * @throws InputError that names the option and the forms that there are
 */
export function parseMoment(text: string, context: MomentContext): number {
  return Math.min(Math.max(readMoment(text, context), BEGINNING_OF_TIME), END_OF_TIME);
}

function readMoment(text: string, { option, edge, timezone, now }: MomentContext): number {
  if (text === "now") return now;
  const ago = text.startsWith("-") ? parseEvery(text.slice(1)) : undefined;
  if (ago !== undefined)
    return DateTime.fromMillis(now, { zone: timezone })
      .minus({ [ago.unit]: ago.count })
      .toMillis();
  const unit = DATES.find(([form]) => form.test(text))?.[1];
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  // As if the wall were in UTC, unless the text says where it is.
  const wall = unit !== undefined || isInstant ? DateTime.fromISO(text, { zone: "utc" }) : undefined;
  if (wall?.isValid !== true) {
    throw new InputError("usage", [
      `${option}: "${text}" is no moment. Give a date (2025-12-31), an instant (2025-12-31T23:00:00Z), or how long ago (-30d, -12h, -15min).`,
    ]);
  }
  if (unit !== undefined) {
    return edge === "start" ? Math.min(...momentsOf(wall, timezone)) : lastBefore(wall.plus({ [unit]: 1 }), timezone);
  }
  if (OFFSET.test(text)) return wall.toMillis();
  return edge === "start" ? Math.min(...momentsOf(wall, timezone)) : Math.max(...momentsOf(wall, timezone));
}

/**
 * The one or two moments at which the wall shows a time; of a time that the clocks jump over, the moment after it. By itself
 * luxon chooses by the offset that the zone has today, and is an hour off where that is none of the two.
 */
function momentsOf(wall: DateTime, timezone: string): number[] {
  const local = wall.toMillis();
  const [before, after] = [local - DAY_MS, local + DAY_MS].map((ms) => offsetAt(ms, timezone)) as [number, number];
  const found = [before, after].map((offset) => local - offset).filter((ms) => ms + offsetAt(ms, timezone) === local);
  return found.length > 0 ? found : [local - before];
}

/**
 * The last moment at which the wall shows less than a midnight. Of two midnights that is before the first, if the clocks went
 * back to it from 1:00, or before the second, if they went back from 0:01 to the evening before.
 */
function lastBefore(midnight: DateTime, timezone: string): number {
  const ends = momentsOf(midnight, timezone).map((ms) => ms - 1);
  return Math.max(...ends.filter((ms) => ms + offsetAt(ms, timezone) < midnight.toMillis()));
}

/** Milliseconds by which the wall is ahead of UTC. */
function offsetAt(ms: number, timezone: string): number {
  return DateTime.fromMillis(ms, { zone: timezone }).offset * 60_000;
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
