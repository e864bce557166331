import Big from "big.js";
import { subtract } from "../domain/amount.ts";
import { quantity } from "../domain/balance.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/** How an asset's holding differs between two snapshots of an account. Decimal strings. */
export interface Change {
  readonly asset: string;
  /**
   * By quantity. `opened`: it was not held before; `closed`: it is no longer held, which is not the same as a zero;
   * `unsettled`: the API did not tell at one end whether it was held.
   */
  readonly state: "opened" | "closed" | "up" | "down" | "unchanged" | "unsettled";
  /** Quantities at both ends; `null`: not held, or unsettled. */
  readonly fromTotal: string | null;
  readonly toTotal: string | null;
  /** How much more is held, in the asset itself; of an asset that was not held, all of it; `null`: unsettled. */
  readonly quantity: string | null;
  /** Values at both ends; `null`: not held, or held without a price. */
  readonly fromValue: string | null;
  readonly toValue: string | null;
  /** How much more it is worth; `null` where it was held without a price at one end. */
  readonly value: string | null;
}

/** The change of every asset that either snapshot holds, by symbol. */
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

function endOf(asset: string, { balances, totals, unsettled }: Snapshot, denomination: string): End {
  const amounts = balances.get(asset);
  if (amounts === undefined) return { held: unsettled.includes(asset) ? undefined : false, total: null, value: null };
  const value = totals.has(denomination) ? amounts.get(denomination)?.total : undefined;
  return { held: true, total: quantity(asset, amounts).total, value: value ?? null };
}

function changeOf(asset: string, from: End, to: End): Change {
  const ends = { asset, fromTotal: from.total, toTotal: to.total, fromValue: from.value, toValue: to.value };
  if (from.held === undefined || to.held === undefined) {
    return { ...ends, state: "unsettled", quantity: null, value: null };
  }
  const difference = subtract(to.total ?? "0", from.total ?? "0");
  // Not held is worth nothing; held without a price is worth nobody knows what.
  const known = [from, to].every(({ held, value }) => !held || value !== null);
  return {
    ...ends,
    state: !from.held ? "opened" : !to.held ? "closed" : direction(difference),
    quantity: difference,
    value: known ? subtract(to.value ?? "0", from.value ?? "0") : null,
  };
}

function direction(difference: string): "up" | "down" | "unchanged" {
  const sign = new Big(difference).cmp(0);
  return sign > 0 ? "up" : sign < 0 ? "down" : "unchanged";
}
