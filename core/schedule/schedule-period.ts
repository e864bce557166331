/**
 * The shortest time between two slots of a schedule, and with it the greatest lateness at which a balance may
 * still be sold as its slot's. Expressions are those of EventBridge Scheduler:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */

const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;
const MINUTES_A_DAY = 24 * 60;

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * A field of a cron expression. `special` are the forms that only it knows (`L`, `W`, `#`). Where values have names
 * a range may wrap, as FRI-MON does.
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
 * The shortest time between two invocations, in seconds.
 *
 * A rate is its own period. For `cron(…)` it is the shortest gap within one day that repeats, by the minutes and
 * hours alone: the other fields leave days out, which only makes gaps longer. So it is a lower bound, of at most
 * 24 hours, and by the clock on the wall: in the night when clocks go forward a gap is up to an hour shorter.
 *
 * @throws {RangeError} whose message says what is wrong with the expression.
 */
export function schedulePeriodSeconds(expression: string): number {
  const rate = /^rate\(([1-9]\d{0,5}) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) return ratePeriod(Number(rate[1]), rate[2] as keyof typeof SECONDS, rate[3] === "s");
  const cron = /^cron\((.*)\)$/.exec(expression);
  if (cron !== null) return cronPeriod((cron[1] ?? "").trim().split(/\s+/));
  if (expression.startsWith("at(")) throw new RangeError("a one-time schedule keeps no history");
  throw new RangeError("it is neither rate(value unit) nor cron(minutes hours day-of-month month day-of-week year)");
}

function ratePeriod(value: number, unit: keyof typeof SECONDS, plural: boolean): number {
  if (plural !== value > 1) {
    throw new RangeError(`AWS writes it rate(${value} ${unit}${plural ? "" : "s"})`);
  }
  return value * SECONDS[unit];
}

function cronPeriod(fields: readonly string[]): number {
  const [minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if (fields.length !== 6) {
    throw new RangeError("cron takes six fields: minutes hours day-of-month month day-of-week year");
  }
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new RangeError("exactly one of day-of-month and day-of-week is ?");
  }
  if (dayOfMonth === "?") values(DAY_OF_WEEK, dayOfWeek);
  else values(DAY_OF_MONTH, dayOfMonth);
  values(MONTH, month);
  values(YEAR, year);

  const fires = values(HOURS, hours).flatMap((hour) => values(MINUTES, minutes).map((minute) => hour * 60 + minute));
  const ordered = [...new Set(fires)].sort((a, b) => a - b);
  const gaps = ordered.map((at, i) => (ordered[i + 1] ?? (ordered[0] ?? 0) + MINUTES_A_DAY) - at);
  return Math.min(...gaps) * 60;
}

/** The values that a field names; none for its special forms, which only the days have. @throws {RangeError} */
export function values(field: Field, text: string): number[] {
  return text.split(",").flatMap((part) => {
    if (field.special?.test(part)) return [];
    const [range = "", step, more] = part.split("/");
    const ends = range === "*" ? [field.min, field.max] : range.split("-").map((end) => value(field, end));
    const [from = Number.NaN, to, rest] = ends;
    // "10/15" starts at 10 and goes on to the end.
    const last = to ?? (step === undefined ? from : field.max);
    const stride = step === undefined ? 1 : /^[1-9]\d*$/.test(step) ? Number(step) : Number.NaN;
    const inOrder = from <= last || (field.names !== undefined && from > last);
    if (more !== undefined || rest !== undefined || !inOrder || !(stride <= field.max - field.min + 1)) {
      throw new RangeError(`its ${field.name} "${part}" is none of ${field.min}-${field.max}, * , - or /`);
    }
    const span = field.max - field.min + 1;
    const length = Math.floor(((last - from + span) % span) / stride) + 1;
    return Array.from({ length }, (_, i) => field.min + ((from - field.min + i * stride) % span));
  });
}

/** One value of a field, by number or by name; not a number if it is neither, so that every comparison fails. */
function value(field: Field, text: string): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const number = named >= 0 ? named + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return number >= field.min && number <= field.max ? number : Number.NaN;
}
