import Big from "big.js";

/** What is held under one denomination, as the very decimal strings that the API gave. */
export interface Amount {
  /** What can be used now. */
  readonly available: string;
  /** All of it, what is on hold included. */
  readonly total: string;
}

/** A plain decimal numeral: digits with an optional sign and fraction; no exponent, no `+`, no bare point. */
export const DECIMAL = /^-?\d+(\.\d+)?$/;

/** The exact sum of decimal strings, as a plain decimal string. Of none: `"0"`. */
export function sum(decimals: Iterable<string>): string {
  let result = new Big(0);
  for (const decimal of decimals) result = result.plus(decimal);
  return result.toFixed();
}

/** The exact difference `a - b` of two decimal strings. */
export function subtract(a: string, b: string): string {
  return new Big(a).minus(b).toFixed();
}
