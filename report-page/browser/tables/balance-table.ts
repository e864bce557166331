import Big from "big.js";
import { subtract } from "../../../core/domain/amount.ts";
import { absent, amount, amountOr, byId, element, longestFraction } from "../dom.ts";
import { count, coverage } from "../phrases.ts";
import { type Range, snapshotsIn } from "../state/range.ts";
import type { ReportContext, SortKey, State, Store } from "../state/store.ts";
import { isGap, stepName, totalAt, type View } from "../state/view.ts";
import { type BalanceRow, balanceRows, sortRows } from "./balance-rows.ts";

const COLUMNS: readonly { readonly key: SortKey; readonly title: (denomination: string) => string }[] = [
  { key: "symbol", title: () => "Asset" },
  { key: "quantity", title: () => "Quantity" },
  { key: "quantityChange", title: () => "Change" },
  { key: "hold", title: () => "On hold" },
  { key: "value", title: (denomination) => `Value (${denomination})` },
  { key: "valueChange", title: (denomination) => `Change (${denomination})` },
];

/** Shows the balances at the end of the range and their change since its start. Column headings sort. */
export function balanceTable(store: Store, context: ReportContext): void {
  const headings = COLUMNS.map(({ key, title }) => {
    const text = title(context.denomination);
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
  const [body, foot, note] = [byId("balances-body"), byId("balances-foot"), byId("balances-note")];
  if (!snapshots) {
    for (const part of [body, foot]) part.replaceChildren();
    note.textContent = "No snapshots in this range.";
    return;
  }
  const { start, end } = snapshots;
  note.replaceChildren(...noteLines(view, { ...range, ...snapshots }, context));
  body.replaceChildren(...sortRows(balanceRows(view, start, end), sort.key, sort.direction).map(tableRow));
  foot.replaceChildren(totalRow(view, start, end));
  for (const { key } of COLUMNS) {
    const cells = byId("balances").querySelectorAll<HTMLElement>(`td[data-column=${key}]`);
    const length = String(Math.max(0, ...[...cells].map(longestFraction)));
    for (const cell of cells) cell.style.setProperty("--fraction", length);
  }
}

/** Returns the snapshots that are compared, and the coverage of the total. */
function noteLines(
  view: View,
  { first, last, start, end }: Range & { readonly start: number; readonly end: number },
  { zone }: ReportContext,
): HTMLElement[] {
  const line = (label: string, step: number, note: string) =>
    element("div", {}, `${label} `, ...snapshotText(view, step, stepName(view, step, zone.minute)), `${note}.`);
  const nearest = (step: number, edge: number, verb: string, direction: string, which: string) => {
    if (step === edge) return "";
    return ` (the range ${verb} ${isGap(view, edge) ? "in a gap" : direction}; this is its ${which} snapshot)`;
  };
  return [
    line("Balances at", end, nearest(end, last, "ends", "later", "last")),
    start === end
      ? element("div", {}, "The range has only one snapshot, so there is no change to show.")
      : line("Changes since", start, nearest(start, first, "starts", "earlier", "first")),
    element("div", {}, `The total ${coverage(view, end, Number.POSITIVE_INFINITY)}.`),
  ];
}

function snapshotText(view: View, step: number, time: string): (HTMLElement | string)[] {
  const { slots = [], captured = [] } = view.points[step] ?? {};
  const unbroken = (text: string) => element("span", { class: "instant" }, text);
  const fromTo = (instants: readonly string[]) =>
    instants.flatMap((instant, at) => (at === 0 ? [unbroken(instant)] : [" to ", unbroken(instant)]));
  return [unbroken(time), ", slot ", ...fromTo(slots), ", captured ", ...fromTo(captured)];
}

function tableRow(row: BalanceRow): HTMLTableRowElement {
  const { symbol, name, state, quantity, hold, value, unpricedAccounts } = row;
  const heading = element(
    "th",
    { scope: "row" },
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
    cell("quantityChange", change(row.quantityChange, "–")),
    cell("hold", amountOr("–", hold)),
    cell(
      "value",
      amountOr(quantity === null ? notHeld : "no price", value),
      unpricedAccounts === undefined ? null : absent(`no price in ${count(unpricedAccounts, "account")}`),
    ),
    cell("valueChange", change(row.valueChange, row.quantityChange === null ? "–" : "no price")),
  );
}

function totalRow(view: View, start: number, end: number): HTMLTableRowElement {
  const [before, after] = [totalAt(view, start), totalAt(view, end)];
  const difference = before === null || after === null ? null : subtract(after, before);
  const value = cell("value", amountOr("no price", after));
  const valueChange = cell("valueChange", start === end ? absent("–") : change(difference, "no price"));
  return element("tr", {}, element("th", { scope: "row", colspan: "4" }, "Total"), value, valueChange);
}

function change(difference: string | null, reason: string): HTMLElement {
  if (difference === null) return absent(reason);
  if (!new Big(difference).eq(0)) return amount(difference, "+");
  const unchanged = amount("0");
  unchanged.classList.add("zero");
  return unchanged;
}

function cell(column: SortKey, ...content: readonly (HTMLElement | null)[]): HTMLTableCellElement {
  return element("td", { "data-column": column }, ...content);
}
