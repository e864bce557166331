import type uPlot from "uplot";
import { colours } from "./colours.ts";
import { tickLabels } from "./tick-labels.ts";

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';
const MINUTE = 60;
const DAY = 86_400;

/** Common to both axes; the colours are asked at each drawing. */
const common = {
  stroke: () => colours().muted,
  font: FONT,
  grid: { stroke: () => colours().grid, width: 1 },
  ticks: { stroke: () => colours().grid, width: 1, size: 5 },
} satisfies uPlot.Axis;

/** Times as everywhere on the page, `2026-11-23`, and only what the mark before does not say. */
export function timeAxis(): uPlot.Axis {
  const times = [
    [365 * DAY, "{YYYY}", null, null, null, null, null, null, 1],
    [28 * DAY, "{YYYY}-{MM}", null, null, null, null, null, null, 1],
    [DAY, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
    [MINUTE, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
    [1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  ] as const;
  return { ...common, space: 72, size: 44, gap: 6, values: times as unknown as uPlot.Axis.Values };
}

/** As wide in all plots, so that their times stand below each other. */
export function valueAxis(): uPlot.Axis {
  return { ...common, size: 72, gap: 6, space: 36, values: (_, marks) => tickLabels(marks) };
}
