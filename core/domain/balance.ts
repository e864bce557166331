import type { Amount } from "./amount.ts";

/** What an asset is; this hardly ever changes. Fields as in the API. */
export interface Asset {
  readonly symbol: string;
  /** `fiat` or `crypto` today; new values will come. */
  readonly type: string;
  readonly name: string;
  readonly decimals: number;
}

/** What is held of an asset, by denomination; the entry under the asset's own symbol is always there. */
export type Amounts = ReadonlyMap<string, Amount>;

/** One entry of the API's list of balances. */
export interface Balance {
  readonly asset: Asset;
  readonly amounts: Amounts;
}

/** The quantity: the amount under the asset's own symbol. */
export function quantity(symbol: string, amounts: Amounts): Amount {
  const own = amounts.get(symbol);
  // The API guarantees it and the schema checks it: to get here without it is a fault of the program.
  if (own === undefined) throw new TypeError(`the balance of ${symbol} has no amount in ${symbol}`);
  return own;
}
