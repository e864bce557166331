/** One column of a chart: a number to place it by, or `null` for a gap. */
export type ChartPoint = number | null;

const HEIGHT = 12;

/**
 * A line of points for a terminal, one column each, with the axis at the left. A gap is an empty column, marked at the
 * bottom: no line runs through it.
 * @param points numbers are for the places alone; what is exact is in the labels
 * @param label the text of a value on the axis
 */
export function lineChart(points: readonly ChartPoint[], label: (value: number) => string): string {
  const known = points.filter((point) => point !== null);
  if (known.length === 0) return "nothing to draw: there is no value in the range";
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const rowOf = (value: number) => (high === low ? 0 : Math.round(((value - low) / (high - low)) * (HEIGHT - 1)));
  const rows = points.map((point) => (point === null ? null : rowOf(point)));
  const labels = Array.from({ length: HEIGHT }, (_, row) => label(low + ((high - low) * row) / (HEIGHT - 1)));
  const width = Math.max(...labels.map(({ length }) => length));
  const lines = Array.from({ length: HEIGHT }, (_, at) => {
    const row = HEIGHT - 1 - at;
    const axis = row === 0 || (high > low && row % 4 === 3) ? (labels[row] ?? "") : "";
    return `${axis.padStart(width)} ┤${rows.map((of, column) => cell(of, rows[column - 1] ?? null, row)).join("")}`.trimEnd();
  });
  const gaps = rows.map((row) => (row === null ? "·" : " ")).join("");
  return [
    ...lines,
    `${"".padStart(width)} └${"─".repeat(points.length)}`,
    `${"".padStart(width)}  ${gaps}`.trimEnd(),
  ].join("\n");
}

/** A point, or the upright between it and the one before. */
function cell(here: number | null, before: number | null, row: number): string {
  if (here === null) return " ";
  if (here === row) return "●";
  const between = before !== null && row > Math.min(here, before) && row < Math.max(here, before);
  return between ? "│" : " ";
}
