import type { SlotRange } from "../domain/history-source.ts";
import type { Slot } from "../domain/slot.ts";
import type { Entry } from "../integrity/entry.ts";
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
  for await (const { slot, keptUntil } of entriesFrom(table, accountId, await firstSequence(table, accountId, range))) {
    if (Date.parse(slot) < range.from) continue;
    found.set(slot, keptUntil);
    if (Date.parse(slot) > range.to) break;
  }
  return found;
}

async function firstSequence(table: Table, accountId: string, { from }: SlotRange): Promise<number> {
  let [low, high] = [1, (await lastSequence(table, accountId)) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await slotNear(table, accountId, middle)) >= from) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The entry of an old slot can be appended late. A few entries in a row are not all of that kind. */
const ENTRIES_PER_PROBE = 3;

/** Returns the latest slot of the next few entries, in milliseconds since 1970; infinite at the end of the chain. */
async function slotNear(table: Table, accountId: string, sequence: number): Promise<number> {
  const slots: number[] = [];
  for await (const { slot } of entriesFrom(table, accountId, sequence, () => ENTRIES_PER_PROBE)) {
    slots.push(Date.parse(slot));
    if (slots.length === ENTRIES_PER_PROBE) break;
  }
  return slots.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...slots);
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
