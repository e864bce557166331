import { sum } from "../domain/amount.ts";
import { assetValue, possibleAssets, type Snapshot } from "../domain/snapshot.ts";

/** Stands for the accounts of a total in the place of an id. */
export const ALL_ACCOUNTS = "all";

/** The value of one account, or of all accounts, in a denomination. Amounts are decimal strings. */
export interface TotalRow {
  /** The account's id, or `all`. */
  readonly accountId: string;
  readonly denomination: string;
  /** `null` without a snapshot, or if no asset has a value in the denomination. */
  readonly total: string | null;
  readonly available: string | null;
  /** The coverage: how many of how many assets have a value. */
  readonly covers: number;
  readonly of: number;
  /** Symbols of the assets without a value: without a price, or unsettled. Hidden assets have no known symbol. */
  readonly missing: readonly string[];
  /** True if an account has no snapshot: then there is no total of all accounts. */
  readonly partial: boolean;
  /** The accounts without a snapshot. */
  readonly without: readonly string[];
  /** The accounts whose snapshot does not match its digest. */
  readonly altered: readonly string[];
  /** How many accounts the total comprises: those that count at the time. */
  readonly accounts: number;
  /** The accounts that ended in the range of the totals, and do not count at this time. */
  readonly ended: readonly string[];
  /** The slot of each account's snapshot; without an entry for accounts without a snapshot. */
  readonly slots: Readonly<Record<string, string>>;
}

/** Returns the total of one account's snapshot in a denomination. */
export function totalRow(accountId: string, snapshot: Snapshot | undefined, denomination: string): TotalRow {
  const total = snapshot?.totals.get(denomination);
  const unpriced = snapshot === undefined ? [] : unpricedAssets(snapshot, denomination);
  // The total of an empty account is zero in every denomination.
  const of = snapshot === undefined ? 0 : possibleAssets(snapshot);
  const empty = snapshot !== undefined && of === 0 ? "0" : null;
  return {
    accountId,
    denomination,
    total: total?.total ?? empty,
    available: total?.available ?? empty,
    covers: total?.covers ?? 0,
    of,
    missing: [...unpriced, ...(snapshot?.unsettled ?? [])].sort(),
    partial: snapshot === undefined,
    without: snapshot === undefined ? [accountId] : [],
    altered: snapshot?.altered ? [accountId] : [],
    ...{ accounts: 1, ended: [] },
    slots: snapshot === undefined ? {} : { [accountId]: snapshot.slot },
  };
}

/** Returns the symbols of the assets that have no value in a denomination. */
export function unpricedAssets(snapshot: Snapshot, denomination: string): string[] {
  return [...snapshot.balances.keys()].filter((asset) => assetValue(snapshot, asset, denomination) === undefined);
}

/**
 * Returns the total of all accounts that count; partial and without an amount if one of them has no snapshot, and without an
 * amount if there are none.
 */
export function totalOfAll(rows: readonly TotalRow[], denomination: string, ended: readonly string[] = []): TotalRow {
  const partial = rows.some((row) => row.partial);
  const add = (amounts: readonly (string | null)[]) => {
    const known = amounts.filter((amount) => amount !== null);
    return partial || known.length === 0 ? null : sum(known);
  };
  return {
    accountId: ALL_ACCOUNTS,
    denomination,
    total: add(rows.map((row) => row.total)),
    available: add(rows.map((row) => row.available)),
    covers: rows.reduce((covers, row) => covers + row.covers, 0),
    of: rows.reduce((of, row) => of + row.of, 0),
    missing: [...new Set(rows.flatMap((row) => row.missing))].sort(),
    partial,
    without: rows.flatMap((row) => row.without),
    altered: rows.flatMap((row) => row.altered),
    ...{ accounts: rows.length, ended },
    slots: Object.assign({}, ...rows.map((row) => row.slots)),
  };
}
