import Big from "big.js";
import { placesOf, scale } from "../../core/domain/amount.ts";

// Amounts on screen. The exact ones are in titles, for screen readers, and in the files to download.

const SIGNIFICANT_DIGITS = 6;
const MIN_DECIMALS = 2;

/** A larger change says nothing in percent. */
const MAX_PERCENT = 9999;

/** Returns an amount with six significant digits, but all digits before its point and two after it: `1500086.27`. */
export function rounded(decimal: string): string {
  const amount = new Big(decimal);
  if (amount.eq(0)) return "0";
  // The exponent of the first digit: 0.0123 has -2.
  const decimals = Math.max(MIN_DECIMALS, SIGNIFICANT_DIGITS - 1 - amount.e);
  return placesOf(decimal) <= decimals ? decimal : amount.toFixed(decimals, Big.roundHalfUp);
}

/** Returns a part as a share of a whole: `12.3%`; `null` if the whole is not positive. */
export function share(part: string, whole: string): string | null {
  if (new Big(whole).lte(0)) return null;
  const percent = scale(part, "100", whole, 1);
  return new Big(percent).eq(0) && new Big(part).gt(0) ? "<0.1%" : `${percent}%`;
}

/** Returns a change in percent of what it started from, with its sign: `+1.35%`; `null` if that is zero. */
export function percentChange(change: string, before: string): string | null {
  if (new Big(before).eq(0)) return null;
  const percent = new Big(scale(change, "100", new Big(before).abs().toFixed(), 2));
  // The change beside it has the sign.
  if (percent.eq(0) && !new Big(change).eq(0)) return "<0.01%";
  if (percent.abs().gt(MAX_PERCENT)) return percent.gt(0) ? `>${MAX_PERCENT}%` : `<-${MAX_PERCENT}%`;
  return `${percent.gt(0) ? "+" : ""}${percent.toFixed(2)}%`;
}
