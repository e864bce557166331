import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { StoreError } from "../domain/errors.ts";
import type { Slot } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, map, mapOf, numberOf, stringOf, unreadable } from "./attributes.ts";
import { keyOf, partsKey } from "./keys.ts";
import type { Table } from "./table.ts";

/**
 * Balances larger than this are stored in parts. An item holds 400 KB; names, keys and totals need the rest.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const PART_BYTES = 300_000;

/** Splits encoded balances into as many maps as needed for each to fit into an item; at least one. */
export function splitBalances(balances: Item): AttributeValue[] {
  const parts: [string, AttributeValue][][] = [[]];
  let bytes = 0;
  for (const [symbol, text] of Object.entries(balances)) {
    // DynamoDB counts the name, the value, and one byte for each entry of a map.
    const size = Buffer.byteLength(symbol) + Buffer.byteLength(text.S ?? "") + 1;
    if (bytes + size > PART_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push([symbol, text]);
    bytes += size;
  }
  return parts.map(map);
}

export function encodeParts(
  { accountId, slot }: { readonly accountId: string; readonly slot: Slot },
  partsId: string,
  parts: readonly AttributeValue[],
): Item[] {
  const { partition, prefix } = partsKey(accountId, slot, partsId);
  return parts.map((balances, index) => ({
    ...keyOf(partition, `${prefix}${String(index).padStart(4, "0")}`),
    balances,
  }));
}

/**
 * Returns a snapshot's item with all its balances. Reads the parts, strongly consistent, if the snapshot has parts.
 * @throws StoreError `item_unreadable`, or `snapshot_parts_missing`
 */
export async function readWholeItem(table: Table, item: Item): Promise<Item> {
  if (item["partsId"] === undefined) {
    if (item["parts"] !== undefined) unreadable(item, "parts", "exists without partsId");
    mapOf(item, "balances");
    return item;
  }
  if (item["balances"] !== undefined) unreadable(item, "balances", "exists although the snapshot has parts");
  const [accountId, slot] = [stringOf(item, TABLE_KEYS.partition), stringOf(item, TABLE_KEYS.sort)];
  const parts = await table.queryAll({ ...partsKey(accountId, slot, stringOf(item, "partsId")), consistent: true });
  const expected = numberOf(item, "parts");
  if (parts.length !== expected) {
    throw new StoreError(
      "snapshot_parts_missing",
      `The snapshot of ${accountId} for ${slot} has ${parts.length} of its ${expected} parts: parts were deleted.`,
      { suggestedFix: "Restore the table to a point in time before the deletion." },
    );
  }
  const balances = parts.flatMap((part) => Object.entries(mapOf(part, "balances")));
  const merged = Object.fromEntries(balances);
  if (Object.keys(merged).length !== balances.length) unreadable(item, "parts", "contain an asset twice");
  return { ...item, balances: { M: merged } };
}
