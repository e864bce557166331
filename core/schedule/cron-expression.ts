import { refuseRate } from "./rate-suggestion.ts";
import { type DayPattern, isNearestWeekday, SlotDays } from "./slot-days.ts";

/**
 * Parses `cron(…)` expressions, as strictly as EventBridge Scheduler. The stack and the readers use this parser only:
 * what one of them accepts, the other one understands.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
export interface CronExpression {
  /** The local times of day of the slots, in minutes, in ascending order. */
  readonly times: readonly number[];
  readonly days: SlotDays;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** A field of a cron expression. Ranges of fields with named values may wrap around, such as FRI-MON. */
interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MINUTES: Field = { name: "minutes", min: 0, max: 59 };
const HOURS: Field = { name: "hours", min: 0, max: 23 };
const DAY_OF_MONTH: Field = { name: "day of month", min: 1, max: 31 };
const MONTH: Field = { name: "month", min: 1, max: 12, names: MONTHS };
const DAY_OF_WEEK: Field = { name: "day of week", min: 1, max: 7, names: WEEKDAYS };
const YEAR: Field = { name: "year", min: 1970, max: 2199 };

/** `L` is the last day of the month, `LW` the last weekday, `15W` the weekday nearest to the 15th. */
const SPECIAL_DAY_OF_MONTH = /^(L|LW|([1-9]|[12]\d|3[01])W)$/i;
/** Days before the last one. With more than 27, the day would be in another month in February. */
const BEFORE_LAST_DAY = /^L-([1-9]|1\d|2[0-7])$/i;
/** `6L` and `FRIL` are the last Friday of the month, `6#3` is the third one. */
const SPECIAL_DAY_OF_WEEK = new RegExp(`^([1-7]|${WEEKDAYS.join("|")})(L|#[1-5])$`, "i");

/** @throws {RangeError} with the reason, without a full stop, if the expression is not valid */
export function parseCron(expression: string): CronExpression {
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  if (fields === undefined) {
    refuseRate(expression);
    if (expression.startsWith("at(")) throw new RangeError("a one-time schedule records no history");
    throw new RangeError("not cron(minutes hours day-of-month month day-of-week year), such as cron(0 * * * ? *)");
  }
  const [minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if (fields.length !== 6) {
    throw new RangeError("cron requires six fields: minutes hours day-of-month month day-of-week year");
  }
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new RangeError("exactly one of day-of-month and day-of-week must be ?");
  }
  const minutesOfHour = valuesOf(MINUTES, minutes);
  return {
    times: valuesOf(HOURS, hours).flatMap((hour) => minutesOfHour.map((minute) => hour * 60 + minute)),
    days: new SlotDays({
      ...(dayOfMonth === "?" ? readDayOfWeek(dayOfWeek) : readDayOfMonth(dayOfMonth)),
      months: setOf(MONTH, month),
      years: setOf(YEAR, year),
    }),
  };
}

type Day = Pick<DayPattern, "matches" | "daysBefore" | "byWeekday">;

function readDayOfMonth(text: string): Day {
  const isLast: DayPattern["matches"] = ({ date, lastDate }) => date === lastDate;
  const ofMatch = (matches: DayPattern["matches"], daysBefore = 0) => ({ matches, daysBefore, byWeekday: false });
  const before = BEFORE_LAST_DAY.exec(text)?.[1];
  if (before !== undefined) return ofMatch(isLast, Number(before));
  if (!SPECIAL_DAY_OF_MONTH.test(text)) {
    const dates = setOf(DAY_OF_MONTH, text);
    if (dates === undefined) return { ...ofMatch(() => true), byWeekday: true };
    return ofMatch(({ date }) => dates.has(date));
  }
  if (/^L$/i.test(text)) return ofMatch(isLast);
  const wanted = Number.parseInt(text, 10);
  return ofMatch((day) => isNearestWeekday(day, Number.isNaN(wanted) ? day.lastDate : wanted));
}

function readDayOfWeek(text: string): Day {
  const [, name = "", occurrence = ""] = SPECIAL_DAY_OF_WEEK.exec(text) ?? [];
  if (name === "") {
    // The last day of the week is Saturday.
    const weekdays = /^L$/i.test(text) ? new Set([7]) : setOf(DAY_OF_WEEK, text);
    return { matches: ({ weekday }) => weekdays?.has(weekday) ?? true, daysBefore: 0, byWeekday: true };
  }
  const wanted = readValue(DAY_OF_WEEK, name);
  const week = Number(occurrence.slice(1));
  const isOccurrence: DayPattern["matches"] = ({ date, lastDate }) =>
    /^L$/i.test(occurrence) ? date + 7 > lastDate : Math.ceil(date / 7) === week;
  return { matches: (day) => day.weekday === wanted && isOccurrence(day), daysBefore: 0, byWeekday: false };
}

/** Returns the values of a field, or `undefined` for all. */
function setOf(field: Field, text: string): ReadonlySet<number> | undefined {
  const values = valuesOf(field, text);
  return values.length > field.max - field.min ? undefined : new Set(values);
}

/**
 * Returns the values that a field matches, in ascending order.
 * @throws {RangeError} if the field is not valid
 */
function valuesOf(field: Field, text: string): number[] {
  const values = text.split(",").flatMap((part) => {
    const [range = "", step, more] = part.split("/");
    const ends = range === "*" ? [field.min, field.max] : range.split("-").map((end) => readValue(field, end));
    const [from = Number.NaN, to, rest] = ends;
    // "10/15" starts at 10 and continues to the maximum.
    const last = to ?? (step === undefined ? from : field.max);
    const stride = step === undefined ? 1 : /^[1-9]\d*$/.test(step) ? Number(step) : Number.NaN;
    const span = field.max - field.min + 1;
    const inOrder = from <= last || (field.names !== undefined && from > last);
    if (more !== undefined || rest !== undefined || !inOrder || !(stride <= span)) {
      throw new RangeError(`${field.name} "${part}" is not valid; ${expected(field, part)}`);
    }
    const length = Math.floor(((last - from + span) % span) / stride) + 1;
    return Array.from({ length }, (_, i) => field.min + ((from - field.min + i * stride) % span));
  });
  return [...new Set(values)].sort((a, b) => a - b);
}

function expected(field: Field, part: string): string {
  const isSpecial = SPECIAL_DAY_OF_MONTH.test(part) || SPECIAL_DAY_OF_WEEK.test(part) || /^L/i.test(part);
  if (isSpecial && /day/.test(field.name))
    return "L, W and # cannot be in a list, and only W and L are for day of month";
  return `expected ${field.min}-${field.max}, *, - or /`;
}

/** Parses a number or a name. Returns NaN if it is neither, so that every comparison fails. */
function readValue(field: Field, text: string): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const number = named >= 0 ? named + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return number >= field.min && number <= field.max ? number : Number.NaN;
}
