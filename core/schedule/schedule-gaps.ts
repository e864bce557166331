import {
  DAY_OF_MONTH,
  DAY_OF_WEEK,
  HOURS,
  MINUTES,
  MONTH,
  schedulePeriodSeconds,
  values,
  YEAR,
} from "./schedule-period.ts";

const DAY = 86_400;

/** Days are looked through from 2024 on: in 28 years every date has been on every weekday. */
const FIRST_DAY = Date.UTC(2024, 0, 1);
const DAYS = 28 * 365.25;

/**
 * The longest time in which a schedule has two slots, in seconds: from a slot to the second one after it, at its
 * longest, as over a weekend. Whoever waits longer than this has missed two slots.
 *
 * By the clock on the wall, and never too short: days that are given by `L`, `W` or `#` beside others are passed over,
 * which only makes gaps longer. Infinite where they leave fewer than three days.
 *
 * @throws {RangeError} as `schedulePeriodSeconds` does
 */
export function twoPeriodsSeconds(expression: string): number {
  const shortest = schedulePeriodSeconds(expression);
  const cron = /^cron\((.*)\)$/.exec(expression);
  if (cron === null) return 2 * shortest;
  const [minutes = "", hours = "", ...days] = (cron[1] ?? "").trim().split(/\s+/);
  const times = [
    ...new Set(values(HOURS, hours).flatMap((h) => values(MINUTES, minutes).map((m) => h * 3600 + m * 60))),
  ].sort((a, b) => a - b);
  const on = matchingDays(days);

  // Gaps are made by the distances of three days in a row alone, of which there are few different ones.
  const distances = new Map<string, readonly number[]>();
  for (const [i, third] of on.slice(2).entries()) {
    const [first = 0, second = 0] = on.slice(i, i + 2);
    distances.set(`${second - first} ${third - first}`, [0, second - first, third - first]);
  }
  const longest = [...distances.values()].map((run) => {
    const slots = run.flatMap((day) => times.map((time) => day * DAY + time));
    return Math.max(...slots.slice(2).map((slot, i) => slot - (slots[i] ?? 0)));
  });
  return longest.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...longest);
}

/** The days on which a schedule has slots, counted from the first one that is looked at. */
function matchingDays([dayOfMonth = "", month = "", dayOfWeek = "", year = ""]: readonly string[]): number[] {
  const months = new Set(values(MONTH, month));
  const years = new Set(values(YEAR, year));
  const dates = new Set(dayOfMonth === "?" ? [] : values(DAY_OF_MONTH, dayOfMonth));
  const weekdays = new Set(dayOfWeek === "?" ? [] : values(DAY_OF_WEEK, dayOfWeek));
  return Array.from({ length: DAYS }, (_, day) => day).filter((day) => {
    const at = new Date(FIRST_DAY + day * DAY * 1000);
    const named = dates.has(at.getUTCDate()) || weekdays.has(at.getUTCDay() + 1);
    return named && months.has(at.getUTCMonth() + 1) && years.has(at.getUTCFullYear());
  });
}
