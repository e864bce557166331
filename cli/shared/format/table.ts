import { printable } from "../../../core/domain/untrusted-text.ts";

/** A column: left-aligned, or aligned by decimal points. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "decimal";
}

/** Returns an aligned table without a final line end. Line breaks and control characters in cells are shown as escapes. */
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

/** Pads cells on the right, so that decimal points align when the column is right-aligned. */
function alignDecimals(cells: readonly string[]): string[] {
  const fractions = cells.map((cell) => (cell.includes(".") ? cell.length - cell.indexOf(".") : 0));
  const longest = Math.max(0, ...fractions);
  return cells.map((cell, at) => cell + " ".repeat(longest - (fractions[at] ?? 0)));
}
