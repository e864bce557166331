import { compare } from "./amounts.ts";

/** How many assets a plot shows by themselves; the rest is folded into "other". */
export const SHOWN = 8;

interface Ranked {
  readonly symbol: string;
  readonly values: readonly (string | null)[];
}

/** The assets that ever have a value, the most valuable at `step` first, then those without a value there, by symbol. */
export function rank<Asset extends Ranked>(assets: readonly Asset[], step: number): Asset[] {
  return assets
    .filter(({ values }) => values.some((value) => value !== null))
    .sort((one, other) => {
      const [a, b] = [one.values[step] ?? null, other.values[step] ?? null];
      if (a === null || b === null) return Number(a === null) - Number(b === null) || bySymbol(one, other);
      return compare(b, a) || bySymbol(one, other);
    });
}

/** The most valuable ones at `step`, and all others. */
export function fold<Asset extends Ranked>(
  assets: readonly Asset[],
  step: number,
  shown = SHOWN,
): { readonly top: Asset[]; readonly other: Asset[] } {
  const ranked = rank(assets, step);
  return { top: ranked.slice(0, shown), other: ranked.slice(shown) };
}

/**
 * A colour's number for each symbol. An asset keeps its colour from one range to the next as long as it is shown, so
 * that the eye can follow it; newcomers take what is free.
 */
export function assignColours(symbols: readonly string[], before: ReadonlyMap<string, number>): Map<string, number> {
  const kept = new Map(symbols.flatMap((symbol) => (before.has(symbol) ? [[symbol, before.get(symbol) ?? 0]] : [])));
  const free = symbols.map((_, at) => at).filter((colour) => ![...kept.values()].includes(colour));
  return new Map(symbols.map((symbol) => [symbol, kept.get(symbol) ?? free.shift() ?? 0]));
}

function bySymbol(one: Ranked, other: Ranked): number {
  return one.symbol < other.symbol ? -1 : 1;
}
