import { parseSlot } from "../domain/slot.ts";
import { digestOf } from "../integrity/canonical.ts";
import { type ChainedSnapshot, type Entry, type EntryRead, NO_PREVIOUS, SEQUENCE } from "../integrity/entry.ts";
import { EXPIRES_AT, TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, numberOf, string, stringOf, unreadable } from "./attributes.ts";
import { plainItem } from "./digest.ts";
import { keyOf } from "./snapshot-item.ts";

// The one place that knows what an entry of a chain looks like in the table: the account's partition with `#chain` at its
// end, and the sequence number in ten digits, so that the order of the keys is that of the chain.

const HASH = "hash";
const HEX = /^[0-9a-f]{64}$/;

export function chainPartition(accountId: string): string {
  return `${accountId}#chain`;
}

/** The item that enters a snapshot behind an entry; `undefined`: as the first one. @param now written as a slot is */
export function encodeEntry(
  accountId: string,
  snapshot: ChainedSnapshot,
  before: Entry | undefined,
  now: string,
): Item {
  const sort = String((before?.sequence ?? 0) + 1).padStart(10, "0");
  const item = {
    ...keyOf(chainPartition(accountId), sort),
    forSlot: string(snapshot.slot),
    capturedAt: string(snapshot.capturedAt),
    digest: string(snapshot.digest),
    previous: string(before?.hash ?? NO_PREVIOUS),
    ...(snapshot.keptUntil !== undefined && { keptUntil: string(snapshot.keptUntil) }),
    chainedAt: string(now),
  };
  return { ...item, [HASH]: string(digestOf(plainItem(item, []))) };
}

/** @throws StoreError `item_unreadable` */
export function decodeEntry(item: Item): Entry {
  const sort = stringOf(item, TABLE_KEYS.sort);
  if (!SEQUENCE.test(sort)) unreadable(item, TABLE_KEYS.sort, "is no sequence number");
  const keptUntil = item["keptUntil"] === undefined ? undefined : instantOf(item, "keptUntil");
  return {
    sequence: Number(sort),
    slot: instantOf(item, "forSlot"),
    capturedAt: instantOf(item, "capturedAt"),
    digest: hexOf(item, "digest"),
    previous: hexOf(item, "previous"),
    ...(keptUntil !== undefined && { keptUntil }),
    hash: hexOf(item, HASH),
  };
}

/** The entry and the hash of what it says. @throws StoreError `item_unreadable` */
export function readEntry(item: Item): EntryRead {
  return {
    sort: stringOf(item, TABLE_KEYS.sort),
    entry: decodeEntry(item),
    computedHash: digestOf(plainItem(item, [HASH])),
  };
}

/** An instant, written as a slot is. @throws StoreError `item_unreadable` */
export function instantOf(item: Item, name: string): string {
  const text = stringOf(item, name);
  return parseSlot(text) === text ? text : unreadable(item, name);
}

/** When a snapshot may be deleted, written as a slot is. @throws StoreError `item_unreadable` */
export function keptUntilOf(item: Item): string | undefined {
  if (item[EXPIRES_AT] === undefined) return undefined;
  const until = new Date(numberOf(item, EXPIRES_AT) * 1000);
  return Number.isNaN(until.getTime()) ? unreadable(item, EXPIRES_AT) : until.toISOString();
}

function hexOf(item: Item, name: string): string {
  const text = stringOf(item, name);
  return HEX.test(text) ? text : unreadable(item, name);
}
