const HEIGHT = 12;

/**
 * Returns a line chart for a terminal, with one column per point and the axis at the left. A gap is an empty column marked
 * at the bottom; no line crosses it.
 * @param points rounded numbers, which only decide where points are drawn; `null` is a gap
 * @param label returns the text of a value on the axis
 */
export function lineChart(points: readonly (number | null)[], label: (value: number) => string): string {
  const known = points.filter((point) => point !== null);
  if (known.length === 0) return "nothing to draw: the range contains no values";
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

/** Returns a point, or a part of the vertical line to the previous point. */
function cell(here: number | null, before: number | null, row: number): string {
  if (here === null) return " ";
  if (here === row) return "●";
  const between = before !== null && row > Math.min(here, before) && row < Math.max(here, before);
  return between ? "│" : " ";
}
