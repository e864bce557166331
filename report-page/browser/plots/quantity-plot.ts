import { byId, element } from "../dom.ts";
import { describeQuantity, quantitySummary } from "../readouts/descriptions.ts";
import { showQuantity } from "../readouts/readouts.ts";
import { assetIn, assetsInOrder } from "../state/asset-order.ts";
import type { ReportContext, State, Store } from "../state/store.ts";
import { unpricedAt, type ViewAsset } from "../state/view.ts";
import { colour } from "./colours.ts";
import { lineExtent } from "./stacking.ts";
import { linePaths } from "./step-paths.ts";
import { setUpPlot } from "./step-plot.ts";

/** Sets up the quantity plot of one asset. It has no line in gaps and where the asset is not held. */
export function quantityPlot(store: Store, context: ReportContext): void {
  const picker = byId<HTMLSelectElement>("asset");
  picker.addEventListener("change", () => store.change({ asset: picker.value }));
  store.watch(["view"], ({ view }) => picker.replaceChildren(...assetsInOrder(view).map(option)));
  store.watch(["view", "asset"], ({ view, asset }) => {
    const shown = assetIn(view, asset);
    picker.value = shown;
    byId("quantity-asset").textContent = shown;
    byId("quantity").hidden = view.assets.length === 0;
  });
  const quantities = (state: State) => selectedAsset(state)?.quantities ?? [];
  setUpPlot("quantity", store, context.zone, {
    extent: (state) => lineExtent(quantities(state), state.range),
    series: [
      {
        width: 1.5,
        stroke: () => colour(context.colourOf(selectedAsset(store.state)?.symbol ?? "")),
        paths: (plot, state) => linePaths(plot, state, quantities(state)),
      },
    ],
    hasValue: (state, step) => quantities(state)[step] != null,
    isUnpriced: (view, step) => unpricedAt(view, step).includes(assetIn(view, store.state.asset)),
    describe: (state, step) => describeQuantity(state.view, step, selectedAsset(state), context),
  });
  store.watch(["view", "range", "asset"], (state) => {
    const asset = selectedAsset(state);
    byId("quantity-text").textContent = asset ? quantitySummary(state, asset, context) : "No asset was held.";
  });
  store.watch(["view", "range", "asset", "cursor"], (state) => {
    showQuantity(state, selectedAsset(state), context);
  });
}

function selectedAsset({ view, asset }: State): ViewAsset | undefined {
  const shown = assetIn(view, asset);
  return view.assets.find(({ symbol }) => symbol === shown);
}

function option({ symbol, name }: ViewAsset): HTMLOptionElement {
  return element("option", { value: symbol }, name === "" ? symbol : `${symbol} – ${name}`);
}
