import type { HistorySource, SlotRange } from "../domain/history.ts";
import { CLOCK_TOLERANCE_MS } from "../domain/slot.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { LONGEST_RUN_MS } from "./as-of.ts";

/**
 * The snapshots that were captured in a range, both ends included, in the order of their slots; streamed.
 * @param periodMs the longest period that the schedule had about the range: a slot is captured so much later at most
 */
export async function* capturedIn(
  source: HistorySource,
  accountId: string,
  { from, to }: SlotRange,
  periodMs: number,
): AsyncGenerator<Snapshot> {
  const slots = { from: from - Math.max(periodMs, LONGEST_RUN_MS), to: to + CLOCK_TOLERANCE_MS };
  for await (const record of source.records(accountId, slots)) {
    if (record.status === "failed") continue;
    const capturedAt = Date.parse(record.snapshot.capturedAt);
    if (capturedAt >= from && capturedAt <= to) yield record.snapshot;
  }
}
