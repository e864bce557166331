import type { Snapshot } from "../domain/snapshot.ts";
import type { Item } from "./attributes.ts";
import { readWholeItem } from "./parts.ts";
import { decodeRecord, decodeSnapshot } from "./snapshot-item.ts";
import { growingPages, type PartitionQuery, type Table } from "./table.ts";

/** Reads the snapshot of a complete item, with its parts. */
export async function readSnapshot(table: Table, item: Item): Promise<Snapshot> {
  return decodeSnapshot(await readWholeItem(table, item));
}

export async function firstComplete(table: Table, query: PartitionQuery): Promise<Snapshot | undefined> {
  for await (const item of table.query({ ...query, pageSize: growingPages(1) })) {
    if (decodeRecord(item).status === "complete") return readSnapshot(table, item);
  }
  return undefined;
}
