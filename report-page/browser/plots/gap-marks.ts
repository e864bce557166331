import type uPlot from "uplot";
import type { View } from "../state/view.ts";
import { colours } from "./colours.ts";
import { eachRun, endOfStep } from "./spans.ts";
import type { Window } from "./step-paths.ts";

/** How high the strip above a plot is, CSS pixels. */
const STRIP = 5;
const ROOM = 9;

/** The room above a plot that `drawMarks` needs, CSS pixels. */
export const STRIP_ROOM = ROOM + 3;

/**
 * Marks what there is none of: gaps are hatched, and stand in the strip above the plot at least two pixels wide, so
 * that a single one among thousands of steps is seen; so do steps at which a price is lacking.
 */
export function drawMarks(
  plot: uPlot,
  { view, first, last }: Window,
  isUnpriced: (view: View, step: number) => boolean,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const { gap, unpriced } = colours();
  const top = bbox.top - ROOM * ratio;
  ctx.save();
  eachRun(
    first,
    last,
    (step) => view.points[step] === null,
    (from, to) => {
      const [left, width] = span(plot, view, from, to, 2 * ratio);
      hatch(ctx, left, bbox.top, width, bbox.height, gap, ratio);
      ctx.fillStyle = gap;
      ctx.fillRect(left, top, width, STRIP * ratio);
    },
  );
  eachRun(
    first,
    last,
    (step) => isUnpriced(view, step),
    (from, to) => {
      const [left, width] = span(plot, view, from, to, 2 * ratio);
      ctx.fillStyle = unpriced;
      ctx.fillRect(left, top + (STRIP * ratio) / 2, width, (STRIP * ratio) / 2);
    },
  );
  ctx.restore();
}

function span(plot: uPlot, view: View, from: number, to: number, least: number): [left: number, width: number] {
  const left = plot.valToPos((view.times[from] ?? 0) / 1000, "x", true);
  const right = plot.valToPos(endOfStep(view, to), "x", true);
  return [left, Math.max(least, right - left)];
}

/** Diagonal lines, where there is room for one. */
function hatch(
  ctx: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  colour: string,
  ratio: number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.45;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  const distance = 7 * ratio;
  // The lines of all gaps belong to one pattern, whatever the gap's place.
  const start = Math.floor((left - height) / distance) * distance;
  for (let x = start; x < left + width; x += distance) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}
