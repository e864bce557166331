import type { HistorySource } from "../domain/history.ts";
import { CLOCK_TOLERANCE_MS } from "../domain/slot.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/** No account of a run by hand is captured later than this after the run's start: a function runs 15 minutes at most. */
export const LONGEST_RUN_MS = 15 * 60_000;

/** Later than any capture: "as of" then is the newest snapshot, whatever the clock here says. */
export const END_OF_TIME = Date.UTC(9999, 0, 1);

/**
 * What was held at a moment: the complete snapshot that was captured last at or before it, by `capturedAt`, not by slot.
 *
 * Slots are in the order of the keys, captures need not be: a slot that was late is captured after a snapshot that was
 * taken by hand in between. But no slot is captured later than the lateness limit allows, which is one period at most.
 * So a slot that is older by a period than a capture was captured before it, and ends the search.
 * @param at milliseconds since 1970
 * @param periodMs the longest period that the schedule ever had; 0 without one
 */
export async function asOf(
  source: HistorySource,
  accountId: string,
  at: number,
  periodMs: number,
): Promise<Snapshot | undefined> {
  const latestCapture = Math.max(periodMs, LONGEST_RUN_MS);
  let best: Snapshot | undefined;
  let bestAt = Number.NEGATIVE_INFINITY;
  for await (const record of source.recordsBack(accountId, at + CLOCK_TOLERANCE_MS)) {
    if (Date.parse(record.slot) + latestCapture < bestAt) break;
    if (record.status === "failed") continue;
    const capturedAt = Date.parse(record.snapshot.capturedAt);
    if (capturedAt <= at && capturedAt > bestAt) [best, bestAt] = [record.snapshot, capturedAt];
  }
  return best;
}
