import { subtract } from "../domain/amount.ts";
import { quantity } from "../domain/balance.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/** How an asset's holding differs between two snapshots of an account. Decimal strings. */
export interface Change {
  readonly asset: string;
  readonly state: "opened" | "closed" | "held";
  /** How much more is held, in the asset itself; of an asset that was not held, all of it. */
  readonly quantity: string;
  /** How much more it is worth; `undefined` where it had no price at one end. */
  readonly value: string | undefined;
}

/** The change of every asset that either snapshot holds, by symbol. */
export function changesBetween(earlier: Snapshot, later: Snapshot, denomination: string): ReadonlyMap<string, Change> {
  const symbols = new Set([...earlier.balances.keys(), ...later.balances.keys()]);
  return new Map([...symbols].map((asset) => [asset, changeOf(asset, earlier, later, denomination)]));
}

function changeOf(asset: string, earlier: Snapshot, later: Snapshot, denomination: string): Change {
  const [before, after] = [earlier, later].map(({ balances, totals }) => {
    const amounts = balances.get(asset);
    // Not held is worth nothing; held without a price is worth nobody knows what.
    if (amounts === undefined) return { held: false, total: "0", value: "0" };
    return {
      held: true,
      total: quantity(asset, amounts).total,
      value: totals.has(denomination) ? amounts.get(denomination)?.total : undefined,
    };
  }) as [End, End];
  const priced = before.value !== undefined && after.value !== undefined;
  return {
    asset,
    state: before.held && after.held ? "held" : after.held ? "opened" : "closed",
    quantity: subtract(after.total, before.total),
    value: priced ? subtract(after.value ?? "0", before.value ?? "0") : undefined,
  };
}

interface End {
  readonly held: boolean;
  readonly total: string;
  readonly value: string | undefined;
}
