import type { KeyList } from "../domain/key-list.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, instantOf, stringOf, strings } from "./attributes.ts";
import { CATALOG_PARTITION, CATALOG_PREFIXES, keyOf } from "./keys.ts";

/** Returns the item that states what the runs of a key have found in its list of accounts. */
export function encodeKeyList(key: string, { readAt, lacksAll }: KeyList): Item {
  const sort = `${CATALOG_PREFIXES.lists}${key}`;
  return { ...keyOf(CATALOG_PARTITION, sort), ...strings({ readAt, lacksAll: lacksAll ? "yes" : undefined }) };
}

/** Returns the name of the key, and what its runs have found. @throws StoreError if the item cannot be read */
export function decodeKeyList(item: Item): [key: string, list: KeyList] {
  const key = stringOf(item, TABLE_KEYS.sort).slice(CATALOG_PREFIXES.lists.length);
  return [key, { readAt: instantOf(item, "readAt"), lacksAll: item["lacksAll"] !== undefined }];
}
