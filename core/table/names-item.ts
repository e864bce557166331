import type { Slot } from "../domain/slot.ts";
import { type Item, instantOf, strings } from "./attributes.ts";
import { CATALOG_NAMES, CATALOG_PARTITION, keyOf } from "./keys.ts";

/** Returns the item that states when runs last refreshed the names of accounts. */
export function encodeNames(refreshedAt: Slot): Item {
  return { ...keyOf(CATALOG_PARTITION, CATALOG_NAMES), ...strings({ refreshedAt }) };
}

/** Returns when runs last refreshed the names of accounts. @throws StoreError if the item cannot be read */
export function decodeNames(item: Item): Slot {
  return instantOf(item, "refreshedAt");
}
