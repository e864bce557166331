import { sum } from "../state/amounts.ts";
import { assignColours, fold, SHOWN } from "../state/asset-order.ts";
import type { View, ViewAsset } from "../state/view.ts";

/** An area of the stacked plot: one asset, or all those that are folded into "other". */
export interface Layer {
  readonly label: string;
  /** The number of its colour. */
  readonly colour: number;
  readonly members: readonly ViewAsset[];
}

/** How many areas there are at most: the last one is "other". */
export const LAYERS = SHOWN + 1;

/** The layers of a view, the most valuable at `step` first. */
export function layersAt(view: View, step: number, coloursBefore: ReadonlyMap<string, number>): Layer[] {
  const { top, other } = fold(view.assets, step);
  const colours = assignColours(
    top.map(({ symbol }) => symbol),
    coloursBefore,
  );
  const layers = top.map((asset) => ({
    label: asset.symbol,
    colour: colours.get(asset.symbol) ?? 0,
    members: [asset],
  }));
  if (other.length === 0) return layers;
  const label = `other (${other.length === 1 ? "1 asset" : `${other.length} assets`})`;
  return [...layers, { label, colour: SHOWN, members: other }];
}

/** The colours that layers have, by symbol. */
export function coloursOf(layers: readonly Layer[]): Map<string, number> {
  return new Map(layers.filter(({ colour }) => colour < SHOWN).map(({ label, colour }) => [label, colour]));
}

/** The layer's values as floats, for pixels; what has no value takes no room. */
export function heights({ members }: Layer, steps: number): number[] {
  const floats = new Array<number>(steps).fill(0);
  for (const { values } of members) {
    values.forEach((value, step) => {
      if (value !== null) floats[step] = (floats[step] ?? 0) + Number(value);
    });
  }
  return floats;
}

/** The layer's exact value at a step, or why there is none. */
export function valueAt(
  { members }: Layer,
  step: number,
): { readonly value: string } | { readonly none: "not held" | "no price" } {
  const held = members.filter(({ quantities }) => (quantities[step] ?? null) !== null);
  const values = held.map((asset) => asset.values[step] ?? null).filter((value) => value !== null);
  if (values.length > 0) return { value: sum(values) };
  return { none: held.length === 0 ? "not held" : "no price" };
}
