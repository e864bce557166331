import type { StatementColumn, StatementTable } from "./document.ts";
import { amountHtml, noValue, textHtml } from "./text-html.ts";

/** The amounts that share a line. Three of the longest ones, such as 1000000000.000000000000000000, fit on a portrait page. */
const PER_LINE = 3;

/** Returns a table that is too wide for a screen: the amounts of a row on several lines, each below its title. */
export function blocksHtml({ caption, columns, rows, total }: StatementTable): string {
  const blocks = [...rows, ...(total === undefined ? [] : [total])].map((row) => blockHtml(columns, row));
  return [
    '<table class="blocks">',
    ...(caption === undefined ? [] : [`<caption>${textHtml(caption)}</caption>`]),
    ...blocks,
    "</table>",
  ].join("\n");
}

function blockHtml(columns: readonly StatementColumn[], row: readonly string[]): string {
  const isAmount = (at: number) => columns[at]?.kind === "amount";
  const label = row.filter((text, at) => text !== "" && !isAmount(at)).join(" ");
  const cells = row.flatMap((text, at) => (isAmount(at) ? [cellHtml(columns[at]?.title ?? "", text)] : []));
  const lines = Math.ceil(cells.length / PER_LINE);
  const tableRows = Array.from({ length: lines }, (_, line) => {
    const heading = line === 0 ? `<th scope="rowgroup" rowspan="${lines}">${textHtml(label)}</th>` : "";
    return `<tr>${heading}${cells.slice(line * PER_LINE, (line + 1) * PER_LINE).join("")}</tr>`;
  });
  return `<tbody>${tableRows.join("")}</tbody>`;
}

function cellHtml(title: string, text: string): string {
  const amount = text === "" ? noValue("–") : amountHtml(text);
  return `<td class="amount"><span class="title">${textHtml(title)}</span>${amount}</td>`;
}
