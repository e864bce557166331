import Big from "big.js";
import { sum } from "../../../core/domain/amount.ts";
import type { ReportAccount } from "../../data/report-data.ts";
import { share } from "../format.ts";

/** The value of an asset at the end of the report, or of all assets in "other". */
export interface Slice {
  readonly symbols: readonly string[];
  readonly value: string;
  /** Of the value of all slices; `null` if one of them is negative, or their sum is zero. */
  readonly share: string | null;
}

export interface Allocation {
  /** The most valuable first, "other" last. */
  readonly slices: readonly Slice[];
  /** The assets that an account holds without a price. */
  readonly unpriced: readonly string[];
}

/**
 * Returns how the value of some accounts at the end of a report is spread over assets.
 * @param max slices with one asset. More assets than that share one more slice.
 */
export function allocationOf(accounts: readonly ReportAccount[], max: number): Allocation {
  const values = new Map<string, string[]>();
  const unpriced = new Set<string>();
  for (const [symbol, value] of accounts.flatMap(({ allocation }) => allocation)) {
    if (value === null) unpriced.add(symbol);
    else values.set(symbol, [...(values.get(symbol) ?? []), value]);
  }
  const assets = [...values]
    .map(([symbol, parts]) => ({ symbols: [symbol], value: sum(parts) }))
    .sort(
      (one, other) =>
        new Big(other.value).cmp(one.value) || ((one.symbols[0] ?? "") < (other.symbols[0] ?? "") ? -1 : 1),
    );
  const total = assets.some(({ value }) => new Big(value).lt(0)) ? "0" : sum(assets.map(({ value }) => value));
  const others = assets.length > max + 1 ? assets.slice(max) : [];
  const other = { symbols: others.flatMap(({ symbols }) => symbols), value: sum(others.map(({ value }) => value)) };
  const listed = [...assets.slice(0, assets.length - others.length), ...(others.length > 0 ? [other] : [])];
  return { slices: listed.map((one) => ({ ...one, share: share(one.value, total) })), unpriced: [...unpriced].sort() };
}
