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

/** The search covers 28 years from 2024, after which the combinations of dates and weekdays repeat. */
const FIRST_DAY = Date.UTC(2024, 0, 1);
const NUMBER_OF_DAYS = 28 * 365.25;

/**
 * Returns the longest time from a slot to the second slot after it, in seconds, for example over a weekend. An account
 * whose last snapshot is older has missed two slots.
 *
 * The result is in local time and never too short: days given by `L`, `W` or `#` are ignored, which only lengthens the
 * gaps. It is infinite if that leaves fewer than three days.
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
  const slotDays = matchingDays(days);

  // The gaps depend only on the distances between three consecutive days, and few distinct combinations occur.
  const distances = new Map<string, readonly number[]>();
  for (const [i, third] of slotDays.slice(2).entries()) {
    const [first = 0, second = 0] = slotDays.slice(i, i + 2);
    distances.set(`${second - first} ${third - first}`, [0, second - first, third - first]);
  }
  const longest = [...distances.values()].map((run) => {
    const slots = run.flatMap((day) => times.map((time) => day * DAY + time));
    return Math.max(...slots.slice(2).map((slot, i) => slot - (slots[i] ?? 0)));
  });
  return longest.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...longest);
}

/** Returns the days on which a schedule has slots, as day numbers since FIRST_DAY. */
function matchingDays([dayOfMonth = "", month = "", dayOfWeek = "", year = ""]: readonly string[]): number[] {
  const months = new Set(values(MONTH, month));
  const years = new Set(values(YEAR, year));
  const dates = new Set(dayOfMonth === "?" ? [] : values(DAY_OF_MONTH, dayOfMonth));
  const weekdays = new Set(dayOfWeek === "?" ? [] : values(DAY_OF_WEEK, dayOfWeek));
  return Array.from({ length: NUMBER_OF_DAYS }, (_, day) => day).filter((day) => {
    const at = new Date(FIRST_DAY + day * DAY * 1000);
    const matches = dates.has(at.getUTCDate()) || weekdays.has(at.getUTCDay() + 1);
    return matches && months.has(at.getUTCMonth() + 1) && years.has(at.getUTCFullYear());
  });
}
