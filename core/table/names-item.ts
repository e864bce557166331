import type { Slot } from "../domain/slot.ts";
import { assertKnownFormat, type Item, instantOf, strings } from "./attributes.ts";
import { CATALOG_NAMES, CATALOG_PARTITION, keyOf } from "./keys.ts";

/**
 * Returns the item that states when runs last refreshed the names of accounts.
 * @param key the name of the API key of the runs; `undefined`: the only key, which has none
 */
export function encodeNames(refreshedAt: Slot, key: string | undefined): Item {
  const sort = key === undefined ? CATALOG_NAMES : `${CATALOG_NAMES} ${key}`;
  return { ...keyOf(CATALOG_PARTITION, sort), ...strings({ refreshedAt }) };
}

/** Returns the name of the API key of such an item by its sort key. */
export function keyOfNames(sort: string): string | undefined {
  return sort.slice(CATALOG_NAMES.length + 1) || undefined;
}

/** Returns when runs last refreshed the names of accounts. @throws StoreError if the item cannot be read */
export function decodeNames(item: Item): Slot {
  assertKnownFormat(item);
  return instantOf(item, "refreshedAt");
}
