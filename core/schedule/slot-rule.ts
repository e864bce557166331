import { StoreError } from "../domain/errors.ts";
import type { Schedule, ScheduleVersion, SlotRange } from "../domain/history-source.ts";
import { printable } from "../domain/untrusted-text.ts";
import { type CronExpression, parseCron } from "./cron-expression.ts";
import { checkTimeZone } from "./time-zone.ts";
import { startOfDay, WallClock } from "./wall-clock.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The slots of a schedule. All times are milliseconds since 1970. */
export class SlotRule {
  readonly #cron: CronExpression;
  readonly #clock: WallClock;

  /** @throws {RangeError} if the expression is not valid; the time zone has to be known */
  constructor({ expression, timezone }: Schedule) {
    this.#cron = parseCron(expression);
    this.#clock = new WallClock(timezone);
  }

  /** Returns the time from the last slot at or before `at` to the next one, or from one slot to another nearest to it. */
  periodMs(at: number): number {
    const [last, penultimate] = take(2, this.upTo(at));
    const [next, second] = take(2, this.after(at));
    if (last !== undefined && next !== undefined) return next - last;
    if (last !== undefined && penultimate !== undefined) return last - penultimate;
    return next !== undefined && second !== undefined ? second - next : 0;
  }

  /** Returns the time since the penultimate slot at or before `at`, in ms. An older snapshot has missed a slot. */
  ageOfPenultimateSlotMs(at: number): number {
    const [, penultimate = at] = take(2, this.upTo(at));
    return at - penultimate;
  }

  /** Yields the slots between two times, both excluded, in ascending order. */
  *between(from: number, to: number): Generator<number> {
    for (const slot of this.after(from)) {
      if (slot >= to) return;
      yield slot;
    }
  }

  /** Yields the slots after a time, in ascending order. */
  *after(from: number): Generator<number> {
    const { days, times } = this.#cron;
    const before = startOfDay(this.#clock.wallTimeOf(from)) - DAY_MS;
    for (let day = days.next(before); day !== undefined; day = days.next(day)) {
      for (const slot of this.#slotsOf(day, times)) if (slot > from) yield slot;
    }
  }

  /** Yields the slots at or before a time, in descending order. */
  *upTo(to: number): Generator<number> {
    const { days, times } = this.#cron;
    const descending = times.toReversed();
    // When the clocks are set back, slots that have passed can have a later local time, even on the next day.
    const after = startOfDay(this.#clock.wallTimeOf(to)) + 2 * DAY_MS;
    for (let day = days.previous(after); day !== undefined; day = days.previous(day)) {
      for (const slot of this.#slotsOf(day, descending)) if (slot <= to) yield slot;
    }
  }

  *#slotsOf(day: number, times: readonly number[]): Generator<number> {
    for (const time of times) {
      const slot = this.#clock.slotAt(day + time * MINUTE_MS);
      if (slot !== undefined) yield slot;
    }
  }
}

/** The rules of schedules, which are few: a reader asks for the same one at every record. */
const rules = new Map<string, SlotRule>();

/**
 * Returns the slots of a schedule that is stored in the table or deployed in AWS.
 * @throws StoreError `schedule_invalid` or `time_zone_unknown`: without either, the slots are unknown
 */
export function slotRule(schedule: Schedule): SlotRule {
  const name = JSON.stringify([schedule.expression, schedule.timezone]);
  const rule = rules.get(name) ?? newSlotRule(schedule);
  rules.set(name, rule);
  return rule;
}

function newSlotRule(schedule: Schedule): SlotRule {
  const [expression, timezone] = [printable(schedule.expression), printable(schedule.timezone)];
  try {
    checkTimeZone(schedule.timezone);
  } catch (thrown) {
    throw new StoreError(
      "time_zone_unknown",
      `The schedule ${expression} has the time zone "${timezone}", which cannot be used: ${reason(thrown)}.`,
      { suggestedFix: `Use a newer version of Node.js. ${OTHER_SCHEDULE}`, cause: thrown },
    );
  }
  try {
    return new SlotRule(schedule);
  } catch (thrown) {
    throw new StoreError(
      "schedule_invalid",
      `The schedule "${expression}" is not valid, so its slots are unknown: ${reason(thrown)}.`,
      { suggestedFix: `Deploy a valid schedule. ${OTHER_SCHEDULE}`, cause: thrown },
    );
  }
}

const OTHER_SCHEDULE = "Commands that read the history accept another schedule with --schedule and --timezone.";

/**
 * Returns the longest period, in milliseconds, of the schedules that affect a time range: those in force during the
 * range, and those whose last slots could be completed in it. Returns 0 without a schedule.
 * @param schedules oldest first; the first one is assumed to have been in force before its `since`, too
 */
export function longestPeriod(schedules: readonly ScheduleVersion[], { from, to }: SlotRange): number {
  const periods = schedules.map((version, at) => {
    const next = schedules[at + 1];
    const periodMs = slotRule(version).periodMs(to);
    const affectsRange =
      (at === 0 || Date.parse(version.since) <= to) &&
      (next === undefined || Date.parse(next.since) + periodMs >= from);
    return affectsRange ? periodMs : 0;
  });
  return Math.max(0, ...periods);
}

function reason(thrown: unknown): string {
  return printable((thrown as Error).message);
}

function take(count: number, slots: Iterable<number>): number[] {
  const taken: number[] = [];
  for (const slot of slots) {
    taken.push(slot);
    if (taken.length === count) break;
  }
  return taken;
}
