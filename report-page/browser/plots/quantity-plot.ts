import { byId, element } from "../dom.ts";
import { describeQuantity, quantitySummary } from "../readouts/descriptions.ts";
import { showQuantity } from "../readouts/readouts.ts";
import { assetsInOrder } from "../state/asset-order.ts";
import type { ReportContext, State, Store } from "../state/store.ts";
import { unpricedAt, type ViewAsset } from "../state/view.ts";
import { colours } from "./colours.ts";
import { enableKeyboard } from "./keyboard.ts";
import { lineExtent, toFloat } from "./stacking.ts";
import { linePaths } from "./step-paths.ts";
import { createStepPlot } from "./step-plot.ts";

/** Sets up the quantity plot of one asset. It has no line in gaps and where the asset is not held. */
export function quantityPlot(store: Store, context: ReportContext): void {
  let quantities: (number | null)[] = [];
  const picker = byId<HTMLSelectElement>("asset");

  const plot = createStepPlot(byId("quantity-plot"), store, context.zone, {
    extent: ({ range }) => lineExtent(quantities, range),
    series: [{ width: 1.5, stroke: () => colours().line, paths: (self, state) => linePaths(self, state, quantities) }],
    isUnpriced: (view, step) => unpricedAt(view, step).includes(store.state.asset),
  });

  picker.addEventListener("change", () => store.change({ asset: picker.value }));
  store.watch(["view"], ({ view }) => picker.replaceChildren(...assetsInOrder(view).map(option)));
  store.watch(["view", "asset"], ({ asset }) => {
    picker.value = asset;
    byId("quantity-asset").textContent = asset;
  });
  store.watch(["view", "range", "asset"], (state) => {
    const asset = selectedAsset(state);
    quantities = state.view.times.map((_, step) => toFloat(asset?.quantities[step]));
    plot.draw([quantities]);
    const summary = asset && quantitySummary(state, asset, context);
    byId("quantity-text").textContent = summary ?? "No asset was held.";
  });
  store.watch(["view", "range", "asset", "cursor"], (state) => {
    plot.moveCursor(state.cursor);
    showQuantity(byId("quantity-readout"), state, selectedAsset(state), context);
  });
  enableKeyboard(byId("quantity-plot"), store, (state, step) =>
    describeQuantity(state.view, step, selectedAsset(state), context),
  );
}

function selectedAsset({ view, asset }: State): ViewAsset | undefined {
  return view.assets.find(({ symbol }) => symbol === asset);
}

function option({ symbol, name }: ViewAsset): HTMLOptionElement {
  return element("option", { value: symbol }, name === "" ? symbol : `${symbol} – ${name}`);
}
