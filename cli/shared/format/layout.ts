export interface Column {
  readonly title: string;
  /**
   * Counts are aligned right, amounts by their decimal points, everything else left. In a table that would be too wide, a
   * `time` has no milliseconds, a `name` is truncated, and a `note` (a message or a list) is below its row. Amounts, ids and
   * notes are never truncated.
   */
  readonly kind?: "count" | "decimal" | "time" | "id" | "name" | "note" | undefined;
  /**
   * A table that would be too wide leaves this column out: the columns with the lowest number first, those with the same
   * number together. Default: never.
   */
  readonly drop?: number | undefined;
  /** Stated above the table instead of in each row. */
  readonly heading?: string | undefined;
  readonly cells: readonly string[];
}

/** A column with the widths of its title and its cells. */
export interface MeasuredColumn extends Column {
  readonly titleWidth: number;
  readonly width: number;
  /** The width of the cells without milliseconds. */
  readonly shortWidth: number;
}

export interface Layout {
  /** The spaces between columns. */
  readonly gap: number;
  readonly milliseconds: boolean;
  /** Columns whose `drop` is at most this number are left out. */
  readonly dropped: number;
  /** Wider columns of notes are below the rows. */
  readonly maxNoteWidth: number;
  /** Wider names are truncated. */
  readonly maxNameWidth: number;
}

/** What a table shows, and how wide. */
export interface Layout {
  /** The number of spaces between columns. */
  readonly gap: number;
  readonly milliseconds: boolean;
  /** Columns whose `drop` is at most this number are left out. */
  readonly dropped: number;
  /** Wider notes are below their rows. */
  readonly maxNoteWidth: number;
  /** Wider names are truncated. */
  readonly maxNameWidth: number;
  /** Wider texts without a kind are truncated. */
  readonly maxTextWidth: number;
}

const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;

export const COMPLETE: Layout = {
  gap: 2,
  milliseconds: true,
  dropped: NEGATIVE_INFINITY,
  maxNoteWidth: POSITIVE_INFINITY,
  maxNameWidth: POSITIVE_INFINITY,
  maxTextWidth: POSITIVE_INFINITY,
};

/** The columns of a terminal that a text from outside may take: an account id takes 44. */
export const MAX_TEXT_WIDTH = 48;
const MIN_NAME_WIDTH = 12;
/** A list of a few symbols is easier to read in its row. */
const SHORT_NOTE_WIDTH = 24;

/**
 * Returns the layout that shows the most in a width; `undefined` if not even the columns that are never left out fit. Long
 * notes are moved first, then columns are left out. Before each step, the columns move together and names are truncated.
 */
export function layoutOf(columns: readonly MeasuredColumn[], maxWidth: number): Layout | undefined {
  const whole = { ...COMPLETE, milliseconds: false, maxNameWidth: MAX_TEXT_WIDTH, maxTextWidth: MAX_TEXT_WIDTH };
  const below = { ...whole, maxNoteWidth: SHORT_NOTE_WIDTH };
  const drops = [...new Set(columns.flatMap(({ drop = [] }) => drop))].sort((a, b) => a - b);
  const steps = [whole, below, ...drops.map((dropped) => ({ ...below, dropped }))];
  const last = { ...(steps.at(-1) ?? below), maxNoteWidth: 0 };
  const layouts = [...steps, last].flatMap((step) => [
    step,
    { ...step, gap: 1 },
    { ...step, gap: 1, maxNameWidth: MIN_NAME_WIDTH },
  ]);
  const layout = [COMPLETE, ...layouts].find((one) => tableWidth(columns, one) <= maxWidth);
  if (layout?.maxNameWidth !== MIN_NAME_WIDTH) return layout;
  const names = columns.filter((column) => column.kind === "name" && isShown(column, layout)).length;
  const left = Math.floor((maxWidth - tableWidth(columns, layout)) / names);
  return { ...layout, maxNameWidth: MIN_NAME_WIDTH + left };
}

export function isShown({ drop = POSITIVE_INFINITY }: Column, { dropped }: Layout): boolean {
  return drop > dropped;
}

/** Returns whether a column is below the rows. */
export function isBelow({ kind, width }: MeasuredColumn, { maxNoteWidth }: Layout): boolean {
  return kind === "note" && width > maxNoteWidth;
}

/** Returns the largest width of a column's cells. */
export function maxCellWidth(kind: Column["kind"], { maxNameWidth, maxTextWidth }: Layout): number {
  if (kind === "name") return maxNameWidth;
  return kind === undefined ? maxTextWidth : POSITIVE_INFINITY;
}

function tableWidth(columns: readonly MeasuredColumn[], layout: Layout): number {
  const inRow = columns.filter((column) => isShown(column, layout) && !isBelow(column, layout));
  const widths = inRow.map((column) => {
    const { kind, titleWidth, width, shortWidth } = column;
    return Math.max(titleWidth, Math.min(layout.milliseconds ? width : shortWidth, maxCellWidth(kind, layout)));
  });
  return widths.reduce((sum, width) => sum + width + layout.gap, -layout.gap);
}
