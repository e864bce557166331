import { printable } from "../../../core/domain/untrusted-text.ts";
import { displayWidth, truncateWidth } from "./display-width.ts";

export interface Column {
  readonly title: string;
  /** Counts are aligned right, amounts by their decimal points, everything else left. */
  readonly kind?: "count" | "decimal" | "time" | "id" | undefined;
  readonly cells: readonly string[];
}

/** The columns of a terminal that a name may take: an account id takes 44. */
const MAX_WIDTH = 48;

/**
 * Returns an aligned table without a final line end, or the rows one below the other if it is too wide. A column whose cells
 * are all empty is left out. Line breaks, control and invisible characters in cells are shown as escapes. Texts in an aligned
 * table are truncated, except in the last column, which pads no other; amounts and ids never are.
 * @param maxWidth the columns of the terminal
 */
export function textTable(columns: readonly Column[], maxWidth = Number.POSITIVE_INFINITY): string {
  const shown = columns
    .filter(({ cells }) => cells.length === 0 || cells.some((cell) => cell !== ""))
    .map((column) => ({ ...column, title: nameText(column.title), cells: column.cells.map(printable) }));
  for (const gap of ["  ", " "]) {
    const lines = alignedLines(shown, gap);
    // The rule below the titles is as long as the longest line.
    const [, rule = ""] = lines;
    if (rule.length <= maxWidth) return lines.join("\n");
  }
  return blocks(shown).join("\n");
}

/** Returns the titles, the rule below them, and the rows. @param gap the spaces between columns */
function alignedLines(columns: readonly Column[], gap: string): string[] {
  const cells = columns.map(({ kind, cells }, at) => {
    if (kind === "decimal") return alignDecimals(cells);
    if (kind === "id" || at === columns.length - 1) return cells;
    return cells.map((cell) => truncateWidth(cell, MAX_WIDTH));
  });
  const widths = cells.map((column, at) => maxOf([columns[at]?.title ?? "", ...column].map(displayWidth)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => {
        const { kind } = columns[at] ?? {};
        const padding = " ".repeat((widths[at] ?? 0) - displayWidth(text));
        return kind === "decimal" || kind === "count" ? padding + text : text + padding;
      })
      .join(gap)
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    line(widths.map((width) => "─".repeat(width))),
    ...(columns[0]?.cells ?? []).map((_, row) => line(cells.map((column) => column[row] ?? ""))),
  ];
}

/** Returns each row as a block of lines with a title and a value, which nothing truncates. */
function blocks(columns: readonly Column[]): string[] {
  const width = maxOf(columns.map(({ title }) => displayWidth(title)));
  const rows = columns[0]?.cells ?? [];
  return rows.flatMap((_, row) => [
    ...(row === 0 ? [] : [""]),
    ...columns.flatMap(({ title, cells }) => {
      const padding = " ".repeat(width - displayWidth(title));
      return cells[row] ? [`${title}${padding}  ${cells[row]}`] : [];
    }),
  ]);
}

/** Returns a name from outside as text for a terminal: truncated, with escapes for what cannot be seen. */
export function nameText(name: string): string {
  return truncateWidth(printable(name), MAX_WIDTH);
}

/** Returns texts with commas between them, on as many lines as they need. */
export function wrapped(texts: readonly string[], maxWidth = Number.POSITIVE_INFINITY): string {
  const lines: string[] = [];
  for (const text of texts) {
    const line = [...lines.slice(-1), text].join(", ");
    if (displayWidth(line) <= maxWidth) lines.splice(-1, 1, line);
    else lines.push(text);
  }
  return lines.join("\n");
}

/** Pads cells on the right, so that decimal points align when the column is right-aligned. */
function alignDecimals(cells: readonly string[]): string[] {
  const fractions = cells.map((cell) => (cell.includes(".") ? cell.length - cell.indexOf(".") : 0));
  const longest = maxOf(fractions);
  return cells.map((cell, at) => cell + " ".repeat(longest - (fractions[at] ?? 0)));
}

/** Returns the largest number. A call of Math.max with one for each row would exceed the stack. */
function maxOf(numbers: readonly number[]): number {
  return numbers.reduce((max, number) => Math.max(max, number), 0);
}
