// What the made-up accounts of history-facts.ts hold. It comes from a seed, without any code under test.

/** Decimal strings. */
export interface AmountFact {
  readonly available: string;
  readonly total: string;
}

/** A holding; `usd` is its value, if the asset has a price. */
export interface HoldingFact extends AmountFact {
  readonly usd?: AmountFact;
}

/** Returns a symbol: `btc`, `usd`, then made-up ones. */
export function symbolOf(at: number): string {
  return ["btc", "usd"][at] ?? `tk${at}`;
}

/** Returns the assets that are held at times, lose their price at times, and never have a price. */
export function oddAssets(count: number): { wandering?: string; fading: string; priceless?: string } {
  if (count < 5) return { fading: "btc" };
  return { wandering: symbolOf(count - 1), fading: symbolOf(count - 2), priceless: symbolOf(count - 3) };
}

export type Random = () => number;

/** Returns a generator of numbers from 0 to below 1 (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const between = (random: Random, from: number, to: number) => from + Math.floor(random() * (to - from));

/** Returns the holdings at an hour of the history, which can be a fraction. */
type Portfolio = (hour: number) => ReadonlyMap<string, HoldingFact>;

export function typicalPortfolio(random: Random, count: number): Portfolio {
  const digits = () => between(random, 1_000_000, 10_000_000);
  const symbols = Array.from({ length: count }, (_, at) => symbolOf(at));
  return () =>
    new Map(
      symbols.map((symbol, at) => {
        const [units, cents] = [BigInt(digits()), BigInt(digits())];
        const free = (whole: bigint) => (at % 5 === 0 ? whole - whole / 3n : whole);
        const own = { available: decimal(free(units), 4), total: decimal(units, 4) };
        return [
          symbol,
          symbol === "usd" ? own : { ...own, usd: { available: decimal(free(cents), 2), total: decimal(cents, 2) } },
        ];
      }),
    );
}

const DECIMALS = [8, 2, 18, 0, 6, 18, 1, 12];

export function oddPortfolio(random: Random, count: number, hours: number): Portfolio {
  const odd = oddAssets(count);
  const assets = Array.from({ length: count }, (_, at) => ({
    symbol: symbolOf(at),
    decimals: DECIMALS[at % DECIMALS.length] ?? 0,
    units: bigBetween(random, at % 11 === 10 ? 1 : 12 + (at % 14)),
    holds: at % 5 === 0,
    micros: bigBetween(random, 9),
  }));
  return (hour) => {
    const third = (hour / hours) * 3;
    // The small account is empty for a few hours.
    if (count < 5 && hours > 100 && hour > 40 && hour < 46) return new Map();
    const holdings = new Map<string, HoldingFact>();
    for (const asset of assets) {
      if (random() < 0.2) asset.units = bigBetween(random, 12 + between(random, 0, 12));
      if (random() < 0.5) asset.micros += BigInt(between(random, -999, 1000));
      const { symbol, decimals, units, micros } = asset;
      if (symbol === odd.wandering && !isThere(third)) continue;
      const free = asset.holds ? (units * 7n) / 10n : units;
      const own = { available: decimal(free, decimals), total: decimal(units, decimals) };
      const faded = symbol === odd.fading && third >= 1 && third < 2;
      const priced = symbol !== "usd" && symbol !== odd.priceless && !faded;
      const worth = (amount: bigint) =>
        decimal((amount * (micros < 0n ? -micros : micros)) / 10n ** BigInt(decimals), 6);
      holdings.set(symbol, priced ? { ...own, usd: { available: worth(free), total: worth(units) } } : own);
    }
    return holdings;
  };
}

/** Whether the temporary asset is held: it appears, disappears and returns. */
function isThere(third: number): boolean {
  return (third > 0.5 && third < 1.2) || third > 2.1;
}

/** Returns a whole number of at most this many digits. */
function bigBetween(random: Random, digits: number): bigint {
  return BigInt(Array.from({ length: digits }, () => between(random, 0, 10)).join(""));
}

function decimal(units: bigint, places: number): string {
  const digits = String(units).padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
