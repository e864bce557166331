import { absent, amountOr, byId, change, element, longestFraction, swatch } from "../dom.ts";
import { count, coverage } from "../phrases.ts";
import { type Range, snapshotsIn } from "../state/range.ts";
import { type ReportContext, SORT_KEYS, type SortKey, type State, type Store } from "../state/store.ts";
import { isGap, stepName, totalAt, type View } from "../state/view.ts";
import { type BalanceRow, balanceRows, sortRows, totalChange } from "./balance-rows.ts";

const TITLES: Readonly<Record<SortKey, (denomination: string) => string>> = {
  symbol: () => "Asset",
  quantity: () => "Quantity",
  quantityChange: () => "Change",
  hold: () => "On hold",
  value: (denomination) => `Value (${denomination})`,
  valueChange: (denomination) => `Change (${denomination})`,
};

/** On paper, the total is on the same page as this many rows. */
const ROWS_WITH_TOTAL = 3;

/** Shows the balances at the end of the range and their change since its start. Column headings sort. */
export function balanceTable(store: Store, context: ReportContext): void {
  const headings = SORT_KEYS.map((key) => {
    const text = TITLES[key](context.denomination);
    const button = element("button", { type: "button" }, text);
    const heading = element("th", { scope: "col", "data-column": key, "data-title": text }, button);
    button.addEventListener("click", () => store.change({ sort: nextSort(store.state.sort, key) }));
    return { key, heading };
  });
  byId("balances-head").replaceChildren(element("tr", {}, ...headings.map(({ heading }) => heading)));
  store.watch(["view", "range", "sort"], (state) => {
    for (const { key, heading } of headings) {
      heading.setAttribute("aria-sort", key === state.sort.key ? state.sort.direction : "none");
    }
    showBalances(state, context);
  });
}

/** Reverses the current column's direction. Otherwise amounts start with the largest and symbols with the first. */
function nextSort(sort: State["sort"], key: SortKey): State["sort"] {
  if (sort.key === key) return { key, direction: sort.direction === "ascending" ? "descending" : "ascending" };
  return { key, direction: key === "symbol" ? "ascending" : "descending" };
}

function showBalances({ view, range, sort }: State, context: ReportContext): void {
  const snapshots = snapshotsIn(view, range);
  const [body, ending, note] = [byId("balances-body"), byId("balances-end"), byId("balances-note")];
  if (!snapshots) {
    for (const part of [body, ending]) part.replaceChildren();
    note.textContent = "No snapshots in this range.";
    return;
  }
  const { start, end } = snapshots;
  note.textContent = noteText(view, { ...range, ...snapshots }, context);
  const sorted = sortRows(balanceRows(view, start, end), sort.key, sort.direction);
  const rows = sorted.map((row) => tableRow(row, context));
  body.replaceChildren(...rows.slice(0, -ROWS_WITH_TOTAL));
  ending.replaceChildren(...rows.slice(-ROWS_WITH_TOTAL), totalRow(view, start, end));
  for (const key of SORT_KEYS) {
    const cells = byId("balances").querySelectorAll<HTMLElement>(`td[data-column=${key}]`);
    const length = String(Math.max(0, ...[...cells].map(longestFraction)));
    for (const cell of cells) cell.style.setProperty("--fraction", length);
  }
}

/** Returns the times that are compared, and the coverage of the total. */
function noteText(
  view: View,
  { first, last, start, end }: Range & { readonly start: number; readonly end: number },
  { zone }: ReportContext,
): string {
  const nearest = (step: number, edge: number, verb: string, direction: string, which: string) => {
    const name = stepName(view, step, zone.minute);
    if (step === edge) return name;
    return `${name} (the range ${verb} ${isGap(view, edge) ? "without a snapshot" : direction}; this is its ${which} snapshot)`;
  };
  const changes =
    start === end
      ? "The range has only one snapshot, so there is no change to show."
      : `Changes since ${nearest(start, first, "starts", "earlier", "first")}.`;
  const balances = `Balances at ${nearest(end, last, "ends", "later", "last")}.`;
  return `${balances} ${changes} The total ${coverage(view, end, Number.POSITIVE_INFINITY)}.`;
}

function tableRow(row: BalanceRow, { colourOf }: ReportContext): HTMLTableRowElement {
  const { symbol, name, state, quantity, hold, value, unpricedAccounts } = row;
  const heading = element(
    "th",
    { scope: "row" },
    swatch(colourOf(symbol)),
    element("span", { class: "symbol" }, symbol),
    state === "held" ? null : element("span", { class: `badge ${state}` }, state),
    element("span", { class: "name" }, name),
  );
  const notHeld = state === "unsettled" ? "unsettled" : "not held";
  return element(
    "tr",
    { "data-symbol": symbol },
    heading,
    cell("quantity", amountOr(notHeld, quantity)),
    cell("quantityChange", changeOr("–", row.quantityChange)),
    cell("hold", amountOr("–", hold)),
    cell(
      "value",
      amountOr(quantity === null ? notHeld : "no price", value),
      unpricedAccounts === undefined ? null : absent(`no price in ${count(unpricedAccounts, "account")}`),
    ),
    cell("valueChange", changeOr(row.quantityChange === null ? "–" : "no price", row.valueChange)),
  );
}

function totalRow(view: View, start: number, end: number): HTMLTableRowElement {
  const value = cell("value", amountOr("no price", totalAt(view, end)));
  const change = changeOr(start === end ? "–" : "no price", totalChange(view, start, end));
  const heading = element("th", { scope: "row", colspan: "4" }, "Total");
  return element("tr", { class: "total" }, heading, value, cell("valueChange", change));
}

function changeOr(reason: string, difference: string | null): HTMLElement {
  return difference === null ? absent(reason) : change(difference);
}

function cell(column: SortKey, ...content: readonly (HTMLElement | null)[]): HTMLTableCellElement {
  return element("td", { "data-column": column }, ...content);
}
