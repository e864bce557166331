import { type CronExpression, parseCron } from "./cron-expression.ts";
import { WallClock } from "./wall-clock.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The days that are examined: 28 years, after which the combinations of dates and weekdays repeat. */
const FIRST_DAY = Date.UTC(2024, 0, 1);
const NUMBER_OF_DAYS = 28 * 365.25;
/** Enough for every combination of the days of a week, and for every change of the clocks, if every week is the same. */
const NUMBER_OF_DAYS_OF_WEEKLY = { inUtc: 21, elsewhere: 4 * 365 };

interface Periods {
  readonly shortestSeconds: number;
  readonly longestTwoSeconds: number;
}

/** The results, because the stack asks for the same schedule again and again. */
const known = new Map<string, Periods>();

/**
 * Returns the shortest time between two slots, in seconds, which is the maximum lateness limit. It is infinite for a
 * schedule with a single slot.
 * @throws {RangeError} if the expression is not valid, or has no slot
 */
export function schedulePeriodSeconds(expression: string, timezone: string): number {
  return periodsOf(expression, timezone).shortestSeconds;
}

/**
 * Returns the lateness limit that applies by default, in seconds: the shortest period, at most a day. A weekly balance
 * that is read days later surprises its readers, so only a setting allows that.
 */
export function defaultLatenessSeconds(expression: string, timezone: string): number {
  return Math.min(schedulePeriodSeconds(expression, timezone), DAY_MS / 1000);
}

/**
 * Returns the longest time from a slot to the second slot after it, in seconds, for example over a weekend. An account
 * whose last snapshot is older has missed two slots. It is infinite if the schedule has slots on fewer than three days.
 * @throws {RangeError} as `schedulePeriodSeconds` does
 */
export function twoPeriodsSeconds(expression: string, timezone: string): number {
  return periodsOf(expression, timezone).longestTwoSeconds;
}

function periodsOf(expression: string, timezone: string): Periods {
  const key = `${expression} ${timezone}`;
  const periods = known.get(key) ?? computePeriods(parseCron(expression), timezone);
  known.set(key, periods);
  return periods;
}

function computePeriods({ days, times }: CronExpression, timezone: string): Periods {
  const clock = new WallClock(timezone);
  const slotAt = (day: number, time: number) => clock.slotAt(day + time * MINUTE_MS);
  const slotsOf = (day: number) => times.map((time) => slotAt(day, time)).filter((slot) => slot !== undefined);
  const weekly = timezone === "UTC" ? NUMBER_OF_DAYS_OF_WEEKLY.inUtc : NUMBER_OF_DAYS_OF_WEEKLY.elsewhere;
  const numberOfDays = days.recurWeekly ? weekly : NUMBER_OF_DAYS;
  const slotDays = Array.from({ length: numberOfDays }, (_, n) => FIRST_DAY + n * DAY_MS)
    .filter((day) => days.matches(day))
    // The clocks may skip the only slot of a day.
    .filter((day) => isUniform(clock, day) || times.some((time) => slotAt(day, time) !== undefined));
  if (slotDays.length === 0) throw new RangeError("no day matches from 2024 to 2051");

  let [shortest, longestTwo] = [Number.POSITIVE_INFINITY, 0];
  for (const run of distinctRuns(clock, slotDays)) {
    const slots = run.flatMap(slotsOf);
    for (const [n, slot] of slots.entries()) {
      shortest = Math.min(shortest, (slots[n + 1] ?? Number.POSITIVE_INFINITY) - slot);
      longestTwo = Math.max(longestTwo, (slots[n + 2] ?? slot) - slot);
    }
  }
  return {
    shortestSeconds: shortest / 1000,
    longestTwoSeconds: slotDays.length < 3 ? Number.POSITIVE_INFINITY : longestTwo / 1000,
  };
}

/**
 * Returns the runs of three consecutive slot days, without those whose slots have the same distances: the days have the
 * same distances, and the clocks change in the same way.
 */
function distinctRuns(clock: WallClock, days: readonly number[]): Iterable<readonly number[]> {
  if (days.length < 3) return [days];
  const runs = new Map<string, readonly number[]>();
  for (let n = 0; n + 3 <= days.length; n++) {
    const run = days.slice(n, n + 3);
    const [first = 0] = run;
    const [offset] = clock.offsetsAround(first);
    const signature = run.flatMap((day) => [day - first, ...clock.offsetsAround(day).map((other) => other - offset)]);
    runs.set(signature.join(), run);
  }
  return runs.values();
}

function isUniform(clock: WallClock, day: number): boolean {
  const [before, , , after] = clock.offsetsAround(day);
  return before === after;
}
