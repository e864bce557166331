import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { StoreError } from "../domain/errors.ts";
import { isSlot } from "../domain/slot.ts";
import { truncate } from "../domain/untrusted-text.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";

/** An item, or a map within an item. */
export type Item = Record<string, AttributeValue>;

/** Errors quote texts from outside. An item has room for a dozen texts of this length, in any script. */
const MAX_TEXT_LENGTH = 10_000;

/** The newest format of an item that this version reads. docs/format.md describes it. */
export const FORMAT = 1;

/** The attribute that states the format of an item. Without it, the format is 1. */
export const FORMAT_ATTRIBUTE = "schemaVersion";

export const string = (value: string): AttributeValue => ({ S: value });
/** Encodes texts as attributes, each cut off at 10,000 characters. One that is `undefined` becomes no attribute. */
export function strings(values: Readonly<Record<string, string | undefined>>): Item {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, string(truncate(value, MAX_TEXT_LENGTH))]],
  );
  return Object.fromEntries(entries);
}
export const number = (value: number): AttributeValue => ({ N: String(value) });
export const list = (values: AttributeValue[]): AttributeValue => ({ L: values });
export const map = (entries: readonly (readonly [string, AttributeValue])[]): AttributeValue => ({
  M: Object.fromEntries(entries),
});

export function stringOf(item: Item, name: string): string {
  return item[name]?.S ?? unreadable(item, name);
}

export function numberOf(item: Item, name: string): number {
  const value = Number(item[name]?.N ?? unreadable(item, name));
  return Number.isSafeInteger(value) ? value : unreadable(item, name);
}

/** Optional list attribute; absent means empty. */
export function stringsOf(item: Item, name: string): string[] {
  return (item[name]?.L ?? []).map((value) => value.S ?? unreadable(item, name));
}

export function mapOf(item: Item, name: string): Item {
  return item[name]?.M ?? unreadable(item, name);
}

/** Returns an instant in the format of a slot. */
export function instantOf(item: Item, name: string): string {
  const text = stringOf(item, name);
  return isSlot(text) ? text : unreadable(item, name);
}

/** @throws StoreError `item_unreadable` for an item of a newer version */
export function assertKnownFormat(item: Item): void {
  if (item[FORMAT_ATTRIBUTE] !== undefined && numberOf(item, FORMAT_ATTRIBUTE) > FORMAT) {
    unreadable(item, FORMAT_ATTRIBUTE);
  }
}

/** @throws StoreError `item_unreadable`, which names the item, and the attribute unless a newer version wrote the item */
export function unreadable(item: Item, name: string, problem = "is missing or malformed"): never {
  const key = [TABLE_KEYS.partition, TABLE_KEYS.sort].map((part) => item[part]?.S ?? "?").join(" / ");
  const format = Number(item[FORMAT_ATTRIBUTE]?.N);
  if (format > FORMAT) {
    throw new StoreError(
      "item_unreadable",
      `Item ${key} has format ${format}. A newer version of this program wrote it; this one reads up to format ${FORMAT}.`,
      { suggestedFix: "Update this program. Do not change the item." },
    );
  }
  throw new StoreError("item_unreadable", `Item ${key}: attribute ${name} ${problem}.`);
}

/** Returns the entries of a map in the order of their names. DynamoDB returns them in any order. */
export function sortedEntries(of: Readonly<Record<string, AttributeValue>>): [string, AttributeValue][] {
  return Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
}
