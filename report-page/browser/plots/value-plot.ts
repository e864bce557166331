import type uPlot from "uplot";
import { byId } from "../dom.ts";
import { describeValue, valueSummary } from "../readouts/descriptions.ts";
import { showValues } from "../readouts/value-readout.ts";
import { endsOf, stepsIn, wholeRange } from "../state/range.ts";
import type { ReportFacts, Store } from "../state/store.ts";
import { totalAt, unpricedAt, type View } from "../state/view.ts";
import { colours } from "./colours.ts";
import { steer } from "./keyboard.ts";
import { coloursOf, heights, LAYERS, type Layer, layersAt } from "./layers.ts";
import { type Band, stack, stackExtent } from "./stacking.ts";
import { bandPaths, linePaths, type Window } from "./step-paths.ts";
import { createFrame } from "./step-plot.ts";

/** Value over time: an area for each of the most valuable assets, stacked, the others folded into one. */
export function valuePlot(store: Store, facts: ReportFacts): void {
  let layers: Layer[] = [];
  let bands: Band[] = [];
  let totals: (number | null)[] = [];
  let shown: Window | undefined;

  const frame = createFrame(byId("value-plot"), {
    zone: facts.zone,
    extent: () => (shown ? stackExtent(bands, shown.first, shown.last) : [0, 1]),
    series: [
      ...Array.from({ length: LAYERS }, (_, at) => ({
        width: 0.6,
        stroke: () => colours().paper,
        fill: () => colours().series[layers[at]?.colour ?? 0] ?? "",
        points: { show: false },
        paths: (plot: uPlot) => {
          const band = bands[at];
          return shown && band ? bandPaths(plot, shown, band) : null;
        },
      })),
      {
        width: 1.25,
        stroke: () => colours().ink,
        points: { show: false },
        paths: (plot: uPlot) => (shown ? linePaths(plot, shown, totals) : null),
      },
    ],
    isUnpriced: isIncomplete,
    onCursor: (cursor) => store.change({ cursor }),
    onZoom: (range) => store.change({ range, cursor: null }),
    onReset: () => store.change({ range: wholeRange(store.state.view), cursor: null }),
  });

  store.watch(["view", "range"], ({ view, range }, changed) => {
    const steps = stepsIn(view, range);
    if (steps === undefined) return;
    const end = endsOf(view, steps.first, steps.last)?.end ?? steps.last;
    layers = layersAt(view, end, changed.has("view") ? new Map() : coloursOf(layers));
    bands = stack(
      layers.map((layer) => heights(layer, view.times.length)),
      view.points.map((point) => point !== null),
    );
    totals = view.times.map((_, step) => {
      const total = totalAt(view, step);
      return total === null ? null : Number(total);
    });
    shown = { view, ...steps };
    const nothing = view.times.map(() => null);
    const columns = Array.from({ length: LAYERS }, (_, at) => bands[at]?.high ?? nothing);
    frame.draw(shown, [...columns, totals]);
    byId("value-text").textContent = valueSummary(view, steps, layers, facts);
  });
  store.watch(["view", "range", "cursor"], (state) => {
    frame.point(state.cursor);
    showValues(byId("value-readout"), state, layers, facts);
  });
  steer(byId("value-plot"), store, (state, step) => describeValue(state.view, step, facts));
}

/** Whether a step's total leaves out something that is held. */
function isIncomplete(view: View, step: number): boolean {
  const point = view.points[step];
  return point != null && (point.covers < point.of || (view.accounts > 1 && unpricedAt(view, step).length > 0));
}
