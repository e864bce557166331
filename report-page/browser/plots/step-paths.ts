import type uPlot from "uplot";
import type { View } from "../state/view.ts";
import { eachRun, endOfStep } from "./spans.ts";
import type { Band } from "./stacking.ts";

type Paths = uPlot.Series.Paths;

/** What a plot shows of a view. */
export interface Window {
  readonly view: View;
  readonly first: number;
  readonly last: number;
}

/**
 * The area of a band, and its upper edge. Each step is drawn flat, as wide as it is: nothing is interpolated, a gap leaves a hole, and a
 * snapshot alone between two gaps is seen.
 */
export function bandPaths(plot: uPlot, { view, first, last }: Window, { low, high }: Band): Paths {
  const fill = new Path2D();
  const stroke = new Path2D();
  const x = (seconds: number) => plot.valToPos(seconds, "x", true);
  const y = (level: number | null | undefined) => plot.valToPos(level ?? 0, "y", true);
  const present = (step: number) => high[step] != null && high[step] !== low[step];
  eachRun(first, last, present, (from, to) => {
    fill.moveTo(x((view.times[from] ?? 0) / 1000), y(low[from]));
    stroke.moveTo(x((view.times[from] ?? 0) / 1000), y(high[from]));
    for (let step = from; step <= to; step++) {
      const [left, right, top] = [x((view.times[step] ?? 0) / 1000), x(endOfStep(view, step)), y(high[step])];
      for (const path of [fill, stroke]) {
        path.lineTo(left, top);
        path.lineTo(right, top);
      }
    }
    for (let step = to; step >= from; step--) {
      fill.lineTo(x(endOfStep(view, step)), y(low[step]));
      fill.lineTo(x((view.times[step] ?? 0) / 1000), y(low[step]));
    }
    fill.closePath();
  });
  return { fill, stroke };
}

/** A line of flat steps that breaks where there is none, and is two pixels long at least. */
export function linePaths(plot: uPlot, { view, first, last }: Window, column: readonly (number | null)[]): Paths {
  const stroke = new Path2D();
  const x = (seconds: number) => plot.valToPos(seconds, "x", true);
  eachRun(
    first,
    last,
    (step) => column[step] != null,
    (from, to) => {
      const left = x((view.times[from] ?? 0) / 1000);
      stroke.moveTo(left, plot.valToPos(column[from] ?? 0, "y", true));
      for (let step = from; step <= to; step++) {
        const y = plot.valToPos(column[step] ?? 0, "y", true);
        stroke.lineTo(x((view.times[step] ?? 0) / 1000), y);
        stroke.lineTo(Math.max(left + 2 * devicePixelRatio, x(endOfStep(view, step))), y);
      }
    },
  );
  return { stroke };
}
