import Big from "big.js";
import { sum } from "../domain/amount.ts";
import { type Asset, quantity } from "../domain/balance.ts";
import { assetValue, type Snapshot } from "../domain/snapshot.ts";
import { type ChangeEnd, denominationDigits, differences, type ValueChange, valueChange } from "./value-change.ts";

/** How the holding of an asset differs between two times. Amounts are decimal strings. */
export interface Change extends ValueChange {
  readonly asset: string;
  /**
   * By quantity. `opened`: not held before. `closed`: no longer held, which differs from a quantity of zero.
   * `unsettled`: unknown at one end whether it was held.
   */
  readonly state: "opened" | "closed" | "up" | "down" | "unchanged" | "unsettled";
  /** Quantities at both ends; `null`: not held, or unsettled. */
  readonly fromTotal: string | null;
  readonly toTotal: string | null;
  /** `toTotal - fromTotal`; an asset that is not held counts as zero. `null`: unsettled. */
  readonly quantity: string | null;
  /** Values at both ends; `null`: not held, or held without a price. */
  readonly fromValue: string | null;
  readonly toValue: string | null;
  /** `toValue - fromValue`; an asset that is not held counts as zero. `null`: unsettled, or held without a price at one end. */
  readonly value: string | null;
}

/** The snapshots of an account at both ends of a range. */
export interface SnapshotPair {
  readonly earlier: Snapshot;
  readonly later: Snapshot;
}

/** The change of an asset in several accounts together. */
export interface CombinedChange extends Change {
  /** The accounts that hold the asset without a price at one end, and those in which it is unsettled there. */
  readonly unpriced: readonly string[];
  readonly unsettled: readonly string[];
}

/**
 * Returns the change of every asset that either snapshot holds, or may hold, by symbol.
 * @param assets the catalog's descriptions, by symbol, for the digits of the effects
 */
export function changesBetween(
  earlier: Snapshot,
  later: Snapshot,
  denomination: string,
  assets: ReadonlyMap<string, Asset> = new Map(),
): ReadonlyMap<string, Change> {
  const digits = digitsOf([{ earlier, later }], denomination, assets);
  const changeIn = (asset: string) =>
    changeOf(asset, endOf(asset, earlier, denomination), endOf(asset, later, denomination), digits);
  return new Map(symbolsIn([{ earlier, later }]).map((asset) => [asset, changeIn(asset)]));
}

/**
 * Returns the change of every asset in all accounts together, by symbol. Both ends are added up before they are compared: a
 * transfer between two of the accounts changes nothing.
 */
export function combinedChanges(
  pairs: readonly SnapshotPair[],
  denomination: string,
  assets: ReadonlyMap<string, Asset>,
): ReadonlyMap<string, CombinedChange> {
  const digits = digitsOf(pairs, denomination, assets);
  const changeIn = (asset: string): CombinedChange => {
    const ends = pairs.map(({ earlier, later }) => ({
      accountId: earlier.accountId,
      from: endOf(asset, earlier, denomination),
      to: endOf(asset, later, denomination),
    }));
    const from = sumOfEnds(ends.map((end) => end.from));
    const to = sumOfEnds(ends.map((end) => end.to));
    const accountsWith = (isSo: (end: ChangeEnd) => boolean) =>
      ends.flatMap((end) => (isSo(end.from) || isSo(end.to) ? [end.accountId] : []));
    return {
      ...changeOf(asset, from, to, digits),
      unpriced: accountsWith(({ held, value }) => held === true && value === null),
      unsettled: accountsWith(({ held }) => held === undefined),
    };
  };
  return new Map(symbolsIn(pairs).map((asset) => [asset, changeIn(asset)]));
}

function symbolsIn(pairs: readonly SnapshotPair[]): string[] {
  const snapshots = pairs.flatMap(({ earlier, later }) => [earlier, later]);
  return [...new Set(snapshots.flatMap(({ balances, unsettled }) => [...balances.keys(), ...unsettled]))].sort();
}

function digitsOf(pairs: readonly SnapshotPair[], denomination: string, assets: ReadonlyMap<string, Asset>): number {
  const snapshots = pairs.flatMap(({ earlier, later }) => [earlier, later]);
  const totals = snapshots.flatMap(({ totals }) => totals.get(denomination)?.total ?? []);
  // A total has as many decimals as the longest value in it.
  return denominationDigits(denomination, assets, totals);
}

function endOf(asset: string, snapshot: Snapshot, denomination: string): ChangeEnd {
  const { balances, unsettled } = snapshot;
  const amounts = balances.get(asset);
  if (amounts === undefined) return { held: unsettled.includes(asset) ? undefined : false, total: null, value: null };
  const value = assetValue(snapshot, asset, denomination)?.total ?? null;
  return { held: true, total: quantity(asset, amounts).total, value };
}

function sumOfEnds(ends: readonly ChangeEnd[]): ChangeEnd {
  if (ends.some(({ held }) => held === undefined)) return { held: undefined, total: null, value: null };
  const held = ends.filter((end) => end.held);
  if (held.length === 0) return { held: false, total: null, value: null };
  const add = (amounts: readonly (string | null)[]) => {
    const known = amounts.filter((amount) => amount !== null);
    return known.length < amounts.length ? null : sum(known);
  };
  return { held: true, total: add(held.map(({ total }) => total)), value: add(held.map(({ value }) => value)) };
}

function changeOf(asset: string, from: ChangeEnd, to: ChangeEnd, digits: number): Change {
  const { quantity, value } = differences(from, to);
  return {
    asset,
    state: stateOf(from, to, quantity),
    ...{ fromTotal: from.total, toTotal: to.total, quantity },
    ...{ fromValue: from.value, toValue: to.value, value },
    ...valueChange(from, to, digits),
  };
}

function stateOf(from: ChangeEnd, to: ChangeEnd, quantity: string | null): Change["state"] {
  if (quantity === null) return "unsettled";
  if (from.held !== to.held) return from.held ? "closed" : "opened";
  const sign = new Big(quantity).cmp(0);
  return sign > 0 ? "up" : sign < 0 ? "down" : "unchanged";
}
