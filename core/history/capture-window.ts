import type { SlotRange } from "../domain/history.ts";
import { CLOCK_TOLERANCE_MS } from "../domain/slot.ts";

/** A run captures its last account at most this many milliseconds after it started: Lambda's time limit. */
export const MAX_RUN_MS = 15 * 60_000;

/** How long before and after its slot a snapshot can be captured, in milliseconds. */
export interface CaptureWindow {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/**
 * Returns the capture window of a schedule. A snapshot is captured before its slot only if two clocks differ. It is
 * captured after its slot by at most the lateness limit, which never exceeds one period, or by the length of a manual run.
 * @param periodMs the schedule's longest period, in milliseconds; 0 without a schedule
 */
export function captureWindow(periodMs: number): CaptureWindow {
  return { beforeMs: CLOCK_TOLERANCE_MS, afterMs: Math.max(periodMs, MAX_RUN_MS) };
}

/** Returns every slot whose snapshot can have been captured in a range. */
export function slotsCapturedIn({ from, to }: SlotRange, periodMs: number): SlotRange {
  const { beforeMs, afterMs } = captureWindow(periodMs);
  return { from: from - afterMs, to: to + beforeMs };
}
