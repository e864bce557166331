import type { ChainedSnapshot } from "../domain/snapshot.ts";
import { digestOf } from "../integrity/canonical.ts";
import { type Entry, HEX_DIGEST, NO_PREVIOUS, SEQUENCE } from "../integrity/entry.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, instantOf, stringOf, strings, unreadable } from "./attributes.ts";
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
  { slot, capturedAt, digest, keptUntil }: ChainedSnapshot,
  previous: Entry | undefined,
  now: string,
): Item {
  const { sequence = 0, hash = NO_PREVIOUS } = previous ?? {};
  const item = {
    ...keyOf(chainPartition(accountId), sequenceKey(sequence + 1)),
    ...strings({ forSlot: slot, capturedAt, digest, previous: hash, keptUntil, chainedAt: now }),
  };
  return { ...item, ...strings({ [HASH]: digestOf(plainItem(item, [])) }) };
}

/** Returns the sort key of an entry. */
export function sequenceKey(sequence: number): string {
  return String(sequence).padStart(10, "0");
}

/** @throws StoreError `item_unreadable` */
export function decodeEntry(item: Item): Entry {
  const sort = stringOf(item, TABLE_KEYS.sort);
  if (!SEQUENCE.test(sort)) unreadable(item, TABLE_KEYS.sort, "is not a sequence number");
  return {
    sequence: Number(sort),
    slot: instantOf(item, "forSlot"),
    capturedAt: instantOf(item, "capturedAt"),
    digest: digestAttribute(item, "digest"),
    previous: digestAttribute(item, "previous"),
    keptUntil: item["keptUntil"] && instantOf(item, "keptUntil"),
    chainedAt: instantOf(item, "chainedAt"),
    hash: digestAttribute(item, HASH),
  };
}

/** Returns the entry and the hash computed from its content. @throws StoreError `item_unreadable` */
export function readEntry(item: Item) {
  return { entry: decodeEntry(item), computedHash: digestOf(plainItem(item, [HASH])) };
}

function digestAttribute(item: Item, name: string): string {
  const text = stringOf(item, name);
  return HEX_DIGEST.test(text) ? text : unreadable(item, name);
}
