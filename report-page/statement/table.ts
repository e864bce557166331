import { escapeHtml } from "../build/body.ts";
import { blocksHtml } from "./blocks.ts";
import type { StatementColumn, StatementTable } from "./document.ts";
import { amountHtml, fractionLength, noValue, textHtml } from "./text-html.ts";

/** The last rows, which a printed page keeps together with the total and what follows the table. */
const LAST_ROWS = 2;

/** Cents, with their point. */
const SHORT_FRACTION = 3;

/** Digits that a portrait page, and a screen, have room for in a line, with the gaps between columns. */
const PORTRAIT_DIGITS = 112;
const SCREEN_DIGITS = 130;

/** The gap before a column, in digits. */
const GAP_DIGITS = 3;

/** The digits that a column needs whose texts break anywhere. */
const BREAKING_DIGITS = 20;

/** Returns a table, which scrolls if it is wider than the screen. @param label the id of the element that names it */
export function tableHtml(table: StatementTable, label: string): string {
  if (rowDigits(table) > SCREEN_DIGITS) return blocksHtml(table);
  const { caption, columns, rows, total } = table;
  // A phone shows the cells of a row one below the other, beside their titles, if the last one is a text.
  const isStacked =
    columns[fillingColumn(table)] === columns.at(-1) && [undefined, "code"].includes(columns.at(-1)?.kind);
  const attributes = columns.map((column, at) => {
    const title = isStacked ? ` data-title="${escapeHtml(column.title)}"` : "";
    return `class="${classOf(table, column, at)}"${title}`;
  });
  const rowHtml = (row: readonly string[], name?: "total") => {
    const cells = row.map((text, at) => cellHtml(text, columns[at], attributes[at] ?? "", at, name === "total"));
    return `<tr${name ? ` class="${name}"` : ""}>${cells.join("")}</tr>`;
  };
  const headings = columns.map(({ title, kind }, at) => {
    // The end of a title is above the decimal points, unless all fractions are short.
    const isLong = kind === "amount" && longestFraction(table, at) > SHORT_FRACTION;
    const fraction = isLong ? '<span class="fraction"></span>' : "";
    return `<th scope="col" ${attributes[at]}>${escapeHtml(title)}${fraction}</th>`;
  });
  // Paper shows a group of rows on one page.
  const split = Math.max(0, rows.length - LAST_ROWS);
  const last = [
    ...rows.slice(split).map((row) => rowHtml(row)),
    ...(total === undefined ? [] : [rowHtml(total, "total")]),
  ];
  const names = [...(isWide(table) ? ["wide"] : []), ...(isStacked ? ["stacked"] : [])];
  return [
    `<div class="scroll" role="region" aria-labelledby="${label}" tabindex="0"><table class="${names.join(" ")}">`,
    ...(caption === undefined ? [] : [`<caption>${textHtml(caption)}</caption>`]),
    `<thead><tr>${headings.join("")}</tr></thead>`,
    ...(split === 0 ? [] : ["<tbody>", ...rows.slice(0, split).map((row) => rowHtml(row)), "</tbody>"]),
    '<tbody class="last">',
    ...last,
    "</tbody>",
    "</table></div>",
  ].join("\n");
}

/** Returns whether the amounts of a table need a landscape page. */
export function isWide(table: StatementTable): boolean {
  const digits = rowDigits(table);
  return digits > PORTRAIT_DIGITS && digits <= SCREEN_DIGITS;
}

/** Returns how many digits are as wide as a row of a table with amounts; 0 without amounts, because texts can break. */
function rowDigits(table: StatementTable): number {
  if (!table.columns.some(({ kind }) => kind === "amount")) return 0;
  const digits = table.columns.map((_, at) => digitsOf(table, at) + GAP_DIGITS);
  return digits.reduce((sum, one) => sum + one, 0);
}

/** Returns how many digits are as wide as a column is at least. */
function digitsOf(table: StatementTable, at: number): number {
  const { kind, title = "" } = table.columns[at] ?? {};
  if (kind === "code" || kind === "account") return BREAKING_DIGITS;
  const fraction = longestFraction(table, at);
  const longestWord = (text: string) => Math.max(...text.split(" ").map((word) => word.length));
  const lengths = cellsOf(table, at).map((text) => {
    if (kind === "amount") return text.length - fractionLength(text) + fraction;
    return kind === undefined ? longestWord(text) : text.length;
  });
  return Math.max(longestWord(title), ...lengths);
}

/** Returns the rules that align the decimal points in the columns of tables. A point is half as wide as a digit. */
export function fractionRules(tables: readonly StatementTable[]): string {
  const lengths = new Set(tables.flatMap((table) => table.columns.map((_, at) => longestFraction(table, at))));
  return [...lengths]
    .map((length) => `.places-${length} .fraction { min-width: ${Math.max(0, length - 0.5)}ch; }\n`)
    .join("");
}

function classOf(table: StatementTable, { kind }: StatementColumn, at: number): string {
  const name = kind === "amount" ? `amount places-${longestFraction(table, at)}` : (kind ?? "text");
  return at === fillingColumn(table) ? `${name} filling` : name;
}

/** Returns the column that takes the room that the others leave: the last one of texts before amounts, or the last one. */
function fillingColumn({ columns }: StatementTable): number {
  const first = columns.findIndex(({ kind }) => kind === "amount" || kind === "count");
  const isAtEnd = columns.at(-1)?.kind === "amount" || columns.at(-1)?.kind === "count";
  return isAtEnd ? first - 1 : columns.length - 1;
}

function cellHtml(
  text: string,
  column: StatementColumn | undefined,
  attributes: string,
  at: number,
  isTotal: boolean,
): string {
  const isBlank = isTotal && column?.kind !== "amount";
  const content = text === "" ? (isBlank ? "" : noValue("–")) : contentHtml(text, column?.kind);
  return at === 0 ? `<th scope="row" ${attributes}>${content}</th>` : `<td ${attributes}>${content}</td>`;
}

function contentHtml(text: string, kind: StatementColumn["kind"]): string {
  if (kind === "amount") return amountHtml(text);
  return kind === "account" ? `<span class="label">${textHtml(text)}</span>` : textHtml(text);
}

/** Returns the length of the longest fraction in a column, with its point. */
function longestFraction(table: StatementTable, at: number): number {
  return Math.max(0, ...cellsOf(table, at).map(fractionLength));
}

function cellsOf({ rows, total = [] }: StatementTable, at: number): string[] {
  return [...rows, total].map((row) => row[at] ?? "");
}
