import Big from "big.js";
import { subtract } from "../domain/amount.ts";
import { quantity } from "../domain/balance.ts";
import { assetValue, type Snapshot } from "../domain/snapshot.ts";

/** How an asset's holding differs between two snapshots of an account. Amounts are decimal strings. */
export interface Change {
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

/** Returns the change of every asset that either snapshot holds, by symbol. */
export function changesBetween(earlier: Snapshot, later: Snapshot, denomination: string): ReadonlyMap<string, Change> {
  const symbols = [...new Set([earlier, later].flatMap((snapshot) => [...snapshot.balances.keys()]))].sort();
  return new Map(
    symbols.map((asset) => [
      asset,
      changeOf(asset, endOf(asset, earlier, denomination), endOf(asset, later, denomination)),
    ]),
  );
}

interface End {
  /** `undefined`: unsettled. */
  readonly held: boolean | undefined;
  readonly total: string | null;
  readonly value: string | null;
}

function endOf(asset: string, snapshot: Snapshot, denomination: string): End {
  const { balances, unsettled } = snapshot;
  const amounts = balances.get(asset);
  if (amounts === undefined) return { held: unsettled.includes(asset) ? undefined : false, total: null, value: null };
  const value = assetValue(snapshot, asset, denomination)?.total ?? null;
  return { held: true, total: quantity(asset, amounts).total, value };
}

function changeOf(asset: string, from: End, to: End): Change {
  const ends = { asset, fromTotal: from.total, toTotal: to.total, fromValue: from.value, toValue: to.value };
  if (from.held === undefined || to.held === undefined) {
    return { ...ends, state: "unsettled", quantity: null, value: null };
  }
  const difference = subtract(to.total ?? "0", from.total ?? "0");
  // An asset that is not held has the value zero. An asset without a price has an unknown value.
  const isValueKnown = [from, to].every(({ held, value }) => !held || value !== null);
  return {
    ...ends,
    state: !from.held ? "opened" : !to.held ? "closed" : direction(difference),
    quantity: difference,
    value: isValueKnown ? subtract(to.value ?? "0", from.value ?? "0") : null,
  };
}

function direction(difference: string): "up" | "down" | "unchanged" {
  const sign = new Big(difference).cmp(0);
  return sign > 0 ? "up" : sign < 0 ? "down" : "unchanged";
}
