import { byId } from "../dom.ts";
import { describeValue, valueSummary } from "../readouts/descriptions.ts";
import { showValues } from "../readouts/readouts.ts";
import { snapshotsIn } from "../state/range.ts";
import type { ReportContext, Store } from "../state/store.ts";
import { totalAt, unpricedAt, type View } from "../state/view.ts";
import { colours } from "./colours.ts";
import { enableKeyboard } from "./keyboard.ts";
import { coloursOf, type Layer, layerHeights, layersAt, MAX_LAYERS } from "./layers.ts";
import { type Band, stackBands, stackExtent, toFloat } from "./stacking.ts";
import { bandPaths, linePaths } from "./step-paths.ts";
import { createStepPlot, type StepSeries } from "./step-plot.ts";

/** Sets up the value plot: stacked areas for the most valuable assets and "other", and a line for the total. */
export function valuePlot(store: Store, context: ReportContext): void {
  let layers: Layer[] = [];
  let bands: Band[] = [];
  let totals: (number | null)[] = [];

  const plot = createStepPlot(byId("value-plot"), store, context.zone, {
    extent: ({ range }) => stackExtent(bands, range),
    series: [
      ...Array.from(
        { length: MAX_LAYERS },
        (_, index): StepSeries => ({
          width: 0.6,
          stroke: () => colours().paper,
          fill: () => colours().series[layers[index]?.colour ?? 0] ?? "",
          paths: (self, state) => {
            const band = bands[index];
            return band ? bandPaths(self, state, band) : null;
          },
        }),
      ),
      { width: 1.25, stroke: () => colours().ink, paths: (self, state) => linePaths(self, state, totals) },
    ],
    isUnpriced: isIncomplete,
  });

  store.watch(["view", "range"], (state, changed) => {
    const { view, range } = state;
    const end = snapshotsIn(view, range)?.end ?? range.last;
    layers = layersAt(view, end, changed.has("view") ? new Map() : coloursOf(layers));
    bands = stackBands(
      layers.map((layer) => layerHeights(layer, view.times.length)),
      view.points.map((point) => point !== null),
    );
    totals = view.times.map((_, step) => toFloat(totalAt(view, step)));
    const empty = view.times.map(() => null);
    const columns = Array.from({ length: MAX_LAYERS }, (_, index) => bands[index]?.high ?? empty);
    plot.draw([...columns, totals]);
    byId("value-text").textContent = valueSummary(state, layers, context);
  });
  store.watch(["view", "range", "cursor"], (state) => {
    plot.moveCursor(state.cursor);
    showValues(byId("value-readout"), state, layers, context);
  });
  enableKeyboard(byId("value-plot"), store, (state, step) => describeValue(state.view, step, context));
}

/** Returns whether a step's total excludes a holding because it has no price. */
function isIncomplete(view: View, step: number): boolean {
  const point = view.points[step];
  return point != null && (point.covers < point.of || (view.accounts > 1 && unpricedAt(view, step).length > 0));
}
