import type { Asset } from "../domain/balance.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { assertKnownFormat, type Item, map, mapOf, sortedEntries, string, stringOf, unreadable } from "./attributes.ts";
import { sequenceKey } from "./chain-item.ts";
import { CATALOG_PARTITION, CATALOG_PREFIXES, keyOf } from "./keys.ts";

// The descriptions of assets are a log: each item adds those of new symbols, and its sequence number in the key decides which
// of two runs comes first.

const SORT = new RegExp(`^${CATALOG_PREFIXES.assets}(?<sequence>\\d{10})$`);

/** Encodes the description of an asset, which stands beside its symbol: `["crypto","Bitcoin",8]`. */
export function encodeAsset({ type, name, decimals }: Asset): string {
  return JSON.stringify([type, name, decimals]);
}

/** Returns `undefined` if the text is malformed. */
export function decodeAsset(symbol: string, text: string): Asset | undefined {
  try {
    const [type, name, decimals, ...rest] = JSON.parse(text) as unknown[];
    if (typeof type !== "string" || typeof name !== "string" || !Number.isSafeInteger(decimals)) return undefined;
    return rest.length === 0 ? { symbol, type, name, decimals: decimals as number } : undefined;
  } catch {
    return undefined;
  }
}

export function encodeAssets(sequence: number, assets: readonly Asset[]): Item {
  const key = keyOf(CATALOG_PARTITION, `${CATALOG_PREFIXES.assets}${sequenceKey(sequence)}`);
  return { ...key, assets: map(assets.map((asset) => [asset.symbol, string(encodeAsset(asset))])) };
}

export function decodeAssets(item: Item): Asset[] {
  assertKnownFormat(item);
  return sortedEntries(mapOf(item, "assets")).map(
    ([symbol, { S: text = "" }]) => decodeAsset(symbol, text) ?? unreadable(item, `assets.${symbol}`),
  );
}

/** Returns the item's place in the log, which its key alone decides. */
export function sequenceOf(item: Item): number {
  const { sequence } = SORT.exec(stringOf(item, TABLE_KEYS.sort))?.groups ?? unreadable(item, TABLE_KEYS.sort);
  return Number(sequence);
}

/** Returns how many bytes a description takes in an item: DynamoDB counts name, value, and one byte for each entry of a map. */
export function bytesOfAsset(asset: Asset): number {
  return Buffer.byteLength(asset.symbol) + Buffer.byteLength(encodeAsset(asset)) + 1;
}
