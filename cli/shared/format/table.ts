import { printable } from "../../../core/domain/untrusted-text.ts";
import { displayWidth, truncateWidth } from "./display-width.ts";
import {
  COMPLETE,
  type Column,
  isBelow,
  isInRow,
  isShown,
  type Layout,
  layoutOf,
  MAX_TEXT_WIDTH,
  type MeasuredColumn,
} from "./layout.ts";
import { usableWidth, wrapFacts, wrapWords } from "./wrap.ts";

export type { Column };

/** Shown for no value, which differs from zero. */
export const NO_VALUE = "–";

const MILLISECONDS = /\.\d{3}(?=Z$| [+-]\d\d:\d\d$)/;

/**
 * Returns an aligned table without a final line end, below what all rows have in common. A column whose cells are all empty
 * is left out. Line breaks, control and invisible characters are shown as escapes. A table that is too wide has fewer columns,
 * see `Column`, and names them below its rows. If that is not enough, each row is a block of lines with everything in its cells.
 * @param maxWidth the columns that a line may take
 */
export function textTable(columns: readonly Column[], maxWidth = Number.POSITIVE_INFINITY): string {
  const width = usableWidth(maxWidth);
  const shown = shownColumns(columns);
  const blockTexts = () => [headingLines(shown, COMPLETE, width), blocks(inRowsOf(shown), width)];
  return fittingTable(columns, maxWidth) ?? blockTexts().filter(Boolean).join("\n\n");
}

/**
 * Returns a table as `textTable` does; `undefined` if it would need blocks.
 * @param hasTotal whether the last row is a total: a rule separates it from the others
 */
export function fittingTable(
  columns: readonly Column[],
  maxWidth: number,
  { hasTotal = false }: { readonly hasTotal?: boolean } = {},
): string | undefined {
  const width = usableWidth(maxWidth);
  const shown = shownColumns(columns);
  const layout = layoutOf(shown, width);
  if (layout === undefined) return undefined;
  const parts = [
    headingLines(shown, layout, width),
    rowLines(inRowsOf(shown), layout, width, hasTotal),
    notShownLine(shown, layout, width),
  ];
  return parts.filter(Boolean).join("\n\n");
}

function shownColumns(columns: readonly Column[]): MeasuredColumn[] {
  return columns.filter(({ cells }) => cells.length === 0 || cells.some((cell) => cell !== "")).map(measured);
}

function inRowsOf(columns: readonly MeasuredColumn[]): MeasuredColumn[] {
  return columns.filter(({ heading }) => heading === undefined);
}

/** Returns a name from outside as text for a terminal: truncated, with escapes for what cannot be seen. */
export function nameText(name: string): string {
  return truncateWidth(printable(name), MAX_TEXT_WIDTH);
}

/** Returns the column as a terminal shows it, with its widths. */
function measured(column: Column): MeasuredColumn {
  const title = nameText(column.title);
  const cells = column.cells.map(printable);
  const widthOf = (texts: readonly string[]) =>
    maxOf((column.kind === "decimal" ? alignDecimals(texts) : texts).map(displayWidth));
  const width = widthOf(cells);
  const shortWidth = widthOf(cells.map((cell) => shortest(cell, column.kind)));
  return { ...column, title, cells, titleWidth: displayWidth(title), width, shortWidth };
}

function headingLines(columns: readonly MeasuredColumn[], layout: Layout, maxWidth: number): string {
  const facts = columns.flatMap((column) => {
    const { heading, kind } = column;
    if (heading === undefined || !isShown(column, layout)) return [];
    return kind === "time" ? shownText(heading, kind, layout) : heading;
  });
  return wrapFacts(facts, maxWidth);
}

