import uPlot from "uplot";
import { stepAt, wholeRange } from "../state/range.ts";
import type { Store } from "../state/store.ts";
import type { TimeZone } from "../state/time-zone.ts";
import type { View } from "../state/view.ts";
import { timeAxis, valueAxis } from "./axes.ts";
import { watchColours } from "./colours.ts";
import { drawMarks, MARKS_HEIGHT } from "./gap-marks.ts";
import { endOfStep, startOfStep, type VisibleSteps } from "./step-paths.ts";

/** The parts of a plot that differ. The functions are called at each drawing. */
export interface StepPlotOptions {
  readonly series: readonly uPlot.Series[];
  /** Returns the extent of the vertical axis. */
  readonly extent: () => [number, number];
  /** Returns whether to mark a step as lacking a price. */
  readonly isUnpriced: (view: View, step: number) => boolean;
}

/**
 * Creates a uPlot plot with the page's axes, gap marks, a cursor that snaps to steps, and drag to zoom. It follows the
 * width of `host`; the style sheet sets the height.
 */
export function createStepPlot(host: HTMLElement, store: Store, zone: TimeZone, options: StepPlotOptions) {
  let shown: VisibleSteps | undefined;
  let cursorStep: number | null = null;
  const secondsAt = (step: number) => (shown ? startOfStep(shown.view, step) : 0);

  const stepAtPixel = (plot: uPlot, left: number) => {
    const step = shown ? stepAt(shown.view.times, plot.posToVal(left, "x") * 1000) : 0;
    return Math.min(Math.max(step, shown?.first ?? 0), shown?.last ?? 0);
  };
  const zoomToSelection = ({ select, posToVal }: uPlot) => {
    if (!shown || select.width < 4) return;
    const { times, interval } = shown.view;
    // The cursor snaps to the starts of steps. Half an interval more absorbs the rounding to pixels.
    const [from = 0, to = 0] = [select.left, select.left + select.width].map((left) => {
      const time = posToVal(left, "x") * 1000;
      return times[stepAt(times, time + interval / 2)] ?? time;
    });
    store.change({ range: { from, to }, cursor: null });
  };
  const reset = () => {
    store.change({ range: wholeRange(store.state.view), cursor: null });
    return null;
  };

  const plot = new uPlot(
    {
      ...sizeOf(host),
      tzDate: (timestamp) => zone.wallClockDate(timestamp * 1000),
      padding: [MARKS_HEIGHT, 22, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: true, auto: false, range: (_, min, max) => [min, max] },
        y: { auto: true, range: () => options.extent() },
      },
      axes: [timeAxis(zone), valueAxis()],
      series: [{}, ...options.series],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 5 },
        bind: { dblclick: () => reset },
        move: (self, left, top) => {
          cursorStep = left < 0 ? null : stepAtPixel(self, left);
          return [cursorStep === null ? left : self.valToPos(secondsAt(cursorStep), "x"), top];
        },
      },
      hooks: {
        drawClear: [(self) => shown && drawMarks(self, shown, options.isUnpriced)],
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
  const redraw = () => {
    if (!shown) return;
    const { view, first, last } = shown;
    plot.batch(() => plot.setScale("x", { min: startOfStep(view, first), max: endOfStep(view, last) }));
  };
  const refit = () => {
    const { width, height } = sizeOf(host);
    if (width !== plot.width || height !== plot.height) plot.batch(() => plot.setSize({ width, height }));
  };
  new ResizeObserver(refit).observe(host);
  watchColours(() => {
    refit();
    redraw();
  });
  followTouch(plot);

  return {
    /** Draws the visible steps. `columns` are the floats of each series over all steps of the view. */
    draw(visible: VisibleSteps, columns: readonly (readonly (number | null)[])[]): void {
      shown = visible;
      const data = [visible.view.times.map((time) => time / 1000), ...columns] as uPlot.AlignedData;
      plot.batch(() => plot.setData(data, false));
      redraw();
    },
    /** Moves the cursor line to a step; `null` hides it. */
    moveCursor(step: number | null): void {
      if (step === cursorStep) return;
      cursorStep = step;
      plot.setCursor({ left: step === null ? -10 : plot.valToPos(secondsAt(step), "x"), top: 0 }, false);
    },
  };
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
