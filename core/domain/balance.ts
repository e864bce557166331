import type { Amount } from "./amount.ts";
import { truncate } from "./untrusted-text.ts";

/** The longest type and name that are recorded. Longer ones end in `…`. */
const MAX_DESCRIPTION_LENGTH = 100;

/** The description of an asset, which rarely changes. Fields as in the API. */
export interface Asset {
  readonly symbol: string;
  /** `fiat` or `crypto`; the API may add more. */
  readonly type: string;
  readonly name: string;
  readonly decimals: number;
}

/** Returns the asset as it is recorded. */
export function recordedAsset({ symbol, type, name, decimals }: Asset): Asset {
  const short = (text: string) => truncate(text, MAX_DESCRIPTION_LENGTH);
  return { symbol, type: short(type), name: short(name), decimals };
}

/** An asset's holdings by denomination. The asset's own symbol is always one of them. */
export type Amounts = ReadonlyMap<string, Amount>;

/** One entry of the API's list of balances. */
export interface Balance {
  readonly asset: Asset;
  readonly amounts: Amounts;
}

/** Returns the quantity of an asset: the amount under its own symbol. */
export function quantity(symbol: string, amounts: Amounts): Amount {
  const own = amounts.get(symbol);
  // The schema checks this, so an asset without a quantity is a bug.
  if (own === undefined) throw new TypeError(`the balance of ${symbol} has no amount in ${symbol}`);
  return own;
}
