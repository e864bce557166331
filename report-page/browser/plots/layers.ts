import { otherAssets } from "../phrases.ts";
import { rankByValue } from "../state/asset-order.ts";
import type { ReportContext } from "../state/store.ts";
import type { View, ViewAsset } from "../state/view.ts";

/** The number of assets with a layer of their own. The other assets share one layer. */
export const OWN_LAYERS = 8;

/** The largest number of layers: the last one is "other". */
export const MAX_LAYERS = OWN_LAYERS + 1;

/** An area of the stacked plot: one asset, or all assets in "other". */
export interface Layer {
  readonly label: string;
  /** The name of its colour in the style sheet. */
  readonly colour: string;
  readonly assets: readonly ViewAsset[];
}

/** Returns the layers of a view, the most valuable at `step` first. */
export function layersAt(view: View, step: number, { colourOf }: Pick<ReportContext, "colourOf">): Layer[] {
  const ranked = rankByValue(view.assets, step);
  const own = ranked.length > MAX_LAYERS ? OWN_LAYERS : ranked.length;
  const [top, others] = [ranked.slice(0, own), ranked.slice(own)];
  const layers = top.map((asset) => ({ label: asset.symbol, colour: colourOf(asset.symbol), assets: [asset] }));
  return others.length === 0
    ? layers
    : [...layers, { label: otherAssets(others.length), colour: "other", assets: others }];
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
