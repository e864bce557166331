import type uPlot from "uplot";
import { byId, element } from "../dom.ts";
import { describeQuantity, quantitySummary } from "../readouts/descriptions.ts";
import { showQuantity } from "../readouts/quantity-readout.ts";
import { rank } from "../state/asset-order.ts";
import { stepsIn, wholeRange } from "../state/range.ts";
import type { ReportFacts, State, Store } from "../state/store.ts";
import { unpricedAt, type View, type ViewAsset } from "../state/view.ts";
import { colours } from "./colours.ts";
import { steer } from "./keyboard.ts";
import { lineExtent } from "./stacking.ts";
import { linePaths, type Window } from "./step-paths.ts";
import { createFrame } from "./step-plot.ts";

/** How much of one asset was held: no line where it was not held, and none in a gap. */
export function quantityPlot(store: Store, facts: ReportFacts): void {
  let levels: (number | null)[] = [];
  let shown: Window | undefined;
  const picker = byId<HTMLSelectElement>("asset");

  const frame = createFrame(byId("quantity-plot"), {
    zone: facts.zone,
    extent: () => (shown ? lineExtent(levels, shown.first, shown.last) : [0, 1]),
    series: [
      {
        width: 1.5,
        stroke: () => colours().line,
        points: { show: false },
        paths: (plot: uPlot) => (shown ? linePaths(plot, shown, levels) : null),
      },
    ],
    isUnpriced: (view, step) => unpricedAt(view, step).includes(store.state.asset),
    onCursor: (cursor) => store.change({ cursor }),
    onZoom: (range) => store.change({ range, cursor: null }),
    onReset: () => store.change({ range: wholeRange(store.state.view), cursor: null }),
  });

  picker.addEventListener("change", () => store.change({ asset: picker.value }));
  store.watch(["view"], ({ view }) => picker.replaceChildren(...assetsInOrder(view).map(option)));
  store.watch(["view", "asset"], ({ asset }) => {
    picker.value = asset;
    byId("quantity-asset").textContent = asset;
  });
  store.watch(["view", "range", "asset"], (state) => {
    const steps = stepsIn(state.view, state.range);
    if (steps === undefined) return;
    shown = { view: state.view, ...steps };
    const asset = assetOf(state);
    levels = state.view.times.map((_, step) => {
      const quantity = asset?.quantities[step] ?? null;
      return quantity === null ? null : Number(quantity);
    });
    frame.draw(shown, [levels]);
    byId("quantity-text").textContent = asset ? quantitySummary(state.view, steps, asset, facts) : "No asset was held.";
  });
  store.watch(["view", "range", "asset", "cursor"], (state) => {
    frame.point(state.cursor);
    showQuantity(byId("quantity-readout"), state, assetOf(state), facts);
  });
  steer(byId("quantity-plot"), store, (state, step) => describeQuantity(state.view, step, assetOf(state), facts));
}

/** The assets to pick from: the most valuable at the end first, those that never had a price last. */
export function assetsInOrder(view: View): ViewAsset[] {
  const ranked = rank(
    view.assets,
    view.points.findLastIndex((point) => point !== null),
  );
  const unpriced = view.assets.filter((asset) => !ranked.includes(asset));
  return [...ranked, ...unpriced.sort((one, other) => (one.symbol < other.symbol ? -1 : 1))];
}

function assetOf({ view, asset }: State): ViewAsset | undefined {
  return view.assets.find(({ symbol }) => symbol === asset);
}

function option({ symbol, name }: ViewAsset): HTMLOptionElement {
  return element("option", { value: symbol }, name === "" ? symbol : `${symbol} – ${name}`);
}
