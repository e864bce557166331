import type { FailedAttempt } from "../domain/snapshot.ts";
import type { SlotRecord } from "./seen-records.ts";

/**
 * Yields an account's records, and the runs that failed as a whole for the slots without a record: the account's own record
 * comes first.
 * @param records ascending
 * @param runs ascending, one per slot
 */
export async function* withFailedRuns(
  records: AsyncIterable<SlotRecord>,
  runs: readonly FailedAttempt[],
): AsyncGenerator<SlotRecord> {
  let next = 0;
  for await (const record of records) {
    for (let run = runs[next]; run !== undefined && run.slot <= record.slot; run = runs[++next]) {
      if (run.slot < record.slot) yield { status: "failed", slot: run.slot, attempt: run };
    }
    yield record;
  }
  for (const attempt of runs.slice(next)) yield { status: "failed", slot: attempt.slot, attempt };
}
