import { percent, subtract, sum } from "../domain/amount.ts";
import type { Asset } from "../domain/balance.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { type AssetSum, assetSums, type SumsTotal, sumsTotal } from "./asset-sums.ts";
import { type CombinedChange, combinedChanges, type SnapshotPair } from "./changes.ts";
import { changesTotal } from "./ranked-changes.ts";

/**
 * How the opening value becomes the closing value. Amounts are decimal strings; the known ones add up exactly: opening +
 * quantityEffect + priceEffect + oneEndOnly - leftValue + joinedValue = closing.
 */
export interface Movement {
  /** Closing - opening; `null` if either is unknown. */
  readonly change: string | null;
  /** Over the accounts that have a balance at both ends; `null` without such an account, or if no change in value is known. */
  readonly quantityEffect: string | null;
  readonly priceEffect: string | null;
  /** The value of assets that have a value at one end only, in these accounts; `null` if no asset has one at either end. */
  readonly oneEndOnly: string | null;
  /** The opening value of the accounts without a closing balance; `null` without such an account, or if it is unknown. */
  readonly leftValue: string | null;
  /** The closing value of the accounts without an opening balance; `null` as for `leftValue`. */
  readonly joinedValue: string | null;
}

/** An asset over all accounts. Amounts are decimal strings. */
export interface AssetMovement {
  readonly asset: string;
  readonly name: string | null;
  /** Sums over the accounts with a known balance at that end. `null`: not held, or unsettled in every account that may hold it. */
  readonly openingQuantity: string | null;
  readonly closingQuantity: string | null;
  /** Over the accounts with a known balance at both ends; `null` without one, or if one of them has the asset unsettled. */
  readonly quantityChange: string | null;
  /**
   * Closing - opening - change: the quantity of accounts with a known balance at one end only, and of an asset that is unsettled
   * at the other. `null` if neither quantity is known.
   */
  readonly quantityOther: string | null;
  /** The sums of the known values; `null` if none is known. */
  readonly openingValue: string | null;
  readonly closingValue: string | null;
  /** The two add up to the change in value of the accounts with a known balance at both ends; `null` if that is unknown. */
  readonly quantityEffect: string | null;
  readonly priceEffect: string | null;
  /** Closing - opening - effects: as `quantityOther`, and the value of an asset that has no price at the other end. */
  readonly valueOther: string | null;
  /** Derived: value ÷ quantity with eight significant digits; `null` unless every account that holds the asset has a value. */
  readonly openingPrice: string | null;
  readonly closingPrice: string | null;
  /** The change of the price in percent, rounded to two decimals. */
  readonly pricePercent: string | null;
  /** The coverage: how many of the accounts that may hold the asset have a value of it. */
  readonly openingCovers: number;
  readonly openingOf: number;
  readonly closingCovers: number;
  readonly closingOf: number;
  /** The accounts in which the asset is unsettled: it is unknown whether they hold it. */
  readonly openingUnsettled: readonly string[];
  readonly closingUnsettled: readonly string[];
}

/** The snapshots of an account at both ends; `undefined`: its balance is not known there. */
export interface Ends {
  readonly opening: Snapshot | undefined;
  readonly closing: Snapshot | undefined;
}

/** Returns how each asset, and the value of all, moved between the two ends. @param assets the catalog's descriptions, by symbol */
export function movementsOf(
  accounts: readonly Ends[],
  { opening, closing }: { readonly opening: SumsTotal; readonly closing: SumsTotal },
  denomination: string,
  assets: ReadonlyMap<string, Asset>,
): { movement: Movement; assets: AssetMovement[] } {
  const pairs = accounts.flatMap(({ opening: earlier, closing: later }): SnapshotPair[] =>
    earlier && later ? [{ earlier, later }] : [],
  );
  const changes = combinedChanges(pairs, denomination, assets);
  const compared = pairs.length === 0 ? undefined : changesTotal([...changes.values()], pairs);
  const { quantityEffect = null, priceEffect = null } = compared ?? {};
  const valueAt = (snapshots: readonly Snapshot[]) => sumsTotal(snapshots, denomination).value;
  const valueOfPairs = (end: keyof SnapshotPair) => valueAt(pairs.map((pair) => pair[end]));
  const movement = {
    change: opening.value === null || closing.value === null ? null : subtract(closing.value, opening.value),
    ...{ quantityEffect, priceEffect },
    oneEndOnly: remainder(valueOfPairs("later"), [valueOfPairs("earlier"), quantityEffect, priceEffect]),
    leftValue: valueAt(accounts.flatMap((ends) => (ends.opening && !ends.closing ? [ends.opening] : []))),
    joinedValue: valueAt(accounts.flatMap((ends) => (ends.closing && !ends.opening ? [ends.closing] : []))),
  };
  return { movement, assets: assetMovements(accounts, changes, denomination, assets) };
}

/** Returns the assets that are, or may be, held at either end: the most valuable at the closing first, those only of the opening last. */
function assetMovements(
  accounts: readonly Ends[],
  changes: ReadonlyMap<string, CombinedChange>,
  denomination: string,
  assets: ReadonlyMap<string, Asset>,
): AssetMovement[] {
  const sumsAt = (end: keyof Ends) =>
    new Map(
      assetSums(
        accounts.flatMap((ends) => ends[end] ?? []),
        denomination,
        assets,
      ).map((one) => [one.asset, one]),
    );
  const [opening, closing] = [sumsAt("opening"), sumsAt("closing")];
  return [...new Set([...closing.keys(), ...opening.keys()])].map((asset) =>
    assetMovement(asset, opening.get(asset), closing.get(asset), changes.get(asset)),
  );
}

function assetMovement(
  asset: string,
  opening: AssetSum | undefined,
  closing: AssetSum | undefined,
  change: CombinedChange | undefined,
): AssetMovement {
  const { quantity: quantityChange = null, quantityEffect = null, priceEffect = null } = change ?? {};
  const [openingPrice, closingPrice] = [opening?.derivedPrice ?? null, closing?.derivedPrice ?? null];
  return {
    asset,
    name: closing?.name ?? opening?.name ?? null,
    openingQuantity: opening?.quantity ?? null,
    closingQuantity: closing?.quantity ?? null,
    quantityChange,
    quantityOther: remainder(closing?.quantity, [opening?.quantity, quantityChange]),
    openingValue: opening?.value ?? null,
    closingValue: closing?.value ?? null,
    ...{ quantityEffect, priceEffect },
    valueOther: remainder(closing?.value, [opening?.value, quantityEffect, priceEffect]),
    ...{ openingPrice, closingPrice },
    pricePercent:
      openingPrice === null || closingPrice === null
        ? null
        : percent(subtract(closingPrice, openingPrice), openingPrice),
    ...{ openingCovers: opening?.covers ?? 0, openingOf: opening?.of ?? 0 },
    ...{ closingCovers: closing?.covers ?? 0, closingOf: closing?.of ?? 0 },
    ...{ openingUnsettled: opening?.unsettled ?? [], closingUnsettled: closing?.unsettled ?? [] },
  };
}

/** Returns what the opening and the effects do not explain of the closing; `null` if neither end is known. */
function remainder(
  closing: string | null | undefined,
  [opening, ...effects]: readonly (string | null | undefined)[],
): string | null {
  if (closing == null && opening == null) return null;
  return subtract(closing ?? "0", sum([opening, ...effects].map((amount) => amount ?? "0")));
}
