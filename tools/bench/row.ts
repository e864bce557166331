/** One line of a benchmark's table: what was measured, and each figure by its name, in the order of the columns. */
export interface Row {
  readonly measured: string;
  readonly figures: Readonly<Record<string, string>>;
}

/** Returns rows as a text table. A figure that a row does not have is empty. */
export function showTable(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  const lines = [
    ["", ...names],
    ...rows.map(({ measured, figures }) => [measured, ...names.map((name) => figures[name] ?? "")]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const show = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  ");
  return lines.map((cells) => `${show(cells).trimEnd()}\n`).join("");
}
