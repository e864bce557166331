import Big from "big.js";
import { derivedPrice, percent, subtract, sum } from "../domain/amount.ts";
import { type Asset, quantity } from "../domain/balance.ts";
import { assetName, assetValue, type Snapshot } from "../domain/snapshot.ts";
import { totalOfAll, totalRow } from "./total-rows.ts";

/** What several accounts hold of an asset together. Amounts are decimal strings. */
export interface AssetSum {
  readonly asset: string;
  /** The name at the time of the newest snapshot that has the asset. `null`: unknown. */
  readonly name: string | null;
  /** The exact sum of what is known. `null`: the asset is unsettled in all accounts that may hold it. */
  readonly quantity: string | null;
  readonly available: string | null;
  readonly hold: string | null;
  /** The sum of the known values; `null` if none is known. */
  readonly value: string | null;
  /** Derived: value ÷ quantity, with eight significant digits. `null` unless every account that may hold it has a value. */
  readonly derivedPrice: string | null;
  /** In percent of the total value, with two decimals. `null` without a value, or without a positive total of all accounts. */
  readonly share: string | null;
  /** How many accounts hold it. */
  readonly accounts: number;
  /** The coverage: how many of the accounts that may hold the asset have a value of it. */
  readonly covers: number;
  readonly of: number;
  /** The accounts that hold it without a price, and those in which it is unsettled. */
  readonly unpriced: readonly string[];
  readonly unsettled: readonly string[];
}

/** The total of sums over accounts. Amounts are decimal strings. */
export interface SumsTotal {
  /** `null` if no value is known. */
  readonly value: string | null;
  readonly valueAvailable: string | null;
  /** The coverage, as in totals: how many of how many assets have a value. An asset counts once for each account that may hold it. */
  readonly covers: number;
  readonly of: number;
  /** Symbols of the assets without a value: without a price, or unsettled. Hidden assets have no known symbol. */
  readonly missing: readonly string[];
  /** How many accounts have a snapshot, of those that count. */
  readonly accounts: number;
  readonly accountsOf: number;
  /** The accounts that count and have no snapshot: the sums leave them out. */
  readonly without: readonly string[];
  /** When the oldest of the snapshots was captured, in the format of a slot; `null` without any. */
  readonly capturedAt: string | null;
  /** The accounts whose snapshot does not match its digest. */
  readonly altered: readonly string[];
}

/** Returns the total of the snapshots. @param without the accounts that count and have none */
export function sumsTotal(
  snapshots: readonly Snapshot[],
  denomination: string,
  without: readonly string[] = [],
): SumsTotal {
  const rows = snapshots.map((snapshot) => totalRow(snapshot.accountId, snapshot, denomination));
  const { total: value, available: valueAvailable, covers, of, missing, altered } = totalOfAll(rows, denomination);
  const accounts = { accounts: rows.length, accountsOf: rows.length + without.length, without, altered };
  return { value, valueAvailable, covers, of, missing, ...accounts, capturedAt: oldestCapture(snapshots) };
}

/** Returns when the oldest of the snapshots was captured, in the format of a slot; `null` without any. */
export function oldestCapture(snapshots: readonly Snapshot[]): string | null {
  return snapshots.map(({ capturedAt }) => capturedAt).sort()[0] ?? null;
}

/**
 * Returns the sum of each asset over the snapshots of several accounts, the most valuable first. Assets without a price come
 * last, by symbol. The values add up to `sumsTotal` exactly.
 * @param assets the catalog's descriptions, by symbol
 * @param without the accounts that count and have no snapshot: each of them may hold any asset
 */
export function assetSums(
  snapshots: readonly Snapshot[],
  denomination: string,
  assets: ReadonlyMap<string, Asset> = new Map(),
  without: readonly string[] = [],
): AssetSum[] {
  const all = { total: wholeValue(sumsTotal(snapshots, denomination, without)), without: without.length };
  // One pass: hundreds of accounts can hold hundreds of assets each.
  const snapshotsWith = new Map<string, Snapshot[]>();
  for (const snapshot of snapshots) {
    for (const asset of [...snapshot.balances.keys(), ...snapshot.unsettled]) {
      const found = snapshotsWith.get(asset);
      if (found === undefined) snapshotsWith.set(asset, [snapshot]);
      else if (found.at(-1) !== snapshot) found.push(snapshot);
    }
  }
  const sums = [...snapshotsWith].map(([asset, found]) => sumOf(asset, found, denomination, all, assets));
  return sums.sort((a, b) => byValue(a, b) || (a.asset < b.asset ? -1 : 1));
}

function sumOf(
  asset: string,
  snapshots: readonly Snapshot[],
  denomination: string,
  all: { readonly total: string | null; readonly without: number },
  assets: ReadonlyMap<string, Asset>,
): AssetSum {
  const holdings = snapshots.map((snapshot) => {
    const amounts = snapshot.balances.get(asset);
    const held = amounts && quantity(asset, amounts);
    return { accountId: snapshot.accountId, held, value: assetValue(snapshot, asset, denomination)?.total };
  });
  const held = holdings.flatMap((holding) => holding.held ?? []);
  const values = holdings.flatMap(({ value }) => value ?? []);
  const quantities = held.length === 0 ? null : sum(held.map((amount) => amount.total));
  const available = held.length === 0 ? null : sum(held.map((amount) => amount.available));
  const value = values.length === 0 ? null : sum(values);
  const of = snapshots.length + all.without;
  const isPriced = values.length === of && value !== null && quantities !== null;
  const accountsWith = (isSo: (holding: (typeof holdings)[number]) => boolean) =>
    holdings.filter(isSo).map(({ accountId }) => accountId);
  return {
    asset,
    name: newestName(snapshots, asset, assets),
    quantity: quantities,
    available,
    hold: quantities === null || available === null ? null : subtract(quantities, available),
    value,
    derivedPrice: isPriced ? derivedPrice(value, quantities) : null,
    share: shareOf(value, all.total),
    ...{ accounts: held.length, covers: values.length, of },
    unpriced: accountsWith((holding) => holding.held !== undefined && holding.value === undefined),
    unsettled: accountsWith((holding) => holding.held === undefined),
  };
}

/** Returns the name that an asset had at the time of the newest snapshot; `null`: unknown. */
export function newestName(
  snapshots: readonly Snapshot[],
  asset: string,
  assets: ReadonlyMap<string, Asset>,
): string | null {
  const later = (a: Snapshot, b: Snapshot) => (a.completedAt >= b.completedAt ? a : b);
  return snapshots.length === 0 ? null : (assetName(snapshots.reduce(later), assets, asset) ?? null);
}

/** Returns the value of all accounts that count; `null` if one of them has no snapshot: a share of a partial total means nothing. */
export function wholeValue({ value, without }: SumsTotal): string | null {
  return without.length === 0 ? value : null;
}

/** Returns how many percent of a total a value is. A share of nothing, or of debts, means nothing. */
export function shareOf(value: string | null, total: string | null): string | null {
  return value === null || total === null || new Big(total).lte(0) ? null : percent(value, total);
}

function byValue(a: AssetSum, b: AssetSum): number {
  if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
  return new Big(b.value).cmp(a.value);
}
