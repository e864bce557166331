import fc from "fast-check";

// Decimal arithmetic by BigInt: it shares nothing with the program's own.

interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

function read(text: string): Decimal {
  const [whole = "", fraction = ""] = text.split(".");
  return { digits: BigInt(`${whole}${fraction}`.replace("-", "")) * signOf(text), places: fraction.length };
}

function signOf(text: string): bigint {
  return text.startsWith("-") ? -1n : 1n;
}

function write({ digits, places }: Decimal): string {
  const sign = digits < 0n ? "-" : "";
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, "0");
  return places === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -places)}.${text.slice(-places)}`;
}

/** The sum, with as many decimals as the longest has. */
export function sumByBigInt(texts: readonly string[]): string {
  const decimals = texts.map(read);
  const places = Math.max(0, ...decimals.map((decimal) => decimal.places));
  const digits = decimals.reduce((sum, decimal) => sum + decimal.digits * 10n ** BigInt(places - decimal.places), 0n);
  return write({ digits, places });
}

/** The exact product. */
export function productByBigInt(a: string, b: string): string {
  const [x, y] = [read(a), read(b)];
  return write({ digits: x.digits * y.digits, places: x.places + y.places });
}

/** The quotient, rounded half away from zero. */
export function dividedByBigInt(a: string, b: string, places: number): string {
  const [x, y] = [read(a), read(b)];
  const numerator = x.digits * 10n ** BigInt(y.places + places);
  const denominator = y.digits * 10n ** BigInt(x.places);
  const size = (value: bigint) => (value < 0n ? -value : value);
  const rounded = (2n * size(numerator) + size(denominator)) / (2n * size(denominator));
  return write({ digits: numerator < 0n === denominator < 0n ? rounded : -rounded, places });
}

/** The same decimal with the other sign. */
export function negated(text: string): string {
  return text.startsWith("-") ? text.slice(1) : `-${text}`;
}

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((list) => list.join(""));

/** Decimal strings as the API may give them: up to 60 digits before and 40 behind the point, of either sign. */
export const anyDecimal: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("", "", "", "-"),
    fc.oneof(fc.constant("0"), digits(1, 3), digits(1, 60)),
    fc.oneof(fc.constant(""), digits(2, 2), digits(18, 18), digits(1, 40)),
  )
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`);
