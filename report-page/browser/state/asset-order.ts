import Big from "big.js";
import type { View, ViewAsset } from "./view.ts";

type PricedAsset = Pick<ViewAsset, "symbol" | "values">;

/** Returns the assets that ever have a value, the most valuable at `step` first, those without a value there last. */
export function rankByValue<Asset extends PricedAsset>(assets: readonly Asset[], step: number): Asset[] {
  return assets
    .filter(({ values }) => values.some((value) => value !== null))
    .sort((one, other) => {
      const [a, b] = [one.values[step] ?? null, other.values[step] ?? null];
      if (a === null || b === null) return Number(a === null) - Number(b === null) || bySymbol(one, other);
      return new Big(b).cmp(a) || bySymbol(one, other);
    });
}

/** Returns all assets, the most valuable at the last snapshot first, those that never had a price last. */
export function assetsInOrder({ assets, points }: View): ViewAsset[] {
  const lastSnapshot = points.findLastIndex((point) => point !== null);
  const ranked = rankByValue(assets, lastSnapshot);
  const unpriced = assets.filter((asset) => !ranked.includes(asset));
  return [...ranked, ...unpriced.sort(bySymbol)];
}

/** Returns the symbol of an asset if a view has it, or else of the most valuable asset; empty if there is none. */
export function assetIn(view: View, symbol: string): string {
  if (view.assets.some((asset) => asset.symbol === symbol)) return symbol;
  return assetsInOrder(view)[0]?.symbol ?? "";
}

/** The number of colours in the style sheet. */
const COLOURS = 12;

/**
 * Returns the name of each asset's colour, by symbol. It depends on the whole report only, so that an asset looks the same in
 * each account and range. Two assets that are among the most valuable of an account have different colours. An asset for
 * which there is no such colour has that of "other".
 * @param all all accounts, whose most valuable assets choose first
 */
export function assetColours(all: View, views: readonly View[]): ReadonlyMap<string, string> {
  const groups = views.map((view) => {
    const symbols = assetsInOrder(view).map(({ symbol }) => symbol);
    return { top: new Set(symbols.slice(0, COLOURS - 1)), all: new Set(symbols) };
  });
  const inOrder = assetsInOrder(all).map(({ symbol }) => symbol);
  const isTop = (symbol: string) => groups.some(({ top }) => top.has(symbol));
  const colours = new Map<string, string>();
  for (const symbol of [...inOrder.filter(isTop), ...inOrder.filter((one) => !isTop(one))]) {
    const part = isTop(symbol) ? "top" : "all";
    const neighbours = groups.flatMap((group) => (group[part].has(symbol) ? [...group[part]] : []));
    const used = new Set(neighbours.map((neighbour) => colours.get(neighbour)));
    const free = Array.from({ length: COLOURS }, (_, at) => `asset-${at}`).find((colour) => !used.has(colour));
    colours.set(symbol, free ?? "other");
  }
  return colours;
}

function bySymbol(one: PricedAsset, other: PricedAsset): number {
  return one.symbol < other.symbol ? -1 : 1;
}
