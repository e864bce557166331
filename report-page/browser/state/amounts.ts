import Big from "big.js";

// Exact arithmetic on decimal strings ("-12.50"). Only pixel positions use floating point.

/** Returns the exact sum with the decimals of the longest amount: `"0"` for none, and a single amount unchanged. */
export function sum(amounts: readonly string[]): string {
  const [first] = amounts;
  if (first === undefined) return "0";
  if (amounts.length === 1) return first;
  const total = amounts.reduce((total, amount) => total.plus(amount), new Big(0));
  return total.toFixed(Math.max(...amounts.map(decimalsOf)));
}

/** Returns the exact difference `a - b` with the decimals of the longer amount. */
export function subtract(a: string, b: string): string {
  return new Big(a).minus(b).toFixed(Math.max(decimalsOf(a), decimalsOf(b)));
}

/** Returns -1, 0 or 1 for `a` less than, equal to or greater than `b`. */
export function compare(a: string, b: string): number {
  return new Big(a).cmp(b);
}

function decimalsOf(amount: string): number {
  const point = amount.indexOf(".");
  return point < 0 ? 0 : amount.length - point - 1;
}
