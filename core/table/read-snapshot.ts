import { StoreError } from "../domain/errors.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import type { Snapshot, SnapshotSummary } from "../domain/snapshot.ts";
import type { Item } from "./attributes.ts";
import { matchesDigest } from "./digest.ts";
import { readWholeItem } from "./parts.ts";
import { decodeRecord, decodeSnapshot } from "./snapshot-item.ts";
import { growingPages, type PartitionQuery, type Table } from "./table.ts";

/** Reads the snapshot of a complete item, with its parts, and compares it with its digest. */
export async function readSnapshot(table: Table, item: Item): Promise<Snapshot> {
  const whole = await readWholeItem(table, item);
  const snapshot = decodeSnapshot(whole);
  return matchesDigest(whole) ? snapshot : { ...snapshot, altered: true };
}

export async function firstComplete(table: Table, query: PartitionQuery): Promise<Snapshot | undefined> {
  for await (const item of table.query({ ...query, pageSize: growingPages(1) })) {
    if (decodeRecord(item).status === "complete") return readSnapshot(table, item);
  }
  return undefined;
}

/**
 * Returns the oldest complete snapshot, without its balances. Skips records that cannot be read.
 * @param after only later slots than this one; `undefined`: all
 */
export async function firstSummaryAfter(
  table: Table,
  accountId: string,
  after: Slot | undefined,
): Promise<SnapshotSummary | undefined> {
  const from = after === undefined ? undefined : slotAt(Date.parse(after) + 1);
  const query = { partition: accountId, from, consistent: true, pageSize: growingPages(1) };
  for await (const item of table.query(query)) {
    try {
      const record = decodeRecord(item);
      if (record.status === "complete") return record.summary;
    } catch (thrown) {
      if (!(thrown instanceof StoreError)) throw thrown;
    }
  }
  return undefined;
}
