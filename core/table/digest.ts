import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { digestOf, type Json, type JsonObject } from "../integrity/canonical.ts";
import { EXPIRES_AT } from "../names/table-keys.ts";
import { type Item, unreadable } from "./attributes.ts";

/** A snapshot's digest of its own content. */
export const DIGEST = "digest";

/** Of a snapshot's item, what is not its content: where the balances are, how long it is kept, and the digest itself. */
const NOT_CONTENT = [DIGEST, EXPIRES_AT, "parts", "partsId"];

/**
 * The digest of a snapshot's content, as docs/verify.md tells it.
 * @param item with all its balances, from its parts if it has some
 * @throws StoreError `item_unreadable`
 */
export function contentDigest(item: Item): string {
  return digestOf(plainItem(item, NOT_CONTENT));
}

/** An item as JSON, but for some of its attributes. @throws StoreError `item_unreadable` */
export function plainItem(item: Item, without: readonly string[]): JsonObject {
  const plain = (value: AttributeValue, name: string): Json => {
    if (value.S !== undefined) return value.S;
    if (value.N !== undefined) {
      const number = Number(value.N);
      return Number.isSafeInteger(number) ? number : unreadable(item, name, "is no whole number");
    }
    if (value.L !== undefined) return value.L.map((element, at) => plain(element, `${name}.${at}`));
    if (value.M !== undefined) return plainMap(value.M, `${name}.`);
    return unreadable(item, name, "is of a type that this program does not write");
  };
  // `fromEntries`, for it takes a name like `__proto__` for what it is: a name.
  const plainMap = (map: Item, path: string): JsonObject =>
    Object.fromEntries(Object.entries(map).map(([name, value]) => [name, plain(value, `${path}${name}`)]));
  return plainMap(Object.fromEntries(Object.entries(item).filter(([name]) => !without.includes(name))), "");
}
