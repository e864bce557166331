import { escapeHtml } from "../build/body.ts";
import type { StatementColumn, StatementTable } from "./document.ts";

/** Rows that a printed page keeps together with the total. */
const ROWS_WITH_TOTAL = 2;

/** Returns a table that scrolls if it is wider than the screen. @param label the id of the element that names it */
export function tableHtml({ caption, columns, rows, total }: StatementTable, label: string): string {
  const classes = columns.map((column, at) =>
    classOf(
      column,
      [...rows, total ?? []].map((row) => row[at] ?? ""),
    ),
  );
  const rowHtml = (row: readonly string[]) =>
    `<tr>${row.map((text, at) => cellHtml(text, columns[at], classes[at] ?? "", at)).join("")}</tr>`;
  const headings = columns.map(({ title }, at) => `<th scope="col" class="${classes[at]}">${escapeHtml(title)}</th>`);
  // A group of rows is never printed on two pages.
  const split = total === undefined ? rows.length : Math.max(0, rows.length - ROWS_WITH_TOTAL);
  const groups = [rows.slice(0, split).map(rowHtml), rows.slice(split).map(rowHtml)];
  if (total !== undefined) groups[1]?.push(rowHtml(total).replace("<tr>", '<tr class="total">'));
  return [
    `<div class="scroll" role="region" aria-labelledby="${label}" tabindex="0"><table>`,
    ...(caption === undefined ? [] : [`<caption>${escapeHtml(caption)}</caption>`]),
    `<thead><tr>${headings.join("")}</tr></thead>`,
    ...groups
      .filter((group) => group.length > 0)
      .map((group, at) => `<tbody${at === 1 || split === 0 ? ' class="last"' : ""}>\n${group.join("\n")}\n</tbody>`),
    "</table></div>",
  ].join("\n");
}

/** Returns the rules that align the decimal points in the columns of the tables. */
export function fractionRules(tables: readonly StatementTable[]): string {
  const places = tables.flatMap(({ columns, rows, total = [] }) =>
    columns.map((_, at) => longestFraction([...rows, total].map((row) => row[at] ?? ""))),
  );
  return [...new Set(places)].map((length) => `.places-${length} .fraction { min-width: ${length}ch; }\n`).join("");
}

function classOf({ kind }: StatementColumn, texts: readonly string[]): string {
  return kind === "amount" ? `amount places-${longestFraction(texts)}` : (kind ?? "text");
}

function cellHtml(text: string, column: StatementColumn | undefined, className: string, at: number): string {
  const content =
    text === "" ? '<span class="none">–</span>' : column?.kind === "amount" ? amountHtml(text) : escapeHtml(text);
  return at === 0 ? `<th scope="row" class="${className}">${content}</th>` : `<td class="${className}">${content}</td>`;
}

/** A decimal, with a sign or a percent sign, or another text. */
const DECIMAL = /^([-+]?)(\d+)(\.\d+)?$/;

/** Returns an amount in groups of three digits, which margins separate: a copy of the text has no separators. */
function amountHtml(text: string): string {
  const [, sign = "", whole, fraction = ""] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return escapeHtml(text);
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, " ").split(" ");
  const grouped = groups.map((group) => `<span>${group}</span>`).join("");
  return `<span class="whole">${sign}${grouped}</span><span class="fraction">${fraction}</span>`;
}

/** Returns the length of the longest fraction, with its point. */
function longestFraction(texts: readonly string[]): number {
  return texts.reduce((longest, text) => Math.max(longest, DECIMAL.exec(text)?.[3]?.length ?? 0), 0);
}
