import Big, { type RoundingMode } from "big.js";

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

/** Returns `a × b ÷ c`, rounded half away from zero to a number of decimals. @param c not zero */
export function scale(a: string, b: string, c: string, places: number): string {
  return quotient(new Big(a).times(b), new Big(c), places).toFixed(places);
}

/** Returns how many percent of `whole` a part is, with two decimals; `null` of zero. A debt as a base counts as positive. */
export function percent(part: string, whole: string): string | null {
  const base = new Big(whole).abs();
  return base.eq(0) ? null : scale(part, "100", base.toFixed(), 2);
}

/** The digits that a derived price has: the API returns no prices, and its values are rounded. */
const PRICE_DIGITS = 8;

/** Returns the price of one unit, rounded half away from zero to eight significant digits; `null` for a quantity of zero. */
export function derivedPrice(value: string, quantity: string): string | null {
  const [total, units] = [new Big(value), new Big(quantity)];
  if (units.eq(0)) return null;
  // The quotient's first digit has this exponent, or the one below. Rounding twice would round 0.49 up.
  const exponent = total.e - units.e;
  const exact = quotient(total, units, Math.max(0, PRICE_DIGITS - exponent + 1), Big.roundDown);
  return exact.prec(PRICE_DIGITS, Big.roundHalfUp).toFixed();
}

function quotient(a: Big, b: Big, places: number, rounding: RoundingMode = Big.roundHalfUp): Big {
  // The precision of a division belongs to the constructor of its numbers.
  const Rounding = Big();
  Object.assign(Rounding, { DP: places, RM: rounding });
  return new Rounding(a).div(b);
}

/** Returns how many decimals a decimal string has. */
export function placesOf(decimal: string): number {
  const point = decimal.indexOf(".");
  return point < 0 ? 0 : decimal.length - point - 1;
}
