import { escapeHtml } from "../build/body.ts";
import type { StatementColumn, StatementTable } from "./document.ts";

/** Rows that a printed page keeps together with the total. */
const ROWS_WITH_TOTAL = 2;

/** Cents, with their point. */
const SHORT_FRACTION = 3;

/** Fractions that are longer than this need a smaller font on paper. */
const LONG_FRACTION = 13;

/** Returns a table, which scrolls if it is wider than the screen. @param label the id of the element that names it */
export function tableHtml(table: StatementTable, label: string): string {
  const { caption, columns, rows, total } = table;
  const classes = columns.map((column, at) => classOf(table, column, at));
  const rowHtml = (row: readonly string[], name?: "total") => {
    const cells = row.map((text, at) => cellHtml(text, columns[at], classes[at] ?? "", at, name === "total"));
    return `<tr${name ? ` class="${name}"` : ""}>${cells.join("")}</tr>`;
  };
  const headings = columns.map(({ title, kind }, at) => {
    // The end of a title is above the decimal points, unless all fractions are short.
    const isLong = kind === "amount" && longestFraction(table, at) > SHORT_FRACTION;
    const fraction = isLong ? '<span class="fraction"></span>' : "";
    return `<th scope="col" class="${classes[at]}">${escapeHtml(title)}${fraction}</th>`;
  });
  // Paper shows a group of rows on one page.
  const split = total === undefined ? rows.length : Math.max(0, rows.length - ROWS_WITH_TOTAL);
  const last = [
    ...rows.slice(split).map((row) => rowHtml(row)),
    ...(total === undefined ? [] : [rowHtml(total, "total")]),
  ];
  const isWide = columns.some(({ kind }, at) => kind === "amount" && longestFraction(table, at) > LONG_FRACTION);
  return [
    `<div class="scroll" role="region" aria-labelledby="${label}" tabindex="0"><table${isWide ? ' class="wide"' : ""}>`,
    ...(caption === undefined ? [] : [`<caption>${escapeHtml(caption)}</caption>`]),
    `<thead><tr>${headings.join("")}</tr></thead>`,
    ...(split === 0 ? [] : ["<tbody>", ...rows.slice(0, split).map((row) => rowHtml(row)), "</tbody>"]),
    ...(last.length === 0 ? [] : ['<tbody class="last">', ...last, "</tbody>"]),
    "</table></div>",
  ].join("\n");
}

/** Returns the rules that align the decimal points in the columns of tables. */
export function fractionRules(tables: readonly StatementTable[]): string {
  const lengths = new Set(tables.flatMap((table) => table.columns.map((_, at) => longestFraction(table, at))));
  return [...lengths].map((length) => `.places-${length} .fraction { min-width: ${length}ch; }\n`).join("");
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
  className: string,
  at: number,
  isTotal: boolean,
): string {
  const isBlank = isTotal && column?.kind !== "amount";
  const content =
    text === "" ? (isBlank ? "" : noValue("–")) : column?.kind === "amount" ? amountHtml(text) : escapeHtml(text);
  return at === 0 ? `<th scope="row" class="${className}">${content}</th>` : `<td class="${className}">${content}</td>`;
}

function noValue(text: string): string {
  return `<span class="none">${escapeHtml(text)}</span>`;
}

const DECIMAL = /^([-+]?)(\d+)(\.\d+)?$/;

/** Returns an amount in groups of three digits, which margins separate: a copy of the text has no separators. */
function amountHtml(text: string): string {
  const [, sign = "", whole, fraction = ""] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return noValue(text);
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, " ").split(" ");
  const grouped = groups.map((group) => `<span>${group}</span>`).join("");
  return `<span class="whole">${sign}${grouped}</span><span class="fraction">${fraction}</span>`;
}

/** Returns the length of the longest fraction in a column, with its point. */
function longestFraction({ rows, total = [] }: StatementTable, at: number): number {
  const cells = [...rows, total].map((row) => row[at] ?? "");
  return cells.reduce((longest, text) => Math.max(longest, DECIMAL.exec(text)?.[3]?.length ?? 0), 0);
}
