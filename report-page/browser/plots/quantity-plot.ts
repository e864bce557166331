import { byId, element } from "../dom.ts";
import { describeQuantity, quantitySummary } from "../readouts/descriptions.ts";
import { showQuantity } from "../readouts/readouts.ts";
import { assetsInOrder } from "../state/asset-order.ts";
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
  store.watch(["view", "asset"], ({ asset }) => {
    picker.value = asset;
    byId("quantity-asset").textContent = asset;
  });
  const quantities = (state: State) => selectedAsset(state)?.quantities ?? [];
  setUpPlot("quantity", store, context.zone, {
    extent: (state) => lineExtent(quantities(state), state.range),
    series: [
      {
        width: 1.5,
        stroke: () => colour(context.colourOf(store.state.asset)),
        paths: (plot, state) => linePaths(plot, state, quantities(state)),
      },
    ],
    isUnpriced: (view, step) => unpricedAt(view, step).includes(store.state.asset),
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
  return view.assets.find(({ symbol }) => symbol === asset);
}

function option({ symbol, name }: ViewAsset): HTMLOptionElement {
  return element("option", { value: symbol }, name === "" ? symbol : `${symbol} – ${name}`);
}
