import type uPlot from "uplot";
import type { Range } from "../state/range.ts";
import type { State } from "../state/store.ts";
import type { View } from "../state/view.ts";
import type { Band } from "./stacking.ts";

type Paths = uPlot.Series.Paths;

/** The least width of an unbroken sequence of steps, in CSS pixels, so that a single step stays visible. */
const MIN_WIDTH = 2;

const NO_BAND: Band = { low: [], high: [] };

/** Calls `draw` with the first and the last step of each unbroken sequence of steps that pass `test`. */
export function forEachSequence(
  { first, last }: Range,
  test: (step: number) => boolean,
  draw: (from: number, to: number) => void,
): void {
  for (let step = first; step <= last; step++) {
    if (!test(step)) continue;
    const from = step;
    while (step < last && test(step + 1)) step++;
    draw(from, step);
  }
}

/** Returns when a step starts, in epoch seconds as in uPlot. */
export function startOfStep({ times }: View, step: number): number {
  return (times[step] ?? 0) / 1000;
}

/** Returns when a step ends in epoch seconds: where the next one starts. */
export function endOfStep({ times, interval }: View, step: number): number {
  return (times[step + 1] ?? (times[step] ?? 0) + interval) / 1000;
}

/**
 * Returns the area of a band and its upper edge. Each step is flat and as wide as its interval: nothing is
 * interpolated, a gap is a hole, and a single snapshot between two gaps stays visible.
 */
export function bandPaths(plot: uPlot, { view, range }: State, { low, high }: Band = NO_BAND): Paths {
  const fill = new Path2D();
  const stroke = new Path2D();
  const { left, right, y } = positions(plot, view);
  const hasHeight = (step: number) => high[step] !== low[step];
  forEachSequence(range, hasHeight, (from, to) => {
    fill.moveTo(left(from), y(low[from]));
    stroke.moveTo(left(from), y(high[from]));
    const rightEnd = (step: number) => Math.max(left(from) + MIN_WIDTH * devicePixelRatio, right(step));
    for (let step = from; step <= to; step++) {
      for (const path of [fill, stroke]) {
        path.lineTo(left(step), y(high[step]));
        path.lineTo(rightEnd(step), y(high[step]));
      }
    }
    for (let step = to; step >= from; step--) {
      fill.lineTo(rightEnd(step), y(low[step]));
      fill.lineTo(left(step), y(low[step]));
    }
    fill.closePath();
  });
  return { fill, stroke };
}

/** Returns a line of flat steps that breaks where the column is `null`. Each part is at least two pixels long. */
export function linePaths(plot: uPlot, { view, range }: State, column: readonly (string | null)[]): Paths {
  const stroke = new Path2D();
  const { left, right, y } = positions(plot, view);
  const isKnown = (step: number) => column[step] != null;
  forEachSequence(range, isKnown, (from, to) => {
    stroke.moveTo(left(from), y(column[from]));
    for (let step = from; step <= to; step++) {
      stroke.lineTo(left(step), y(column[step]));
      stroke.lineTo(Math.max(left(from) + MIN_WIDTH * devicePixelRatio, right(step)), y(column[step]));
    }
  });
  return { stroke };
}

/** Returns functions from steps and levels to positions on the canvas. */
function positions(plot: uPlot, view: View) {
  return {
    left: (step: number) => plot.valToPos(startOfStep(view, step), "x", true),
    right: (step: number) => plot.valToPos(endOfStep(view, step), "x", true),
    y: (level: number | string | null | undefined) => plot.valToPos(Number(level ?? 0), "y", true),
  };
}
