import { digestOf } from "../integrity/canonical.ts";
import {
  type ChainedSnapshot,
  type Entry,
  type EntryRead,
  HEX_DIGEST,
  NO_PREVIOUS,
  SEQUENCE,
} from "../integrity/entry.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, instantOf, string, stringOf, unreadable } from "./attributes.ts";
import { plainItem } from "./digest.ts";
import { chainPartition, keyOf } from "./keys.ts";

// The sort key of an entry is its sequence number in ten digits, so that the order of the keys is the order of the chain.

const HASH = "hash";

/**
 * Encodes the entry that appends a snapshot to a chain.
 * @param previous the last entry; `undefined`: the chain is empty
 * @param now in the format of a slot
 */
export function encodeEntry(
  accountId: string,
  snapshot: ChainedSnapshot,
  previous: Entry | undefined,
  now: string,
): Item {
  const item = {
    ...keyOf(chainPartition(accountId), sequenceKey((previous?.sequence ?? 0) + 1)),
    forSlot: string(snapshot.slot),
    capturedAt: string(snapshot.capturedAt),
    digest: string(snapshot.digest),
    previous: string(previous?.hash ?? NO_PREVIOUS),
    ...(snapshot.keptUntil !== undefined && { keptUntil: string(snapshot.keptUntil) }),
    chainedAt: string(now),
  };
  return { ...item, [HASH]: string(digestOf(plainItem(item, []))) };
}

/** Returns the sort key of an entry. */
export function sequenceKey(sequence: number): string {
  return String(sequence).padStart(10, "0");
}

/** @throws StoreError `item_unreadable` */
export function decodeEntry(item: Item): Entry {
  const sort = stringOf(item, TABLE_KEYS.sort);
  if (!SEQUENCE.test(sort)) unreadable(item, TABLE_KEYS.sort, "is not a sequence number");
  const keptUntil = item["keptUntil"] === undefined ? undefined : instantOf(item, "keptUntil");
  return {
    sequence: Number(sort),
    slot: instantOf(item, "forSlot"),
    capturedAt: instantOf(item, "capturedAt"),
    digest: digestAttribute(item, "digest"),
    previous: digestAttribute(item, "previous"),
    ...(keptUntil !== undefined && { keptUntil }),
    hash: digestAttribute(item, HASH),
  };
}

/** Returns the entry and the hash computed from its content. @throws StoreError `item_unreadable` */
export function readEntry(item: Item): EntryRead {
  return {
    sort: stringOf(item, TABLE_KEYS.sort),
    entry: decodeEntry(item),
    computedHash: digestOf(plainItem(item, [HASH])),
  };
}

function digestAttribute(item: Item, name: string): string {
  const text = stringOf(item, name);
  return HEX_DIGEST.test(text) ? text : unreadable(item, name);
}
