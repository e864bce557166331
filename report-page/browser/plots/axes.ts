import type uPlot from "uplot";
import { colours } from "./colours.ts";
import { tickLabels } from "./tick-labels.ts";

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';

// Seconds, as in uPlot.
const MINUTE = 60;
const DAY = 86_400;

/** Options of both axes. Colours are functions because they change with the colour scheme. */
const common = {
  stroke: () => colours().muted,
  font: FONT,
  grid: { stroke: () => colours().grid, width: 1 },
  ticks: { stroke: () => colours().grid, width: 1, size: 5 },
} satisfies uPlot.Axis;

/** Returns an axis with ISO dates. A label omits what the previous one already shows. */
export function timeAxis(): uPlot.Axis {
  const formats = [
    [365 * DAY, "{YYYY}", null, null, null, null, null, null, 1],
    [28 * DAY, "{YYYY}-{MM}", null, null, null, null, null, null, 1],
    [DAY, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
    [MINUTE, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
    [1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  ] as const;
  return { ...common, space: 72, size: 44, gap: 6, values: formats as unknown as uPlot.Axis.Values };
}

/** Returns a value axis. Its width is fixed, so that the time axes of all plots align. */
export function valueAxis(): uPlot.Axis {
  return { ...common, size: 72, gap: 6, space: 36, values: (_, ticks) => tickLabels(ticks) };
}
