import { Cron } from "croner";

const DAY_MS = 86_400_000;

/** The days of a schedule, in the notation of Croner: lists of numbers, or `L`, `W` and `#`. Sunday is 1. */
export interface DayPattern {
  readonly dayOfMonth: string;
  readonly month: string;
  readonly dayOfWeek: string;
  readonly year: string;
  /** The slots are this number of days before the days that match. */
  readonly daysBefore: number;
}

/**
 * The days on which a schedule has slots. A day is its midnight on the calendar, as if the time zone were UTC, in
 * milliseconds since 1970. Croner runs in UTC, because its rules for daylight saving time differ from those of AWS.
 */
export class SlotDays {
  readonly #cron: Cron;
  readonly #offsetMs: number;
  /** Whether the days of every week are the same. */
  readonly recurWeekly: boolean;

  constructor({ dayOfMonth, month, dayOfWeek, year, daysBefore }: DayPattern) {
    const pattern = ["0 0 0", dayOfMonth, month, dayOfWeek, year].join(" ");
    this.#cron = new Cron(pattern, { utcOffset: 0, alternativeWeekdays: true, paused: true });
    this.#offsetMs = daysBefore * DAY_MS;
    this.recurWeekly = [dayOfMonth, month, year].every((field) => field === "*") && !/[L#]/i.test(dayOfWeek);
  }

  matches(day: number): boolean {
    return this.#cron.match(new Date(day + this.#offsetMs));
  }

  /** Returns the first slot day after a day. */
  next(day: number): number | undefined {
    // Croner takes 20 times as long to find the next day as to check one.
    if (this.matches(day + DAY_MS)) return day + DAY_MS;
    const found = this.#cron.nextRun(new Date(day + this.#offsetMs));
    return found === null ? undefined : found.getTime() - this.#offsetMs;
  }

  /** Returns the last slot day before a day. */
  previous(day: number): number | undefined {
    if (this.matches(day - DAY_MS)) return day - DAY_MS;
    const [found] = this.#cron.previousRuns(1, new Date(day + this.#offsetMs));
    return found === undefined ? undefined : found.getTime() - this.#offsetMs;
  }
}
