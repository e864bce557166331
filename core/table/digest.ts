import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { StoreError } from "../domain/errors.ts";
import { digestOf, type Json, type JsonObject } from "../integrity/canonical.ts";
import { EXPIRES_AT } from "../names/table-keys.ts";
import { type Item, unreadable } from "./attributes.ts";

/** The attribute that holds a snapshot's digest of its own content. */
export const DIGEST = "digest";

/** Attributes that are not content: where the balances are, when the item expires, and the digest itself. */
const NOT_CONTENT = [DIGEST, EXPIRES_AT, "parts", "partsId"];

/**
 * Returns the digest of a snapshot's content, as defined in docs/verify.md.
 * @param whole the item with all its balances, see `readWholeItem`
 * @throws StoreError `item_unreadable`
 */
export function contentDigest(whole: Item): string {
  return digestOf(plainItem(whole, NOT_CONTENT));
}

/** Returns whether a snapshot's content matches the digest in its item. @param whole see `contentDigest` */
export function matchesDigest(whole: Item): boolean {
  try {
    return contentDigest(whole) === whole[DIGEST]?.S;
  } catch (thrown) {
    // The job never writes what cannot be converted to JSON.
    if (thrown instanceof StoreError) return false;
    throw thrown;
  }
}

/** Returns an item as plain JSON, without the attributes in `exclude`. @throws StoreError `item_unreadable` */
export function plainItem(item: Item, exclude: readonly string[]): JsonObject {
  const plain = (value: AttributeValue, name: string): Json => {
    if (value.S !== undefined) return value.S;
    if (value.N !== undefined) {
      const number = Number(value.N);
      return Number.isSafeInteger(number) ? number : unreadable(item, name, "is not an integer");
    }
    if (value.L !== undefined) return value.L.map((element, at) => plain(element, `${name}.${at}`));
    if (value.M !== undefined) return plainMap(value.M, `${name}.`);
    return unreadable(item, name, "has a type that this program does not write");
  };
  // `fromEntries` treats a name like `__proto__` as an ordinary name.
  const plainMap = (map: Item, path: string): JsonObject =>
    Object.fromEntries(Object.entries(map).map(([name, value]) => [name, plain(value, `${path}${name}`)]));
  return plainMap(Object.fromEntries(Object.entries(item).filter(([name]) => !exclude.includes(name))), "");
}
