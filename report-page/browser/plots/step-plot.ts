import uPlot from "uplot";
import { byId } from "../dom.ts";
import { stepAt, wholeRange } from "../state/range.ts";
import type { State, Store } from "../state/store.ts";
import type { TimeZone } from "../state/time-zone.ts";
import { countGaps, countInactive, type View } from "../state/view.ts";
import { MAX_LABEL_WIDTH, timeAxis, valueAxis } from "./axes.ts";
import { watchColours } from "./colours.ts";
import { drawMarks, MARKS_HEIGHT } from "./gap-marks.ts";
import { enableKeyboard } from "./keyboard.ts";
import { endOfStep, startOfStep } from "./step-paths.ts";

/** The parts of a plot that differ. The functions are called at each drawing. */
export interface StepPlotOptions {
  readonly series: readonly StepSeries[];
  /** Returns the extent of the vertical axis. */
  readonly extent: (state: State) => [number, number];
  /** Returns whether a step has something to draw. */
  readonly hasValue: (state: State, step: number) => boolean;
  /** Returns whether to mark a step as lacking a price. */
  readonly isUnpriced: (view: View, step: number) => boolean;
  /** Returns the text for a step, which screen readers announce. */
  readonly describe: (state: State, step: number) => string;
}

export type StepSeries = Pick<uPlot.Series, "width" | "stroke" | "fill"> & {
  readonly paths: (plot: uPlot, state: State) => uPlot.Series.Paths | null;
};

/**
 * Sets up a uPlot plot with the page's axes, gap marks, a cursor that snaps to steps, drag to zoom, and keyboard control.
 * It follows the state, and the width of its element, `NAME-plot`; the style sheet sets the height.
 */
export function setUpPlot(name: string, store: Store, zone: TimeZone, options: StepPlotOptions): void {
  const host = byId(`${name}-plot`);
  let cursorStep: number | null = null;
  const positionOf = (plot: uPlot, step: number) => plot.valToPos(startOfStep(store.state.view, step), "x");

  const stepAtPixel = (plot: uPlot, left: number) => {
    const { view, range } = store.state;
    return Math.min(Math.max(stepAt(view, plot.posToVal(left, "x") * 1000), range.first), range.last);
  };
  const zoomToSelection = ({ select, posToVal }: uPlot) => {
    if (select.width < 4) return;
    const { view } = store.state;
    // The cursor snaps to the starts of steps. Half an interval more absorbs the rounding to pixels.
    const stepNear = (left: number) => stepAt(view, posToVal(left, "x") * 1000 + view.interval / 2);
    const range = { first: stepNear(select.left), last: stepNear(select.left + select.width) };
    store.change({ range, cursor: null });
  };
  const isEmpty = () => {
    const { first, last } = store.state.range;
    for (let step = first; step <= last; step++) if (options.hasValue(store.state, step)) return false;
    return true;
  };
  const seriesOf = ({ paths, ...style }: StepSeries): uPlot.Series => ({
    ...style,
    points: { show: false },
    paths: (self) => paths(self, store.state),
  });
  const reset = () => {
    store.change({ range: wholeRange(store.state.view), cursor: null });
    return null;
  };

  const plot = new uPlot(
    {
      ...sizeOf(host),
      tzDate: (timestamp) => zone.wallClockDate(timestamp * 1000),
      // A label can be centred on the right end of the axis.
      padding: [MARKS_HEIGHT, MAX_LABEL_WIDTH / 2, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: true, auto: false, range: (_, min, max) => [min, max] },
        y: { auto: true, range: () => options.extent(store.state) },
      },
      axes: [timeAxis(zone), valueAxis(isEmpty)],
      series: [{}, ...options.series.map(seriesOf)],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 5 },
        bind: { dblclick: () => reset },
        move: (self, left, top) => {
          cursorStep = left < 0 ? null : stepAtPixel(self, left);
          return [cursorStep === null ? left : positionOf(self, cursorStep), top];
        },
      },
      hooks: {
        drawClear: [(self) => drawMarks(self, store.state, options.isUnpriced)],
        setCursor: [() => store.change({ cursor: cursorStep })],
        setSelect: [
          (self) => {
            zoomToSelection(self);
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    [[]],
    host,
  );
  const draw = ({ view, range }: State) => {
    const times = view.times.map((time) => time / 1000);
    plot.batch(() => {
      // The series have no data, because their paths follow from the state.
      plot.setData([times, ...options.series.map(() => [])], false);
      plot.setScale("x", { min: startOfStep(view, range.first), max: endOfStep(view, range.last) });
    });
  };
  const refit = () => {
    const { width, height } = sizeOf(host);
    if (width !== plot.width || height !== plot.height) plot.batch(() => plot.setSize({ width, height }));
  };
  store.watch(["view", "range", "asset"], draw);
  store.watch(["view", "range", "asset"], ({ view, range }) => {
    const steps = view.times.map((_, step) => step).slice(range.first, range.last + 1);
    byId(`${name}-empty`).hidden = !isEmpty();
    byId(`${name}-gap-key`).hidden = countGaps(view, range) === 0;
    byId(`${name}-inactive-key`).hidden = countInactive(view, range) === 0;
    byId(`${name}-unpriced-key`).hidden = !steps.some((step) => options.isUnpriced(view, step));
  });
  store.watch(["cursor"], ({ cursor }) => {
    if (cursor === cursorStep) return;
    cursorStep = cursor;
    plot.setCursor({ left: cursor === null ? -10 : positionOf(plot, cursor), top: 0 }, false);
  });
  new ResizeObserver(refit).observe(host);
  watchColours(() => {
    refit();
    draw(store.state);
  });
  followTouch(plot);
  enableKeyboard(host, store, options.describe);
}

function sizeOf(host: HTMLElement): { width: number; height: number } {
  return { width: host.clientWidth, height: host.clientHeight };
}

/** Moves the cursor on horizontal touch. The style sheet leaves vertical touch to scrolling. */
function followTouch(plot: uPlot): void {
  plot.over.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") return;
    const { left, top } = plot.over.getBoundingClientRect();
    plot.setCursor({ left: event.clientX - left, top: event.clientY - top });
  });
}