/** Returns the titles, the rule below them, and the rows with their notes. */
function rowLines(columns: readonly MeasuredColumn[], layout: Layout, maxWidth: number, hasTotal: boolean): string {
  const shown = columns.filter((column) => isShown(column, layout));
  const inRow = shown.filter((column) => isInRow(column, layout));
  const below = shown.filter((column) => isBelow(column, layout));
  const cells = inRow.map(({ kind, cells }) => {
    return kind === "decimal" ? alignDecimals(cells) : cells.map((cell) => shownText(cell, kind, layout));
  });
  const widths = cells.map((column, at) => maxOf([inRow[at]?.title ?? "", ...column].map(displayWidth)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => {
        const { kind } = inRow[at] ?? {};
        const padding = " ".repeat((widths[at] ?? 0) - displayWidth(text));
        return kind === "decimal" || kind === "count" ? padding + text : text + padding;
      })
      .join(" ".repeat(layout.gap))
      .trimEnd();
  const notesOf = (row: number) =>
    below.flatMap(({ title, cells }) => {
      const note = cells[row] ?? "";
      return ["", NO_VALUE].includes(note) ? [] : wrapWords(`  ${title}: ${note}`, maxWidth, "    ");
    });
  const rule = line(widths.map((width) => "─".repeat(width)));
  const rows = (shown[0]?.cells ?? []).map((_, row) => [
    ...(hasTotal && row === (shown[0]?.cells.length ?? 0) - 1 ? [rule] : []),
    line(cells.map((column) => column[row] ?? "")),
    ...notesOf(row),
  ]);
  return [line(inRow.map(({ title }) => title)), rule, ...rows.flat()].join("\n");
}

/** Returns the text as a row shows it. */
function shownText(text: string, kind: Column["kind"], { milliseconds, maxNameWidth, maxTextWidth }: Layout): string {
  switch (kind) {
    case "time":
      return milliseconds ? text : withoutMilliseconds(text);
    case "id": {
      const { name, id } = nameAndId(text);
      return name === "" ? text : `${truncateWidth(name, maxNameWidth)} ${id}`;
    }
    case "name":
      return truncateWidth(text, maxNameWidth);
    case undefined:
      return truncateWidth(text, maxTextWidth);
    default:
      return text;
  }
}

/** Returns what a cell always shows. */
function shortest(text: string, kind: Column["kind"]): string {
  if (kind === "time") return withoutMilliseconds(text);
  return kind === "id" ? nameAndId(text).id : text;
}

function withoutMilliseconds(time: string): string {
  return time.replace(MILLISECONDS, "");
}

/** Splits an id, which contains no space, from a name in front of it. */
function nameAndId(text: string): { name: string; id: string } {
  const at = text.lastIndexOf(" ");
  return { name: text.slice(0, Math.max(at, 0)), id: text.slice(at + 1) };
}

/** Returns a line that names what a complete table would have. */
function notShownLine(columns: readonly MeasuredColumn[], layout: Layout, maxWidth: number): string {
  const shown = columns.filter((column) => isShown(column, layout));
  const titles = columns.filter((column) => !shown.includes(column)).map(({ title }) => title);
  const isShortened =
    !layout.milliseconds && shown.some(({ kind, width, shortWidth }) => kind === "time" && shortWidth < width);
  const left = [...titles, ...(isShortened ? ["milliseconds"] : [])];
  return left.length === 0 ? "" : wrapWords(`not shown: ${left.join(", ")} (--wide shows all)`, maxWidth);
}

/** Returns each row as a block of lines with a title and a value, of which nothing is left out. */
function blocks(columns: readonly MeasuredColumn[], maxWidth: number): string {
  const titleWidth = maxOf(columns.map((column) => column.titleWidth));
  // Beside a long title, a value would have no room.
  const indent = " ".repeat(Math.min(titleWidth + 2, Math.floor(maxWidth / 2)));
  const rows = columns[0]?.cells ?? [];
  const rowTexts = rows.map((_, row) =>
    columns
      .flatMap(({ title, cells, titleWidth: width }) => {
        const padding = " ".repeat(titleWidth - width);
        return cells[row] ? wrapWords(`${title}${padding}  ${cells[row]}`, maxWidth, indent) : [];
      })
      .join("\n"),
  );
  return rowTexts.join("\n\n");
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
