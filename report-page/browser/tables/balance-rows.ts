import { compare, subtract } from "../state/amounts.ts";
import type { View, ViewAsset } from "../state/view.ts";

/** A line of the balance table. */
export interface BalanceLine {
  readonly symbol: string;
  readonly name: string;
  readonly state: "held" | "opened" | "closed" | "unsettled";
  /** At the end of the range; `null`: not held, or unsettled. */
  readonly quantity: string | null;
  readonly hold: string | null;
  /** `null`: not held, unsettled, or held without a price. */
  readonly value: string | null;
  /** Since the start of the range; `null`: there is nothing to compare with. */
  readonly quantityChange: string | null;
  /** `null`: there is nothing to compare with, or no price at one of the ends. */
  readonly valueChange: string | null;
  /** Of a sum over accounts: how many accounts that hold it gave it no price at the end. */
  readonly unpricedIn?: number | undefined;
}

/** A column that lines can be sorted by. */
export type SortKey = "symbol" | "quantity" | "hold" | "value" | "quantityChange" | "valueChange";

/** What was held at the start or the end of a range, the most valuable first. Both are steps with a snapshot. */
export function balanceLines(view: View, start: number, end: number): BalanceLine[] {
  const lines = view.assets.flatMap((asset) => {
    const held = [start, end].some((step) => (asset.quantities[step] ?? null) !== null);
    return held ? [lineOf(view, asset, start, end)] : [];
  });
  return sortLines(lines, "value", "descending");
}

function lineOf(view: View, asset: ViewAsset, start: number, end: number): BalanceLine {
  const [before, after] = [endOf(asset, start), endOf(asset, end)];
  const unsettled = [start, end].map((step) => view.points[step]?.unsettled.includes(asset.symbol));
  const alone = start === end || unsettled.includes(true);
  const priced = before.worth !== null && after.worth !== null;
  return {
    symbol: asset.symbol,
    name: asset.name,
    state: stateOf(before.quantity, after.quantity, unsettled),
    quantity: after.quantity,
    hold: asset.holds[end] ?? null,
    value: asset.values[end] ?? null,
    quantityChange: alone ? null : subtract(after.quantity ?? "0", before.quantity ?? "0"),
    valueChange: alone || !priced ? null : subtract(after.worth ?? "0", before.worth ?? "0"),
    unpricedIn: asset.unpricedIn?.[end],
  };
}

function stateOf(before: string | null, after: string | null, unsettled: readonly unknown[]): BalanceLine["state"] {
  if (after === null) return unsettled[1] === true ? "unsettled" : "closed";
  return before === null && unsettled[0] !== true ? "opened" : "held";
}

/** Not held is worth nothing; held without a price, be it in one account of several, is worth nobody knows what. */
function endOf(asset: ViewAsset, step: number): { quantity: string | null; worth: string | null } {
  const quantity = asset.quantities[step] ?? null;
  if (quantity === null) return { quantity, worth: "0" };
  return { quantity, worth: asset.unpricedIn?.[step] === undefined ? (asset.values[step] ?? null) : null };
}

/** Sorted by a column, exactly; lines without a figure come last in both directions, then by symbol. */
export function sortLines(
  lines: readonly BalanceLine[],
  key: SortKey,
  direction: "ascending" | "descending",
): BalanceLine[] {
  const sign = direction === "ascending" ? 1 : -1;
  return [...lines].sort((one, other) => {
    const bySymbol = one.symbol < other.symbol ? -1 : 1;
    if (key === "symbol") return sign * bySymbol;
    const [a, b] = [one[key], other[key]];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || bySymbol;
    return sign * compare(a, b) || bySymbol;
  });
}
