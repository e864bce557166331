const DAY_MS = 86_400_000;
/** The calendar repeats after this time, weekdays included. */
const CALENDAR_YEARS = 400;

/** A day on the calendar. Months count from 1, weekdays from 1 for Sunday. */
export interface CalendarDay {
  readonly date: number;
  readonly weekday: number;
  /** The number of days of the month. */
  readonly lastDate: number;
}

/** The days of a schedule. Of months and years, `undefined` means all. */
export interface DayPattern {
  readonly months: ReadonlySet<number> | undefined;
  readonly years: ReadonlySet<number> | undefined;
  /** Returns whether a day of these months matches. */
  readonly matches: (day: CalendarDay) => boolean;
  /** The slots are this number of days before the days that match. */
  readonly daysBefore: number;
  /** Whether only the weekday decides whether a day of these months matches. */
  readonly byWeekday: boolean;
}

/**
 * The days on which a schedule has slots. A day is its midnight on the calendar, as if the time zone were UTC, in
 * milliseconds since 1970.
 */
export class SlotDays {
  readonly #pattern: DayPattern;
  readonly #offsetMs: number;
  /** Whether the days of every week are the same. */
  readonly recurWeekly: boolean;

  constructor(pattern: DayPattern) {
    this.#pattern = pattern;
    this.#offsetMs = pattern.daysBefore * DAY_MS;
    this.recurWeekly = pattern.byWeekday && pattern.months === undefined && pattern.years === undefined;
  }

  matches(day: number): boolean {
    const { months, years, matches } = this.#pattern;
    const at = new Date(day + this.#offsetMs);
    const isInMonth = years?.has(at.getUTCFullYear()) !== false && months?.has(at.getUTCMonth() + 1) !== false;
    return isInMonth && matches(calendarDay(at));
  }

  /** Returns the first slot day after a day. */
  next(day: number): number | undefined {
    return this.#find(day, 1);
  }

  /** Returns the last slot day before a day. */
  previous(day: number): number | undefined {
    return this.#find(day, -1);
  }

  #find(day: number, step: 1 | -1): number | undefined {
    const { months, years, matches } = this.#pattern;
    const at = new Date(day + this.#offsetMs + step * DAY_MS);
    const start = at.getUTCFullYear();
    const [last = start + step * CALENDAR_YEARS] = years === undefined ? [] : [extremeOf(years, step)];
    while ((last - at.getUTCFullYear()) * step >= 0) {
      const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
      if (years?.has(year) === false) {
        // To the first day of the next year, or to the last one of the previous year.
        at.setUTCFullYear(step > 0 ? year + 1 : year, 0, step > 0 ? 1 : 0);
      } else if (months?.has(month + 1) === false) {
        at.setUTCFullYear(year, step > 0 ? month + 1 : month, step > 0 ? 1 : 0);
      } else {
        if (matches(calendarDay(at))) return at.getTime() - this.#offsetMs;
        at.setUTCDate(at.getUTCDate() + step);
      }
    }
    return undefined;
  }
}

function extremeOf(years: ReadonlySet<number>, step: 1 | -1): number {
  return step > 0 ? Math.max(...years) : Math.min(...years);
}

function calendarDay(at: Date): CalendarDay {
  const lastDate = new Date(0);
  lastDate.setUTCFullYear(at.getUTCFullYear(), at.getUTCMonth() + 1, 0);
  return { date: at.getUTCDate(), weekday: at.getUTCDay() + 1, lastDate: lastDate.getUTCDate() };
}

/** Returns whether a day is the weekday, Monday to Friday, that is nearest to a date of its month, in the same month. */
export function isNearestWeekday({ date, weekday, lastDate }: CalendarDay, wanted: number): boolean {
  if (wanted > lastDate) return false;
  // The weekday of the wanted date, from 0 for Saturday and 1 for Sunday.
  const wantedWeekday = (((weekday + wanted - date) % 7) + 7) % 7;
  if (wantedWeekday === 0) return date === (wanted === 1 ? 3 : wanted - 1);
  if (wantedWeekday === 1) return date === (wanted === lastDate ? wanted - 2 : wanted + 1);
  return date === wanted;
}
