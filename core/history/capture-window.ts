import type { SlotRange } from "../domain/history-source.ts";
import { CLOCK_TOLERANCE_MS } from "../domain/slot.ts";

/** Lambda's time limit, in milliseconds: a run captures no account later than this after its start. */
export const MAX_RUN_MS = 15 * 60_000;

/**
 * Returns how long before and after its slot a snapshot can be captured, in milliseconds. A capture precedes its slot only
 * if the schedule's clock is ahead of ours. It follows its slot by at most the lateness limit, which never exceeds one
 * period, or by the length of a manual run.
 * @param periodMs the schedule's longest period, in milliseconds; 0 without a schedule
 */
export function captureWindow(periodMs: number) {
  return { beforeMs: CLOCK_TOLERANCE_MS, afterMs: Math.max(periodMs, MAX_RUN_MS) };
}

/** Returns every slot whose snapshot can have been captured in a range. */
export function slotsCapturedIn({ from, to }: SlotRange, periodMs: number): SlotRange {
  const { beforeMs, afterMs } = captureWindow(periodMs);
  return { from: from - afterMs, to: to + beforeMs };
}
