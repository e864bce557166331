import type { HistorySource } from "../domain/history-source.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { captureWindow } from "./capture-window.ts";

/**
 * Returns the complete snapshot that was captured last, at or before a time; `undefined` without such a snapshot.
 *
 * Keys sort by slot, but captures can be in another order: a late slot is captured after a manual run that started in
 * between. The search ends at the first slot that is too old to have been captured after the best snapshot so far.
 * @param at milliseconds since 1970
 * @param periodMs the schedule's longest period, in milliseconds; 0 without a schedule
 */
export async function asOf(
  source: HistorySource,
  accountId: string,
  at: number,
  periodMs: number,
): Promise<Snapshot | undefined> {
  const { beforeMs, afterMs } = captureWindow(periodMs);
  let best: Snapshot | undefined;
  let bestAt = Number.NEGATIVE_INFINITY;
  for await (const record of source.recordsBack(accountId, at + beforeMs)) {
    if (Date.parse(record.slot) + afterMs < bestAt) break;
    if (record.status === "failed") continue;
    const capturedAt = Date.parse(record.snapshot.capturedAt);
    if (capturedAt <= at && capturedAt > bestAt) [best, bestAt] = [record.snapshot, capturedAt];
  }
  return best;
}
