import Big from "big.js";
import { subtract } from "../../../core/domain/amount.ts";
import type { SortDirection, SortKey } from "../state/store.ts";
import { totalAt, type View, type ViewAsset } from "../state/view.ts";

export interface BalanceRow {
  readonly symbol: string;
  readonly name: string;
  readonly state: "held" | "opened" | "closed" | "unsettled";
  /** At the end of the range; `null`: not held, or unsettled. */
  readonly quantity: string | null;
  readonly hold: string | null;
  /** `null`: not held, unsettled, or held without a price. */
  readonly value: string | null;
  /** Since the start of the range; `null` if there is nothing to compare with. */
  readonly quantityChange: string | null;
  /** `null` if there is nothing to compare with, or no price at either end. */
  readonly valueChange: string | null;
  /** For all accounts: how many accounts hold the asset without a price at the end, if another has a price. */
  readonly unpricedAccounts?: number | undefined;
}

/**
 * Returns a row for each asset held at the start or the end of a range.
 * @param start the first step with a snapshot
 * @param end the last step with a snapshot
 */
export function balanceRows(view: View, start: number, end: number): BalanceRow[] {
  const held = view.assets.filter(({ quantities }) => quantities[start] !== null || quantities[end] !== null);
  return held.map((asset) => balanceRow(view, asset, start, end));
}

function balanceRow(view: View, asset: ViewAsset, start: number, end: number): BalanceRow {
  const [before, after] = [holdingAt(asset, start), holdingAt(asset, end)];
  const [unsettledBefore = false, unsettledAfter = false] = [start, end].map((step) =>
    view.points[step]?.unsettled.includes(asset.symbol),
  );
  const stateAt = (): BalanceRow["state"] => {
    if (after.quantity === null) return unsettledAfter ? "unsettled" : "closed";
    return before.quantity === null && !unsettledBefore ? "opened" : "held";
  };
  const comparable = start !== end && !unsettledBefore && !unsettledAfter;
  const priced = before.value !== null && after.value !== null;
  return {
    symbol: asset.symbol,
    name: asset.name,
    state: stateAt(),
    quantity: after.quantity,
    hold: asset.holds[end] ?? null,
    value: asset.values[end] ?? null,
    quantityChange: comparable ? subtract(after.quantity ?? "0", before.quantity ?? "0") : null,
    valueChange: comparable && priced ? subtract(after.value ?? "0", before.value ?? "0") : null,
    unpricedAccounts: asset.unpricedAccounts?.[end],
  };
}

/** Returns a holding for comparison: zero value if not held, `null` if any account holds it without a price. */
function holdingAt(asset: ViewAsset, step: number): { quantity: string | null; value: string | null } {
  const quantity = asset.quantities[step] ?? null;
  if (quantity === null) return { quantity, value: "0" };
  return { quantity, value: asset.unpricedAccounts?.[step] === undefined ? (asset.values[step] ?? null) : null };
}

/** Returns the change of the total between two steps; `null` if one of them has none, or if they are the same. */
export function totalChange(view: View, start: number, end: number): string | null {
  const [before, after] = [totalAt(view, start), totalAt(view, end)];
  return before === null || after === null || start === end ? null : subtract(after, before);
}

/** Returns the rows sorted by a column. Rows without an amount come last in both directions; ties sort by symbol. */
export function sortRows(rows: readonly BalanceRow[], key: SortKey, direction: SortDirection): BalanceRow[] {
  const sign = direction === "ascending" ? 1 : -1;
  return [...rows].sort((one, other) => {
    const bySymbol = one.symbol < other.symbol ? -1 : 1;
    if (key === "symbol") return sign * bySymbol;
    const [a, b] = [one[key], other[key]];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || bySymbol;
    return sign * new Big(a).cmp(b) || bySymbol;
  });
}
