import type uPlot from "uplot";
import type { State } from "../state/store.ts";
import { isGap, type View } from "../state/view.ts";
import { colour } from "./colours.ts";
import { endOfStep, forEachSequence, startOfStep } from "./step-paths.ts";

// Sizes in CSS pixels.
const STRIP_HEIGHT = 5;
const STRIP_OFFSET = 9;
const HATCH_DISTANCE = 7;

/** The space above a plot that `drawMarks` needs, in CSS pixels. */
export const MARKS_HEIGHT = STRIP_OFFSET + 3;

/**
 * Shades the time before the start and after the end of the accounts, hatches gaps, and marks gaps and missing prices in a strip above the plot. The marks are at least two pixels wide, so
 * that a single gap is visible among thousands of steps.
 */
export function drawMarks(
  plot: uPlot,
  { view, range }: State,
  isUnpriced: (view: View, step: number) => boolean,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const top = bbox.top - STRIP_OFFSET * ratio;
  const height = STRIP_HEIGHT * ratio;
  const horizontal = (from: number, to: number): [left: number, width: number] => {
    const left = plot.valToPos(startOfStep(view, from), "x", true);
    const right = plot.valToPos(endOfStep(view, to), "x", true);
    return [left, Math.max(2 * ratio, right - left)];
  };
  ctx.save();
  const isInactive = (step: number) => view.activeAccounts[step] === 0;
  forEachSequence(range, isInactive, (from, to) => {
    const [left, width] = horizontal(from, to);
    ctx.fillStyle = colour("inactive");
    ctx.fillRect(left, bbox.top, width, bbox.height);
  });
  const lacksSnapshot = (step: number) => isGap(view, step);
  forEachSequence(range, lacksSnapshot, (from, to) => {
    const [left, width] = horizontal(from, to);
    ctx.fillStyle = colour("gap");
    hatch(ctx, { left, top: bbox.top, width, height: bbox.height }, ratio);
    ctx.fillRect(left, top, width, height);
  });
  const lacksPrice = (step: number) => isUnpriced(view, step);
  forEachSequence(range, lacksPrice, (from, to) => {
    const [left, width] = horizontal(from, to);
    ctx.fillStyle = colour("unpriced");
    ctx.fillRect(left, top + height / 2, width, height / 2);
  });
  ctx.restore();
}

function hatch(ctx: CanvasRenderingContext2D, { left, top, width, height }: uPlot.BBox, ratio: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = ctx.fillStyle;
  ctx.globalAlpha = 0.45;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  const distance = HATCH_DISTANCE * ratio;
  // Aligned to multiples of the distance, so that all gaps share one pattern.
  const start = Math.floor((left - height) / distance) * distance;
  for (let x = start; x < left + width; x += distance) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}
