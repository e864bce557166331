import Big from "big.js";

/** An asset's holdings in one denomination: the unchanged decimal strings of the API. */
export interface Amount {
  /** Without holds. */
  readonly available: string;
  /** Including holds. */
  readonly total: string;
}

/** A plain decimal number: digits with an optional minus sign and fraction, without an exponent. */
export const DECIMAL = /^-?\d+(\.\d+)?$/;

// `toFixed` never rounds here: a sum has no more decimals than its longest input.

/** Returns the exact sum with as many decimals as the longest input has, or `"0"` without inputs. */
export function sum(decimals: Iterable<string>): string {
  let result = new Big(0);
  let places = 0;
  for (const decimal of decimals) {
    result = result.plus(decimal);
    places = Math.max(places, placesOf(decimal));
  }
  return result.toFixed(places);
}

/** Returns the exact difference `a - b` with as many decimals as the longer input has. */
export function subtract(a: string, b: string): string {
  return new Big(a).minus(b).toFixed(Math.max(placesOf(a), placesOf(b)));
}

function placesOf(decimal: string): number {
  const point = decimal.indexOf(".");
  return point < 0 ? 0 : decimal.length - point - 1;
}
