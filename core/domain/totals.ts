import { type Amount, sum } from "./amount.ts";
import type { Amounts } from "./balance.ts";

/** The sum of a snapshot's assets in one denomination, and its coverage. */
export interface Total {
  readonly total: string;
  readonly available: string;
  /** How many assets have a value in the denomination. */
  readonly covers: number;
  /**
   * How many assets the account may hold, including unsettled and hidden ones. If `covers < of`, the total leaves some of
   * them out.
   */
  readonly of: number;
}

/** By denomination. */
export type Totals = ReadonlyMap<string, Total>;

/**
 * Returns the totals of a snapshot by denomination. A denomination is a symbol in which another asset is valued (`usd` of
 * bitcoin). If no asset is valued in another one, the fiat currencies that are held are the denominations. An asset without
 * a value in a denomination is left out of the sum and of `covers`, because unpriced is not worthless.
 * @param fiat the symbols of the fiat currencies among the balances
 * @param unknown how many assets may be held that are not among the balances
 */
export function totalsOf(balances: ReadonlyMap<string, Amounts>, fiat: readonly string[], unknown = 0): Totals {
  const valued = denominationsOf(balances);
  const denominations = valued.length > 0 ? valued : [...fiat].sort();
  return new Map(
    denominations.map((denomination) => {
      const values = [...balances].flatMap(([asset, of]) => valueIn(denomination, asset, of, fiat) ?? []);
      return [denomination, totalOf(values, balances.size + unknown)];
    }),
  );
}

/**
 * Returns the value of an asset in a denomination; `undefined`: it has no price. The amount under the asset's own symbol is a
 * value only if the asset is a fiat currency: a token can have the symbol `usd`.
 */
export function valueIn(
  denomination: string,
  asset: string,
  amounts: Amounts,
  fiat: readonly string[],
): Amount | undefined {
  return denomination !== asset || fiat.includes(asset) ? amounts.get(denomination) : undefined;
}

/** Returns the denominations in which assets are valued, sorted. */
export function denominationsOf(balances: ReadonlyMap<string, Amounts>): string[] {
  const found = new Set<string>();
  for (const [symbol, amounts] of balances) {
    for (const denomination of amounts.keys()) if (denomination !== symbol) found.add(denomination);
  }
  return [...found].sort();
}

function totalOf(values: readonly Amount[], of: number): Total {
  return {
    total: sum(values.map(({ total }) => total)),
    available: sum(values.map(({ available }) => available)),
    covers: values.length,
    of,
  };
}
