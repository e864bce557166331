import { Cron } from "croner";
import type { Schedule } from "../domain/history.ts";

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** A schedule whose slots can be told. */
export interface SlotRule {
  /** The time from one slot to the next; of a `cron(…)`, from the first slot after `at` to the one after it. */
  periodMs(at: number): number;
  /**
   * The slots between two moments, both excluded, ascending. Milliseconds since 1970.
   * @param anchor a known slot: a `rate(…)` counts from the moment it was deployed, which no one else knows
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

function rateRule(periodMs: number): SlotRule | undefined {
  if (!(periodMs > 0)) return undefined;
  return {
    periodMs: () => periodMs,
    *between(from, to, anchor) {
      const first = anchor + (Math.floor((from - anchor) / periodMs) + 1) * periodMs;
      // Half a period of slack: a schedule that is deployed anew counts from then, and what lies between is no gap.
      for (let slot = first; slot < to - periodMs / 2; slot += periodMs) yield slot;
    },
  };
}

function cronRule(fields: string, timezone: string): SlotRule {
  // AWS counts the days of the week from 1, Sunday; the seconds are always 0.
  const cron = new Cron(`0 ${fields}`, { timezone, alternativeWeekdays: true, paused: true });
  const after = (ms: number) => cron.nextRun(new Date(ms))?.getTime();
  return {
    periodMs: (at) => {
      const first = after(at);
      const second = first === undefined ? undefined : after(first);
      return first === undefined || second === undefined ? 0 : second - first;
    },
    *between(from, to) {
      for (let slot = after(from); slot !== undefined && slot < to; slot = after(slot)) yield slot;
    },
  };
}
