import { type CompletionWindow, compareByTime } from "../domain/completion-window.ts";
import type { HistorySource } from "../domain/history-source.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/**
 * Returns the complete snapshot that was completed last, at or before a time; `undefined` without such a snapshot. Every
 * balance in it was read by then, so none is from the future.
 *
 * Keys sort by slot, but completions can be in another order: a late slot is completed after a manual run that started in
 * between. The search ends at the first slot that is too old to have been completed after the best snapshot so far.
 * @param at milliseconds since 1970
 * @param windowAt returns the window of the slots whose snapshot can have been completed at a time
 */
export async function asOf(
  source: HistorySource,
  accountId: string,
  at: number,
  windowAt: (ms: number) => CompletionWindow,
): Promise<Snapshot | undefined> {
  let best: Snapshot | undefined;
  for await (const record of source.recordsBack(accountId, at + windowAt(at).beforeMs)) {
    const bestMs = best && Date.parse(best.completedAt);
    if (bestMs !== undefined && Date.parse(record.slot) + windowAt(bestMs).afterMs < bestMs) break;
    if (record.status === "failed") continue;
    const { snapshot } = record;
    const isInTime = Date.parse(snapshot.completedAt) <= at;
    if (isInTime && (best === undefined || compareByTime(snapshot, best) > 0)) best = snapshot;
  }
  return best;
}
