import type { HistoryRecord, HistorySource } from "../domain/history.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/** No account of a run by hand is captured later than this after the run's start: a function runs 15 minutes at most. */
export const LONGEST_RUN_MS = 15 * 60_000;

/**
 * What was held at a moment: the complete snapshot that was captured last at or before it, by `capturedAt`, not by slot.
 *
 * Slots are in the order of the keys, captures need not be: a slot that was late is captured after a snapshot that was
 * taken by hand in between. But no slot is captured later than the lateness limit allows, which is one period at most: so
 * the next scheduled slot, or a period, ends the search.
 * @param at milliseconds since 1970
 * @param periodMs the longest period that the schedule ever had; 0 without one
 */
export async function asOf(
  source: HistorySource,
  accountId: string,
  at: number,
  periodMs: number,
): Promise<Snapshot | undefined> {
  let best: Snapshot | undefined;
  let bestAt = Number.NEGATIVE_INFINITY;
  let scheduled = Number.NEGATIVE_INFINITY;
  for await (const record of source.recordsBack(accountId, at)) {
    const slot = Date.parse(record.slot);
    if (slot < Math.max(scheduled - LONGEST_RUN_MS, bestAt - Math.max(periodMs, LONGEST_RUN_MS))) break;
    const capturedAt = record.status === "complete" ? Date.parse(record.snapshot.capturedAt) : Number.POSITIVE_INFINITY;
    if (record.status === "complete" && capturedAt <= at && capturedAt > bestAt) {
      [best, bestAt] = [record.snapshot, capturedAt];
    }
    // All scheduled slots before this one were captured, or given up, before it was due: not after `bestAt`.
    if (triggerOf(record) === "schedule" && slot <= bestAt) scheduled = Math.max(scheduled, slot);
  }
  return best;
}

function triggerOf(record: HistoryRecord) {
  return record.status === "complete" ? record.snapshot.trigger : record.attempt.trigger;
}
