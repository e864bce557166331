import { Cron } from "croner";
import { StoreError } from "../domain/errors.ts";
import type { Schedule, ScheduleVersion, SlotRange } from "../domain/history-source.ts";
import { SECONDS, WEEKDAYS } from "./schedule-period.ts";
import { checkTimeZone } from "./time-zone.ts";

/** Computes the slots of a schedule. */
export interface SlotRule {
  /** Whether `between` needs a known slot: a `rate(…)` counts from its deployment, whose time is unknown. */
  readonly anchored: boolean;
  /** Returns the time from the last slot at or before `at` to the next one, in milliseconds. */
  periodMs(at: number): number;
  /** Returns the time since the penultimate slot at or before `at`, in ms. An older snapshot has missed a slot. */
  ageOfPenultimateSlotMs(at: number): number;
  /**
   * Yields the slots between two times, both excluded, in ascending order. All times are milliseconds since 1970.
   * @param anchor a known slot; ignored unless the rule is anchored
   */
  between(from: number, to: number, anchor: number): Iterable<number>;
}

/**
 * Returns the rule for an EventBridge Scheduler expression, or `undefined` if the expression is not valid.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 * @throws StoreError `time_zone_unknown` for a `cron(…)` in a time zone that this Node.js does not know
 */
export function slotRule({ expression, timezone }: Schedule): SlotRule | undefined {
  const text = expression.trim();
  if (text.startsWith("cron(")) assertKnownTimeZone(text, timezone);
  try {
    // Unlike the stack, AWS accepts `rate(1 hours)`.
    const rate = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(text);
    if (rate !== null) return rateRule(Number(rate[1]) * SECONDS[rate[2] as keyof typeof SECONDS] * 1000);
    const cron = /^cron\((.*)\)$/.exec(text);
    return cron === null ? undefined : cronRule(cron[1] ?? "", timezone);
  } catch {
    return undefined;
  }
}

/** A schedule comes from the table or from AWS, which may know newer time zones: without its zone, its slots are unknown. */
function assertKnownTimeZone(expression: string, timezone: string): void {
  try {
    checkTimeZone(timezone);
  } catch (thrown) {
    const reason = (thrown as Error).message;
    throw new StoreError(
      "time_zone_unknown",
      `The schedule ${expression} has the time zone "${timezone}", which cannot be used: ${reason}.`,
      {
        suggestedFix:
          "Use a newer version of Node.js. " +
          "Commands that read the history accept another schedule with --schedule and --timezone.",
        cause: thrown,
      },
    );
  }
}

/**
 * Returns the longest period, in milliseconds, of the schedules that affect a time range: those in force during the
 * range, and those whose last slots could be captured in it. Returns 0 without a schedule.
 * @param schedules oldest first; the first one is assumed to have been in force before its `since`, too
 */
export function longestPeriod(schedules: readonly ScheduleVersion[], { from, to }: SlotRange): number {
  const periods = schedules.map((version, at) => {
    const next = schedules[at + 1];
    const periodMs = slotRule(version)?.periodMs(to) ?? 0;
    const affectsRange =
      (at === 0 || Date.parse(version.since) <= to) &&
      (next === undefined || Date.parse(next.since) + periodMs >= from);
    return affectsRange ? periodMs : 0;
  });
  return Math.max(0, ...periods);
}

function rateRule(periodMs: number): SlotRule {
  return {
    anchored: true,
    periodMs: () => periodMs,
    ageOfPenultimateSlotMs: () => 2 * periodMs,
    *between(from, to, anchor) {
      const first = anchor + (Math.floor((from - anchor) / periodMs) + 1) * periodMs;
      for (let slot = first; slot < to; slot += periodMs) yield slot;
    },
  };
}

function cronRule(fields: string, timezone: string): SlotRule {
  const { pattern, dayOffset } = readFields(fields);
  const cron = new Cron(pattern, { timezone, dayOffset, alternativeWeekdays: true, sloppyRanges: true, paused: true });
  const after = (ms: number): number | undefined => {
    let next = cron.nextRun(new Date(ms));
    // If daylight saving time skips a local time, the library returns the next valid time, but EventBridge skips the slot.
    while (next !== null && dayOffset === 0 && !cron.match(next)) next = cron.nextRun(next);
    return next?.getTime();
  };
  const before = (at: number, count: number) =>
    cron.previousRuns(count, new Date(at + 1)).map((slot) => slot.getTime());
  return {
    anchored: false,
    periodMs: (at) => {
      const [last] = before(at, 1);
      const next = after(at);
      return last === undefined || next === undefined ? 0 : next - last;
    },
    ageOfPenultimateSlotMs: (at) => at - (before(at, 2)[1] ?? at),
    *between(from, to) {
      for (let slot = after(from); slot !== undefined && slot < to; slot = after(slot)) yield slot;
    },
  };
}

/** Translates AWS's six fields for the library: seconds first, no ranges that wrap around, `L-2` as a day offset. */
function readFields(fields: string): { pattern: string; dayOffset: number } {
  const [minute, hour, dayOfMonth = "", month, dayOfWeek = "", year, ...rest] = fields.trim().split(/\s+/);
  if (year === undefined || rest.length > 0) throw new RangeError("a cron expression requires six fields");
  const fromLast = /^L-(\d+)$/.exec(dayOfMonth)?.[1];
  const days = dayOfWeek
    .toUpperCase()
    .replace(/[A-Z]{3}/g, (name) => String(WEEKDAYS.indexOf(name) + 1))
    .replace(/^L$/, "7")
    .replace(/(\d)-(\d)/g, (range, from, to) => (from > to ? `${from}-7,1-${to}` : range));
  const pattern = ["0", minute, hour, fromLast === undefined ? dayOfMonth : "L", month, days, year].join(" ");
  return { pattern, dayOffset: -Number(fromLast ?? 0) };
}
