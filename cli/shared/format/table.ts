import { printable } from "../../../core/domain/untrusted-text.ts";

/** How a column stands: texts to the left, amounts with their decimal points below each other. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "decimal";
}

/** Rows of text as an aligned table, without a line end after the last. A cell stays one line, and shows all that is in it. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = columns.map(({ align }, at) => {
    const column = rows.map((row) => printable(row[at] ?? ""));
    return align === "decimal" ? alignDecimals(column) : column;
  });
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...(cells[at] ?? []).map((cell) => cell.length)),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) =>
        columns[at]?.align === "decimal" ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    line(widths.map((width) => "─".repeat(width))),
    ...rows.map((_, row) => line(cells.map((column) => column[row] ?? ""))),
  ].join("\n");
}

/** Pads behind, so that the decimal points stand below each other once the column is flush right. */
function alignDecimals(cells: readonly string[]): string[] {
  const behind = cells.map((cell) => (cell.includes(".") ? cell.length - cell.indexOf(".") : 0));
  const most = Math.max(0, ...behind);
  return cells.map((cell, at) => cell + " ".repeat(most - (behind[at] ?? 0)));
}
