/**
 * Exact arithmetic on decimal strings (`-12.50`) for the page, on BigInt: what a report shows is never a float.
 * `core/domain/amount.ts` does the same for the job on big.js, which the page need not carry.
 */

/** The exact sum, with as many decimals as the longest part has. Of none: `"0"`. */
export function sum(decimals: readonly string[]): string {
  const [only] = decimals;
  if (only !== undefined && decimals.length === 1) return only;
  const places = Math.max(0, ...decimals.map(placesOf));
  return write(
    decimals.reduce((total, decimal) => total + unitsOf(decimal, places), 0n),
    places,
  );
}

/** The exact difference `a - b`, with as many decimals as the longer of them has. */
export function subtract(a: string, b: string): string {
  const places = Math.max(placesOf(a), placesOf(b));
  return write(unitsOf(a, places) - unitsOf(b, places), places);
}

/** Negative where `a` is less than `b`, positive where it is more, 0 where they are equal, whatever their decimals. */
export function compare(a: string, b: string): number {
  const places = Math.max(placesOf(a), placesOf(b));
  const [left, right] = [unitsOf(a, places), unitsOf(b, places)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether it is nought, with or without decimals. */
export function isZero(decimal: string): boolean {
  return !/[1-9]/.test(decimal);
}

function placesOf(decimal: string): number {
  const point = decimal.indexOf(".");
  return point < 0 ? 0 : decimal.length - point - 1;
}

/** How many times `10 ** -places` it is. */
function unitsOf(decimal: string, places: number): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(places, "0"));
}

/** Zero has no sign. */
function write(units: bigint, places: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const sign = units < 0n ? "-" : "";
  return places === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-places)}`;
}
