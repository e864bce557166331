/**
 * Parses EventBridge Scheduler expressions. Computes the shortest time between two slots, which is the maximum lateness
 * limit, and the longest time from a slot to the second slot after it:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */

export const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;

/** The search for the longest time covers 28 years from 2024, after which the combinations of dates and weekdays repeat. */
const FIRST_DAY = Date.UTC(2024, 0, 1);
const NUMBER_OF_DAYS = 28 * 365.25;

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
export const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * A field of a cron expression. `special` matches the forms that only this field accepts (`L`, `W`, `#`). Ranges of
 * fields with named values may wrap around, such as FRI-MON.
 */
interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
  readonly special?: RegExp;
}

const MINUTES: Field = { name: "minutes", min: 0, max: 59 };
const HOURS: Field = { name: "hours", min: 0, max: 23 };
const DAY_OF_MONTH: Field = {
  name: "day of month",
  min: 1,
  max: 31,
  special: /^(L|LW|L-([1-9]|[12]\d|30)|([1-9]|[12]\d|3[01])W)$/i,
};
const MONTH: Field = { name: "month", min: 1, max: 12, names: MONTHS };
const DAY_OF_WEEK: Field = {
  name: "day of week",
  min: 1,
  max: 7,
  names: WEEKDAYS,
  special: new RegExp(`^(L|([1-7]|${WEEKDAYS.join("|")})(L|#[1-5]))$`, "i"),
};
const YEAR: Field = { name: "year", min: 1970, max: 2199 };

/**
 * Returns the shortest time between two slots, in seconds.
 *
 * For `cron(…)` it considers minutes and hours only, because the other fields skip days, which only lengthens gaps.
 * The result is therefore a lower bound of at most 24 hours. It is in local time: when daylight saving time begins, a
 * gap is up to an hour shorter.
 *
 * @throws {RangeError} if the expression is not valid
 */
export function schedulePeriodSeconds(expression: string): number {
  const rate = /^rate\(([1-9]\d{0,5}) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) return ratePeriod(Number(rate[1]), rate[2] as keyof typeof SECONDS, rate[3] === "s");
  const fields = cronFields(expression);
  if (fields !== undefined) return cronPeriod(fields);
  if (expression.startsWith("at(")) throw new RangeError("a one-time schedule records no history");
  throw new RangeError("neither rate(value unit) nor cron(minutes hours day-of-month month day-of-week year)");
}

function ratePeriod(value: number, unit: keyof typeof SECONDS, plural: boolean): number {
  if (plural !== value > 1) {
    throw new RangeError(`write rate(${value} ${unit}${plural ? "" : "s"})`);
  }
  return value * SECONDS[unit];
}

function cronPeriod(fields: readonly string[]): number {
  const [minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if (fields.length !== 6) {
    throw new RangeError("cron requires six fields: minutes hours day-of-month month day-of-week year");
  }
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new RangeError("exactly one of day-of-month and day-of-week must be ?");
  }
  if (dayOfMonth === "?") values(DAY_OF_WEEK, dayOfWeek);
  else values(DAY_OF_MONTH, dayOfMonth);
  values(MONTH, month);
  values(YEAR, year);

  const times = timesOfDay(minutes, hours);
  const gaps = times.map((at, i) => (times[i + 1] ?? (times[0] ?? 0) + SECONDS.day) - at);
  return Math.min(...gaps);
}

/** Returns the fields of a `cron(…)`, or `undefined` for any other expression. */
function cronFields(expression: string): readonly string[] | undefined {
  return /^cron\((.*)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
}

/** Returns the times of day at which a schedule has slots, in seconds, in ascending order. */
function timesOfDay(minutes: string, hours: string): readonly number[] {
  const times = values(HOURS, hours).flatMap((hour) => values(MINUTES, minutes).map((minute) => hour * 60 + minute));
  return [...new Set(times)].sort((a, b) => a - b).map((time) => time * 60);
}

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
  const fields = cronFields(expression);
  if (fields === undefined) return 2 * shortest;
  const [minutes = "", hours = "", ...days] = fields;
  const times = timesOfDay(minutes, hours);
  const slotDays = matchingDays(days);

  // The gaps depend only on the distances between three consecutive days, and few distinct combinations occur.
  const distances = new Map<string, readonly number[]>();
  for (const [i, third] of slotDays.slice(2).entries()) {
    const [first = 0, second = 0] = slotDays.slice(i, i + 2);
    distances.set(`${second - first} ${third - first}`, [0, second - first, third - first]);
  }
  const longest = [...distances.values()].map((run) => {
    const slots = run.flatMap((day) => times.map((time) => day * SECONDS.day + time));
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
    const at = new Date(FIRST_DAY + day * SECONDS.day * 1000);
    const matches = dates.has(at.getUTCDate()) || weekdays.has(at.getUTCDay() + 1);
    return matches && months.has(at.getUTCMonth() + 1) && years.has(at.getUTCFullYear());
  });
}

/**
 * Returns the values that a field matches, without those of its special forms.
 * @throws {RangeError} if the field is not valid
 */
function values(field: Field, text: string): number[] {
  return text.split(",").flatMap((part) => {
    if (field.special?.test(part)) return [];
    const [range = "", step, more] = part.split("/");
    const ends = range === "*" ? [field.min, field.max] : range.split("-").map((end) => value(field, end));
    const [from = Number.NaN, to, rest] = ends;
    // "10/15" starts at 10 and continues to the maximum.
    const last = to ?? (step === undefined ? from : field.max);
    const stride = step === undefined ? 1 : /^[1-9]\d*$/.test(step) ? Number(step) : Number.NaN;
    const inOrder = from <= last || (field.names !== undefined && from > last);
    if (more !== undefined || rest !== undefined || !inOrder || !(stride <= field.max - field.min + 1)) {
      throw new RangeError(`${field.name} "${part}" is not valid; expected ${field.min}-${field.max}, *, - or /`);
    }
    const span = field.max - field.min + 1;
    const length = Math.floor(((last - from + span) % span) / stride) + 1;
    return Array.from({ length }, (_, i) => field.min + ((from - field.min + i * stride) % span));
  });
}

/** Parses a number or a name. Returns NaN if it is neither, so that every comparison fails. */
function value(field: Field, text: string): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const number = named >= 0 ? named + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return number >= field.min && number <= field.max ? number : Number.NaN;
}
