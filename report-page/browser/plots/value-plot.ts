import { byId } from "../dom.ts";
import { describeValue, valueSummary } from "../readouts/descriptions.ts";
import { showValues } from "../readouts/readouts.ts";
import { snapshotsIn, wholeRange } from "../state/range.ts";
import type { ReportContext, Store } from "../state/store.ts";
import { totalAt, totalsOf } from "../state/view.ts";
import { colour } from "./colours.ts";
import { type Layer, layerHeights, layersAt, MAX_LAYERS } from "./layers.ts";
import { type Band, stackBands, stackExtent } from "./stacking.ts";
import { bandPaths, linePaths } from "./step-paths.ts";
import { type StepSeries, setUpPlot } from "./step-plot.ts";

/** Sets up the value plot: stacked areas for the most valuable assets and "other", and a line for the total. */
export function valuePlot(store: Store, context: ReportContext): void {
  let layers: Layer[] = [];
  let bands: Band[] = [];
  store.watch(["view", "range"], ({ view, range }) => {
    // A range without a snapshot keeps the order of the last one.
    const end = (snapshotsIn(view, range) ?? snapshotsIn(view, wholeRange(view)))?.end ?? range.last;
    layers = layersAt(view, end, context);
    bands = stackBands(layers.map((layer) => layerHeights(layer, view.times.length)));
  });
  const layerSeries = (index: number): StepSeries => ({
    width: 0.6,
    stroke: () => colour("paper"),
    fill: () => colour(layers[index]?.colour ?? "other"),
    paths: (plot, state) => bandPaths(plot, state, bands[index]),
  });
  const total: StepSeries = {
    width: 1.25,
    stroke: () => colour("ink"),
    paths: (plot, state) => linePaths(plot, state, totalsOf(state.view)),
  };
  setUpPlot("value", store, context.zone, {
    extent: ({ range }) => stackExtent(bands, range),
    series: [...Array.from({ length: MAX_LAYERS }, (_, index) => layerSeries(index)), total],
    hasValue: ({ view }, step) => totalAt(view, step) !== null,
    isUnpriced: ({ points }, step) => points[step] != null && points[step].covers < points[step].of,
    describe: ({ view }, step) => describeValue(view, step, context),
  });
  store.watch(["view", "range"], (state) => {
    byId("value-text").textContent = valueSummary(state, layers, context);
  });
  store.watch(["view", "range", "cursor"], (state) => showValues(state, layers, context));
}
