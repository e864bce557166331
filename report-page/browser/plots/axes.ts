import type uPlot from "uplot";
import type { TimeZone } from "../state/time-zone.ts";
import { colour } from "./colours.ts";
import { tickLabels } from "./tick-labels.ts";
import { timeLabels } from "./time-labels.ts";

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';

/** The width of the longest line of a label, `2027-01-01`, in a wide font. */
export const MAX_LABEL_WIDTH = 68;

/** Options of both axes. Colours are functions because they change with the colour scheme. */
const common = {
  stroke: () => colour("muted"),
  font: FONT,
  grid: { stroke: () => colour("grid"), width: 1 },
  ticks: { stroke: () => colour("grid"), width: 1, size: 5 },
} satisfies uPlot.Axis;

/**
 * Returns an axis with ISO dates. The labels do not use uPlot's dates, which are local times of the browser: where its
 * clocks skip an hour, they cannot represent that hour of the report's time zone.
 */
export function timeAxis(zone: TimeZone): uPlot.Axis {
  const values: uPlot.Axis.Values = (_, ticks, __, ___, distance) =>
    timeLabels(
      ticks.map((tick) => tick * 1000),
      distance * 1000,
      zone,
    );
  return { ...common, space: 72, size: 44, gap: 6, values };
}

/**
 * Returns a value axis. Its width is fixed, so that the time axes of all plots align.
 * @param isEmpty whether the plot has no values: then the axis has no labels
 */
export function valueAxis(isEmpty: () => boolean): uPlot.Axis {
  const values: uPlot.Axis.Values = (_, ticks) => (isEmpty() ? ticks.map(() => "") : tickLabels(ticks));
  return { ...common, size: 72, gap: 6, space: 36, values };
}
