import uPlot from "uplot";
import type { Range } from "../state/range.ts";
import { stepAt } from "../state/range.ts";
import type { Zone } from "../state/time-zone.ts";
import type { View } from "../state/view.ts";
import { timeAxis, valueAxis } from "./axes.ts";
import { watchColours } from "./colours.ts";
import { drawMarks, STRIP_ROOM } from "./gap-marks.ts";
import { endOfStep } from "./spans.ts";
import type { Window } from "./step-paths.ts";

/** What a plot is made of. The functions are asked at each drawing. */
export interface FrameOptions {
  readonly zone: Zone;
  readonly series: readonly uPlot.Series[];
  /** The least and the greatest that the vertical axis shows. */
  readonly extent: () => [number, number];
  /** Whether what is drawn lacks a price at a step, which is marked. */
  readonly isUnpriced: (view: View, step: number) => boolean;
  readonly onCursor: (step: number | null) => void;
  readonly onZoom: (range: Range) => void;
  readonly onReset: () => void;
}

/** A plot on the page. */
export interface Frame {
  /** Draws the steps of a window. `columns`: the floats of each series over all steps of the view. */
  draw(window: Window, columns: readonly (readonly (number | null)[])[]): void;
  /** Moves the cursor line to a step, `null`: away. */
  point(step: number | null): void;
}

/**
 * uPlot with this page's axes, marks of gaps, cursor that snaps to steps, and drag to zoom. It follows the width of
 * `host`, whose height the style sheet fixes.
 */
export function createFrame(host: HTMLElement, options: FrameOptions): Frame {
  let shown: Window | undefined;
  let pointed: number | null = null;
  const seconds = (step: number) => (shown?.view.times[step] ?? 0) / 1000;

  const toStep = (plot: uPlot, left: number) => {
    const step = shown ? stepAt(shown.view.times, plot.posToVal(left, "x") * 1000) : 0;
    return Math.min(Math.max(step, shown?.first ?? 0), shown?.last ?? 0);
  };
  const zoomTo = ({ select, posToVal }: uPlot) => {
    if (!shown || select.width < 4) return;
    // The cursor snaps to the starts of steps, so that both ends are such, but for the rounding of pixels.
    const [from = 0, to = 0] = [select.left, select.left + select.width].map((left) => {
      const time = posToVal(left, "x") * 1000;
      return shown?.view.times[stepAt(shown.view.times, time + shown.view.period / 2)] ?? time;
    });
    options.onZoom({ from, to });
  };

  const reset = () => {
    options.onReset();
    return null;
  };

  const plot = new uPlot(
    {
      ...sizeOf(host),
      tzDate: (timestamp) => options.zone.wall(timestamp * 1000),
      padding: [STRIP_ROOM, 22, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: true, auto: false, range: (_, min, max) => [min, max] },
        y: { auto: true, range: () => options.extent() },
      },
      axes: [timeAxis(), valueAxis()],
      series: [{}, ...options.series],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 5 },
        bind: { dblclick: () => reset },
        move: (self, left, top) => {
          if (left < 0) {
            pointed = null;
            return [left, top];
          }
          pointed = toStep(self, left);
          return [self.valToPos(seconds(pointed), "x"), top];
        },
      },
      hooks: {
        drawClear: [(self) => shown && drawMarks(self, shown, options.isUnpriced)],
        setCursor: [() => options.onCursor(pointed)],
        setSelect: [
          (self) => {
            zoomTo(self);
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
    plot.batch(() => plot.setScale("x", { min: (view.times[first] ?? 0) / 1000, max: endOfStep(view, last) }));
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
    draw(window, columns) {
      shown = window;
      const data = [window.view.times.map((time) => time / 1000), ...columns] as uPlot.AlignedData;
      plot.batch(() => plot.setData(data, false));
      redraw();
    },
    point(step) {
      if (step === pointed) return;
      pointed = step;
      plot.setCursor({ left: step === null ? -10 : plot.valToPos(seconds(step), "x"), top: 0 }, false);
    },
  };
}

function sizeOf(host: HTMLElement): { width: number; height: number } {
  return { width: host.clientWidth, height: host.clientHeight };
}

/** A finger that goes sideways moves the cursor; up and down it scrolls the page, as the style sheet says. */
function followTouch(plot: uPlot): void {
  plot.over.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") return;
    const { left, top } = plot.over.getBoundingClientRect();
    plot.setCursor({ left: event.clientX - left, top: event.clientY - top });
  });
}
