import type { SlotRange } from "../domain/history-source.ts";
import type { Slot } from "../domain/slot.ts";
import type { ChainedSnapshot } from "../domain/snapshot.ts";
import { type Entry, ORDER_TOLERANCE_MS } from "../integrity/entry.ts";
import { decodeEntry, sequenceKey } from "./chain-item.ts";
import { chainPartition } from "./keys.ts";
import type { Table } from "./table.ts";

/**
 * Returns the snapshots in an account's hash chain whose slots are in a range, and the next one: when each may be deleted, by
 * slot; `undefined`: never. Searches for the first entry with about 15 requests, and then reads only the range.
 * @param range in milliseconds since 1970. Late slots are out of order in the chain: extend it by the lateness limit
 */
export async function chainedSlots(
  table: Table,
  accountId: string,
  range: SlotRange,
): Promise<ReadonlyMap<Slot, string | undefined>> {
  const found = new Map<Slot, string | undefined>();
  const first = await firstSequence(table, accountId, range.from, ({ slot }) => slot);
  for await (const { slot, keptUntil } of entriesFrom(table, accountId, first)) {
    if (Date.parse(slot) < range.from) continue;
    found.set(slot, keptUntil);
    if (Date.parse(slot) > range.to) break;
  }
  return found;
}

/**
 * Returns the entry that covers a snapshot: the first one of its slot. `undefined`: there is none, or it is not among those of
 * snapshots that were captured within an hour of this one. Searches like `chainedSlots`.
 */
export async function entryOf(
  table: Table,
  accountId: string,
  { slot, capturedAt }: Pick<ChainedSnapshot, "slot" | "capturedAt">,
): Promise<Entry | undefined> {
  const captured = Date.parse(capturedAt);
  const timeOf = (entry: Entry) => entry.capturedAt;
  const first = await firstSequence(table, accountId, captured - ORDER_TOLERANCE_MS, timeOf);
  for await (const entry of entriesFrom(table, accountId, first)) {
    if (entry.slot === slot) return entry;
    if (Date.parse(entry.capturedAt) > captured + ORDER_TOLERANCE_MS) break;
  }
  return undefined;
}

type TimeOf = (entry: Entry) => string;

/** Returns about the first entry at or after a time, in milliseconds since 1970; never a later one. */
async function firstSequence(table: Table, accountId: string, from: number, timeOf: TimeOf): Promise<number> {
  let [low, high] = [1, (await lastSequence(table, accountId)) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await timeNear(table, accountId, middle, timeOf)) >= from) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The entry of an old slot can be appended late. A few entries in a row are not all of that kind. */
const ENTRIES_PER_PROBE = 3;

/** Returns the latest time of the next few entries, in milliseconds since 1970; infinite at the end of the chain. */
async function timeNear(table: Table, accountId: string, sequence: number, timeOf: TimeOf): Promise<number> {
  const times: number[] = [];
  for await (const entry of entriesFrom(table, accountId, sequence, () => ENTRIES_PER_PROBE)) {
    times.push(Date.parse(timeOf(entry)));
    if (times.length === ENTRIES_PER_PROBE) break;
  }
  return times.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...times);
}

async function lastSequence(table: Table, accountId: string): Promise<number> {
  const query = { partition: chainPartition(accountId), descending: true, pageSize: () => 1 };
  for await (const item of table.query(query)) return decodeEntry(item).sequence;
  return 0;
}

async function* entriesFrom(
  table: Table,
  accountId: string,
  sequence: number,
  pageSize?: () => number,
): AsyncGenerator<Entry, undefined> {
  const query = { partition: chainPartition(accountId), from: sequenceKey(sequence), ...(pageSize && { pageSize }) };
  for await (const item of table.query(query)) yield decodeEntry(item);
}
