/**
 * Parses EventBridge Scheduler expressions and computes the shortest time between two slots, which is the maximum
 * lateness limit:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */

const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;
const MINUTES_PER_DAY = 24 * 60;

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * A field of a cron expression. `special` matches the forms that only this field accepts (`L`, `W`, `#`). Ranges of
 * fields with named values may wrap around, such as FRI-MON.
 */
export interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
  readonly special?: RegExp;
}

export const MINUTES: Field = { name: "minutes", min: 0, max: 59 };
export const HOURS: Field = { name: "hours", min: 0, max: 23 };
export const DAY_OF_MONTH: Field = {
  name: "day of month",
  min: 1,
  max: 31,
  special: /^(L|LW|L-([1-9]|[12]\d|30)|([1-9]|[12]\d|3[01])W)$/i,
};
export const MONTH: Field = { name: "month", min: 1, max: 12, names: MONTHS };
export const DAY_OF_WEEK: Field = {
  name: "day of week",
  min: 1,
  max: 7,
  names: WEEKDAYS,
  special: new RegExp(`^(L|([1-7]|${WEEKDAYS.join("|")})(L|#[1-5]))$`, "i"),
};
export const YEAR: Field = { name: "year", min: 1970, max: 2199 };

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
  const cron = /^cron\((.*)\)$/.exec(expression);
  if (cron !== null) return cronPeriod((cron[1] ?? "").trim().split(/\s+/));
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

  const times = values(HOURS, hours).flatMap((hour) => values(MINUTES, minutes).map((minute) => hour * 60 + minute));
  const ordered = [...new Set(times)].sort((a, b) => a - b);
  const gaps = ordered.map((at, i) => (ordered[i + 1] ?? (ordered[0] ?? 0) + MINUTES_PER_DAY) - at);
  return Math.min(...gaps) * 60;
}

/**
 * Returns the values that a field matches, without those of its special forms.
 * @throws {RangeError} if the field is not valid
 */
export function values(field: Field, text: string): number[] {
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
