import { printable } from "../../../core/domain/untrusted-text.ts";
import { displayWidth, truncateWidth } from "./display-width.ts";

/** A column: left-aligned, or aligned by decimal points. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "decimal";
}

/** The columns of a terminal that a name may take: an account id takes 44. */
const MAX_WIDTH = 48;

/**
 * Returns an aligned table without a final line end. Line breaks, control and invisible characters in cells are shown as
 * escapes. Texts are truncated, except in the last column, which pads no other; amounts never are.
 */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = columns.map(({ align }, at) => {
    const column = rows.map((row) => printable(row[at] ?? ""));
    if (align === "decimal") return alignDecimals(column);
    return at === columns.length - 1 ? column : column.map((cell) => truncateWidth(cell, MAX_WIDTH));
  });
  const titles = columns.map(({ title }) => nameText(title));
  const widths = cells.map((column, at) => Math.max(...[titles[at] ?? "", ...column].map(displayWidth)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => {
        const padding = " ".repeat((widths[at] ?? 0) - displayWidth(text));
        return columns[at]?.align === "decimal" ? padding + text : text + padding;
      })
      .join("  ")
      .trimEnd();
  return [
    line(titles),
    line(widths.map((width) => "─".repeat(width))),
    ...rows.map((_, row) => line(cells.map((column) => column[row] ?? ""))),
  ].join("\n");
}

/** Returns a name from outside as text for a terminal: truncated, with escapes for what cannot be seen. */
export function nameText(name: string): string {
  return truncateWidth(printable(name), MAX_WIDTH);
}

/** Pads cells on the right, so that decimal points align when the column is right-aligned. */
function alignDecimals(cells: readonly string[]): string[] {
  const fractions = cells.map((cell) => (cell.includes(".") ? cell.length - cell.indexOf(".") : 0));
  const longest = Math.max(0, ...fractions);
  return cells.map((cell, at) => cell + " ".repeat(longest - (fractions[at] ?? 0)));
}
