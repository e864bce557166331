import type { HistorySource, SlotRange } from "../domain/history.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { slotsCapturedIn } from "./capture-window.ts";

/**
 * Streams the complete snapshots that were captured in a range, both ends included, in the order of their slots.
 * @param periodMs the schedule's longest period around the range, in milliseconds; 0 without a schedule
 */
export async function* capturedIn(
  source: HistorySource,
  accountId: string,
  range: SlotRange,
  periodMs: number,
): AsyncGenerator<Snapshot> {
  for await (const record of source.records(accountId, slotsCapturedIn(range, periodMs))) {
    if (record.status === "failed") continue;
    const capturedAt = Date.parse(record.snapshot.capturedAt);
    if (capturedAt >= range.from && capturedAt <= range.to) yield record.snapshot;
  }
}
