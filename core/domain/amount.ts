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

/** The exact sum of decimal strings, with as many decimals as the longest of them has. Of none: `"0"`. */
export function sum(decimals: Iterable<string>): string {
  let result = new Big(0);
  let places = 0;
  for (const decimal of decimals) {
    result = result.plus(decimal);
    places = Math.max(places, placesOf(decimal));
  }
  return write(result, places);
}

/** The exact difference `a - b` of two decimal strings, with as many decimals as the longer of them has. */
export function subtract(a: string, b: string): string {
  return write(new Big(a).minus(b), Math.max(placesOf(a), placesOf(b)));
}

function placesOf(decimal: string): number {
  const point = decimal.indexOf(".");
  return point < 0 ? 0 : decimal.length - point - 1;
}

/** `toFixed` never rounds here: no sum has more decimals than its longest part. */
function write(result: Big, places: number): string {
  return result.toFixed(places);
}
