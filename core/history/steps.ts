import { DateTime } from "luxon";
import type { SlotRange } from "../domain/history-source.ts";
import { slotAt } from "../domain/slot.ts";
import { WallClock } from "../schedule/wall-clock.ts";
import type { Interval, Period } from "./interval.ts";

/** A step of a series: from `after` (excluded) to `at` (included), milliseconds since 1970. It shows the balances at `at`. */
export interface Step {
  /** The period whose close the step shows: `2026-10-31`, `2026-W44`, `2026-10`, `2026-Q4` or `2026`. Else the instant `at`. */
  readonly label: string;
  readonly after: number;
  readonly at: number;
  /** True if the range ends before the step does: `at` is then the end of the range. */
  readonly open: boolean;
}

/** Luxon's formats of the labels. */
const LABELS: Readonly<Record<Period, string>> = {
  day: "yyyy-MM-dd",
  week: "kkkk-'W'WW",
  month: "yyyy-MM",
  quarter: "yyyy-'Q'q",
  year: "yyyy",
};

/** Returns whether a step's label is a period. Else it is an instant, which is shown in a time zone. */
export function isPeriodLabel(label: string): boolean {
  return !label.includes("T");
}

/**
 * Yields the steps that show a moment of a range, ascending and without holes between them. They depend on the calendar of
 * the time zone and on the end of the range, but not on its start.
 * @param timezone IANA name
 */
export function stepsOf(range: SlotRange, { period, lengthMs }: Interval, timezone: string): Generator<Step> {
  return period === undefined ? partsOfDays(range, lengthMs, timezone) : periodSteps(range, period, timezone);
}

/**
 * Returns the month, quarter or year with a label as a step; `undefined` if the label is not valid. A step that ends after
 * `now` is open; one that starts after it has not begun.
 */
export function stepLabelled(
  label: string,
  period: "month" | "quarter" | "year",
  { timezone, now }: { readonly timezone: string; readonly now: number },
): Step | undefined {
  const start = DateTime.fromFormat(label, LABELS[period], { zone: "utc" });
  if (!start.isValid) return undefined;
  const clock = new WallClock(timezone);
  const close = clock.closeBefore(start.plus({ [period]: 1 }).toMillis());
  const after = clock.closeBefore(start.toMillis());
  return { label: start.toFormat(LABELS[period]), after, at: Math.min(close, now), open: close > now };
}

function* periodSteps({ from, to }: SlotRange, period: Period, timezone: string): Generator<Step> {
  for (const { label, after, close } of periodsFrom(from, period, timezone)) {
    if (after >= to) return;
    if (close >= from) yield { label, after, at: Math.min(close, to), open: close > to };
  }
}

/** Yields steps of equal length from each local midnight; if clocks change, the last one of the day is shorter. */
function* partsOfDays({ from, to }: SlotRange, lengthMs: number, timezone: string): Generator<Step> {
  for (const { after: before, close } of periodsFrom(from, "day", timezone)) {
    const [midnight, nextMidnight] = [before + 1, close + 1];
    for (let after = midnight; after < nextMidnight; after += lengthMs) {
      if (after >= to) return;
      const end = Math.min(after + lengthMs, nextMidnight);
      const at = Math.min(end, to);
      // A date as the end of a range is the last millisecond before midnight.
      if (end >= from) yield { label: slotAt(at), after, at, open: end - 1 > to };
    }
  }
}

/** Yields every period from the one that contains `from`, perhaps after an earlier one. A close is a period's last instant. */
function* periodsFrom(from: number, period: Period, timezone: string) {
  const clock = new WallClock(timezone);
  const containing = DateTime.fromMillis(clock.wallTimeOf(from), { zone: "utc" }).startOf(period);
  // If clocks go back over midnight, the previous day returns for a while.
  let start = containing.minus({ [period]: 1 });
  let after = clock.closeBefore(start.toMillis());
  while (true) {
    const next = start.plus({ [period]: 1 });
    const close = clock.closeBefore(next.toMillis());
    // A zone that crossed the date line skipped a day.
    if (close > after) yield { label: start.toFormat(LABELS[period]), after, close };
    [start, after] = [next, close];
  }
}
