export interface Column {
  readonly title: string;
  /**
   * Counts are aligned right, amounts by their decimal points, everything else left. In a table that would be too wide, a
   * `time` has no milliseconds, a `name` is truncated, as is the name in front of an `id`, and a `note` (a message or a list)
   * is below its row. Amounts, ids and notes are never truncated.
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
  /** The width of the cells without milliseconds, and without a name in front of an id. */
  readonly shortWidth: number;
}

/** What a table shows, and how wide. */
export interface Layout {
  /** The number of spaces between columns. */
  readonly gap: number;
  readonly milliseconds: boolean;
  /** The columns with these numbers are left out. */
  readonly dropped: readonly number[];
  /** Wider notes are below their rows. */
  readonly maxNoteWidth: number;
  /** Wider names are truncated. */
  readonly maxNameWidth: number;
  /** Wider texts without a kind are truncated. */
  readonly maxTextWidth: number;
}

const { POSITIVE_INFINITY } = Number;

export const COMPLETE: Layout = {
  gap: 2,
  milliseconds: true,
  dropped: [],
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
 * notes are moved first, then columns are left out.
 */
export function layoutOf(columns: readonly MeasuredColumn[], maxWidth: number): Layout | undefined {
  if (widthOf(columns, COMPLETE) <= maxWidth) return COMPLETE;
  const whole = { ...COMPLETE, milliseconds: false, maxNameWidth: MAX_TEXT_WIDTH, maxTextWidth: MAX_TEXT_WIDTH };
  const below = { ...whole, maxNoteWidth: SHORT_NOTE_WIDTH };
  const drops = [...new Set(columns.flatMap(({ drop = [] }) => drop))].sort((a, b) => a - b);
  const steps = [whole, below, ...drops.map((_, at) => ({ ...below, dropped: drops.slice(0, at + 1) }))];
  const fitted = (step: Layout) => squeezed(columns, step, maxWidth);
  const step = [...steps, { ...below, dropped: drops, maxNoteWidth: 0 }].find(fitted);
  if (step === undefined) return undefined;
  // The last column that was left out can be so wide that columns before it have room again. A heading needs
  // no room, so it alone is no reason to bring a group back.
  const inRows = columns.filter(({ heading }) => heading === undefined);
  const dropped = step.dropped.reduceRight<readonly number[]>((left, drop) => {
    if (!inRows.some((column) => column.drop === drop)) return left;
    const fewer = left.filter((one) => one !== drop);
    return fitted({ ...step, dropped: fewer }) ? fewer : left;
  }, step.dropped);
  return fitted({ ...step, dropped });
}

/** Returns the layout with its columns as close together as it needs, and its names as long as it can; `undefined` if too wide. */
function squeezed(columns: readonly MeasuredColumn[], layout: Layout, maxWidth: number): Layout | undefined {
  const left = (one: Layout) => maxWidth - widthOf(columns, one);
  const close = { ...layout, gap: 1 };
  const found = [layout, close].find((one) => left(one) >= 0);
  if (found !== undefined) return found;
  const short = { ...close, maxNameWidth: MIN_NAME_WIDTH };
  if (left(short) < 0) return undefined;
  const names = columns.filter((column) => isInRow(column, layout) && ["name", "id"].includes(column.kind ?? ""));
  return { ...short, maxNameWidth: MIN_NAME_WIDTH + Math.floor(left(short) / names.length) };
}

/** Returns whether a table has a column: in its rows, below them, or stated above it. */
export function isShown({ drop }: Column, { dropped }: Layout): boolean {
  return drop === undefined || !dropped.includes(drop);
}

/** Returns whether the rows show a column, except below them. */
export function isInRow(column: MeasuredColumn, layout: Layout): boolean {
  return column.heading === undefined && isShown(column, layout) && !isBelow(column, layout);
}

/** Returns whether a column is below the rows. */
export function isBelow({ kind, width }: MeasuredColumn, { maxNoteWidth }: Layout): boolean {
  return kind === "note" && width > maxNoteWidth;
}

/** Returns the columns that the rows take. A table needs at least one column. */
function widthOf(columns: readonly MeasuredColumn[], layout: Layout): number {
  const inRow = columns.filter((column) => isInRow(column, layout));
  const widths = inRow.map((column) => Math.max(column.titleWidth, cellWidth(column, layout)));
  return widths.length === 0 ? POSITIVE_INFINITY : widths.reduce((sum, width) => sum + width + layout.gap, -layout.gap);
}

/** Returns the width of a column's longest cell. */
function cellWidth({ kind, width, shortWidth }: MeasuredColumn, layout: Layout): number {
  if (kind === "time") return layout.milliseconds ? width : shortWidth;
  if (kind === "id") return Math.min(width, shortWidth + 1 + layout.maxNameWidth);
  if (kind === "name") return Math.min(width, layout.maxNameWidth);
  return kind === undefined ? Math.min(width, layout.maxTextWidth) : width;
}
