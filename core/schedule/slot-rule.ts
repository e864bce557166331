import { Cron } from "croner";
import type { Schedule, ScheduleVersion, SlotRange } from "../domain/history.ts";

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** A schedule whose slots can be told. */
export interface SlotRule {
  /** A `rate(…)` counts from the moment it was deployed, which no one else knows: from a slot that is known. */
  readonly anchored: boolean;
  /** The time from the last slot at or before `at` to the next one. */
  periodMs(at: number): number;
  /** The time since the last slot but one at or before `at`: who is older than that missed a slot. */
  ageOfPenultimateSlotMs(at: number): number;
  /**
   * The slots between two moments, both excluded, ascending. Milliseconds since 1970.
   * @param anchor a known slot, where the rule is anchored
   */
  between(from: number, to: number, anchor: number): Iterable<number>;
}

/**
 * The rule of a schedule's expression, as EventBridge Scheduler has it.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 * @returns `undefined` for an expression that is none
 */
export function slotRule({ expression, timezone }: Schedule): SlotRule | undefined {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression.trim());
  if (rate !== null) return rateRule(Number(rate[1]) * (UNIT_MS[rate[2] ?? ""] ?? 0));
  const cron = /^cron\((.*)\)$/.exec(expression.trim());
  try {
    return cron === null ? undefined : cronRule(cron[1] ?? "", timezone);
  } catch {
    return undefined;
  }
}

/**
 * The longest period that could make itself felt in a stretch of time: of a schedule that was in force in it, or whose last
 * slots could be captured in it. Milliseconds; 0 without a schedule.
 * @param schedules oldest first; the first is taken to have held before its `since`, too
 */
export function longestPeriod(schedules: readonly ScheduleVersion[], { from, to }: SlotRange): number {
  const felt = schedules.map((version, at) => {
    const next = schedules[at + 1];
    const periodMs = slotRule(version)?.periodMs(to) ?? 0;
    const isFelt =
      (at === 0 || Date.parse(version.since) <= to) &&
      (next === undefined || Date.parse(next.since) + periodMs >= from);
    return isFelt ? periodMs : 0;
  });
  return Math.max(0, ...felt);
}

function rateRule(periodMs: number): SlotRule | undefined {
  if (!(periodMs > 0)) return undefined;
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
    // A time that the clocks jump over: the library takes the next one that there is, EventBridge skips it.
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

const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** AWS's six fields as the library has them: seconds first; no range that goes round the end; `L-2` as an offset. */
function readFields(fields: string): { pattern: string; dayOffset: number } {
  const [minute, hour, dayOfMonth = "", month, dayOfWeek = "", year, ...rest] = fields.trim().split(/\s+/);
  if (year === undefined || rest.length > 0) throw new RangeError("a cron expression has six fields");
  const fromLast = /^L-(\d+)$/.exec(dayOfMonth)?.[1];
  const days = dayOfWeek
    .toUpperCase()
    .replace(/[A-Z]{3}/g, (name) => String(WEEKDAYS.indexOf(name) + 1))
    .replace(/^L$/, "7")
    .replace(/(\d)-(\d)/g, (range, from, to) => (from > to ? `${from}-7,1-${to}` : range));
  const pattern = ["0", minute, hour, fromLast === undefined ? dayOfMonth : "L", month, days, year].join(" ");
  return { pattern, dayOffset: -Number(fromLast ?? 0) };
}
