import { count } from "../phrases.ts";
import { rankByValue } from "../state/asset-order.ts";
import type { View, ViewAsset } from "../state/view.ts";

/** The number of assets with a layer of their own. The other assets share one layer. */
const OWN_LAYERS = 8;

/** The largest number of layers: the last one is "other". */
export const MAX_LAYERS = OWN_LAYERS + 1;

/** An area of the stacked plot: one asset, or all assets in "other". */
export interface Layer {
  readonly label: string;
  /** Index of the layer's colour. */
  readonly colour: number;
  readonly assets: readonly ViewAsset[];
}

/**
 * Returns the layers of a view, the most valuable at `step` first.
 * @param previous layers whose assets keep their colours
 */
export function layersAt(view: View, step: number, previous: readonly Layer[]): Layer[] {
  const ranked = rankByValue(view.assets, step);
  const [top, others] = [ranked.slice(0, OWN_LAYERS), ranked.slice(OWN_LAYERS)];
  const previousColours = new Map(previous.map(({ label, colour }) => [label, colour]));
  const colours = assignColours(
    top.map(({ symbol }) => symbol),
    previousColours,
  );
  const layers = top.map((asset) => ({ label: asset.symbol, colour: colours.get(asset.symbol) ?? 0, assets: [asset] }));
  if (others.length === 0) return layers;
  const label = `other (${count(others.length, "asset")})`;
  return [...layers, { label, colour: OWN_LAYERS, assets: others }];
}

/** Returns a colour index per symbol. Symbols keep their previous colour, so that readers can follow an asset. */
export function assignColours(symbols: readonly string[], previous: ReadonlyMap<string, number>): Map<string, number> {
  const kept = new Map([...previous].filter(([symbol]) => symbols.includes(symbol)));
  const used = new Set(kept.values());
  const free = symbols.map((_, index) => index).filter((colour) => !used.has(colour));
  return new Map(symbols.map((symbol) => [symbol, kept.get(symbol) ?? free.shift() ?? 0]));
}

/** Returns a layer's values by step as floats for drawing; 0 where it has no value. */
export function layerHeights({ assets }: Layer, steps: number): number[] {
  const heights = new Array<number>(steps).fill(0);
  for (const { values } of assets) {
    values.forEach((value, step) => {
      if (value !== null) heights[step] = (heights[step] ?? 0) + Number(value);
    });
  }
  return heights;
}
