import type { HistorySource } from "../domain/history.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/** No account of a run by hand is captured later than this after the run's start: a function runs 15 minutes at most. */
const LONGEST_RUN_MS = 15 * 60_000;

/**
 * What was held at a moment: the complete snapshot that was captured last at or before it, by `capturedAt`, not by slot.
 *
 * Slots are in the order of the keys, captures need not be: a slot that was late is captured after a snapshot that was
 * taken by hand in between. But a scheduled slot is captured before the next one is due (the lateness limit is one period
 * at most), so one scheduled snapshot that was captured in time ends the search, but for runs by hand just before it.
 * @param at milliseconds since 1970
 */
export async function asOf(source: HistorySource, accountId: string, at: number): Promise<Snapshot | undefined> {
  let best: Snapshot | undefined;
  let bestAt = Number.NEGATIVE_INFINITY;
  let settled = Number.NEGATIVE_INFINITY;
  for await (const record of source.recordsBack(accountId, at)) {
    if (Date.parse(record.slot) < settled - LONGEST_RUN_MS) break;
    if (record.status === "failed") continue;
    const capturedAt = Date.parse(record.snapshot.capturedAt);
    if (capturedAt > at) continue;
    if (capturedAt > bestAt) [best, bestAt] = [record.snapshot, capturedAt];
    const { trigger, slot } = record.snapshot;
    // A scheduled slot stands for all before it; a run by hand only for what was captured before its start.
    settled = Math.max(settled, trigger === "schedule" ? Date.parse(slot) : Number.NEGATIVE_INFINITY);
  }
  return best;
}
