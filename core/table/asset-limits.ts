import type { Asset } from "../domain/balance.ts";
import { StoreError } from "../domain/errors.ts";
import { bytesOfAsset } from "./assets-item.ts";

/** Descriptions that one snapshot can add, and all of them: an API that invents assets must not make every run expensive. */
const MAX_NEW_BYTES = 200_000;
const MAX_ASSET_BYTES = 1_000_000;

/** Returns the first assets whose descriptions there is room for. */
export function firstThatFit(unknown: readonly Asset[], known: Iterable<Asset>): readonly Asset[] {
  if (unknown.length === 0) return [];
  let room = MAX_ASSET_BYTES;
  for (const asset of known) room -= bytesOfAsset(asset);
  room = Math.min(room, MAX_NEW_BYTES);
  const tooLarge = unknown.findIndex((asset) => {
    room -= bytesOfAsset(asset);
    return room < 0;
  });
  return tooLarge < 0 ? unknown : unknown.slice(0, tooLarge);
}

/** Returns the warning that the catalog is full. */
export function tooManyAssets(count: number): StoreError {
  return new StoreError(
    "catalog_full",
    `The catalog has no room for the descriptions of ${count} new assets. Their snapshots hold them.`,
    { suggestedFix: "If the accounts really hold that many assets, report it to this project." },
  );
}
