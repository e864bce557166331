import { amount, byId, element, none } from "../dom.ts";
import { count, coverage } from "../phrases.ts";
import { mostPlaces } from "../readouts/value-readout.ts";
import { subtract } from "../state/amounts.ts";
import { endsOf, stepsIn } from "../state/range.ts";
import type { ReportFacts, State, Store } from "../state/store.ts";
import { totalAt, type View } from "../state/view.ts";
import { type BalanceLine, balanceLines, type SortKey, sortLines } from "./balance-rows.ts";

/** The columns, in order. Figures are sorted from the greatest down at first, symbols from a to z. */
const COLUMNS: readonly { readonly key: SortKey; readonly title: (denomination: string) => string }[] = [
  { key: "symbol", title: () => "Asset" },
  { key: "quantity", title: () => "Quantity" },
  { key: "quantityChange", title: () => "Change" },
  { key: "hold", title: () => "On hold" },
  { key: "value", title: (denomination) => `Value ${denomination}` },
  { key: "valueChange", title: (denomination) => `Change ${denomination}` },
];

/** The balances at the end of the range, with their change since its start; the headings sort. */
export function balanceTable(store: Store, facts: ReportFacts): void {
  const heads = COLUMNS.map(({ key, title }) => {
    const button = element("button", { type: "button" }, title(facts.denomination));
    const head = element("th", { scope: "col", "data-column": key, "data-title": title(facts.denomination) }, button);
    button.addEventListener("click", () => store.change({ sort: nextSort(store.state.sort, key) }));
    return { key, head };
  });
  byId("balances-head").replaceChildren(element("tr", {}, ...heads.map(({ head }) => head)));
  store.watch(["view", "range", "sort"], (state) => {
    for (const { key, head } of heads) {
      head.setAttribute("aria-sort", key === state.sort.key ? state.sort.direction : "none");
    }
    show(state, facts);
  });
}

function nextSort(sort: State["sort"], key: SortKey): State["sort"] {
  if (sort.key === key) return { key, direction: sort.direction === "ascending" ? "descending" : "ascending" };
  return { key, direction: key === "symbol" ? "ascending" : "descending" };
}

function show({ view, range, sort }: State, facts: ReportFacts): void {
  const steps = stepsIn(view, range);
  const ends = steps && endsOf(view, steps.first, steps.last);
  const [body, foot, note] = [byId("balances-body"), byId("balances-foot"), byId("balances-note")];
  body.replaceChildren();
  foot.replaceChildren();
  if (!steps || !ends) {
    note.textContent = "There is no snapshot in the range: nothing is known.";
    return;
  }
  note.replaceChildren(...noteOf(view, steps, ends, facts));
  const lines = sortLines(balanceLines(view, ends.start, ends.end), sort.key, sort.direction);
  body.append(...lines.map(rowOf));
  foot.append(totalRow(view, ends));
  for (const { key } of COLUMNS) {
    const places = mostPlaces(byId("balances"), `[data-column=${key}] `);
    byId("balances").style.setProperty(`--places-${key}`, String(places));
  }
}

/** Which snapshots the figures are from, a line each, and what the total leaves out. */
function noteOf(
  view: View,
  { first, last }: { first: number; last: number },
  { start, end }: { start: number; end: number },
  { zone }: ReportFacts,
): HTMLElement[] {
  const inside = "the range has a gap there, so that it is the nearest snapshot inside of it";
  const line = (what: string, step: number, edge: number) =>
    element(
      "div",
      {},
      `${what} `,
      ...snapshotOf(view, step, zone.minute(view.times[step] ?? 0)),
      step === edge ? "." : ` (${inside}).`,
    );
  const alone = "It is the only snapshot in the range: there is no change to show.";
  return [
    line("Held at", end, last),
    start === end ? element("div", {}, alone) : line("Changes since", start, first),
    element("div", {}, `The total ${coverage(view, end, Number.POSITIVE_INFINITY)}.`),
  ];
}

function snapshotOf(view: View, step: number, time: string): (HTMLElement | string)[] {
  const { slots = [], captured = [] } = view.points[step] ?? {};
  const whole = (text: string) => element("span", { class: "instant" }, text);
  const said = (instants: readonly string[]) =>
    [...new Set(instants)].flatMap((instant, at) => (at === 0 ? [whole(instant)] : [" to ", whole(instant)]));
  return [whole(time), ", slot ", ...said(slots), ", captured ", ...said(captured)];
}

function rowOf(line: BalanceLine): HTMLTableRowElement {
  const { symbol, name, state, unpricedIn } = line;
  const badge = state === "held" ? null : element("span", { class: `badge ${state}` }, state);
  const head = element(
    "th",
    { scope: "row" },
    element("span", { class: "symbol" }, symbol),
    badge,
    element("span", { class: "name" }, name),
  );
  const partly = unpricedIn === undefined ? null : none(`${count(unpricedIn, "account")} without a price`);
  const absent = state === "unsettled" ? state : "not held";
  const worth = line.value === null ? none(line.quantity === null ? absent : "no price") : amount(line.value);
  return element(
    "tr",
    { "data-symbol": symbol },
    head,
    cell("quantity", line.quantity === null ? none(absent) : amount(line.quantity)),
    cell("quantityChange", change(line.quantityChange, "–")),
    cell("hold", line.hold === null ? none("–") : amount(line.hold)),
    cell("value", worth, partly),
    cell("valueChange", change(line.valueChange, line.quantityChange === null ? "–" : "no price")),
  );
}

function totalRow(view: View, { start, end }: { start: number; end: number }): HTMLTableRowElement {
  const [before, after] = [totalAt(view, start), totalAt(view, end)];
  const difference = before === null || after === null ? null : subtract(after, before);
  const since = start === end ? none("–") : change(difference, "no price");
  return element(
    "tr",
    {},
    element("th", { scope: "row", colspan: "4" }, "Total"),
    cell("value", after === null ? none("no price") : amount(after)),
    cell("valueChange", since),
  );
}

/** An exact nought is written as such: nothing changed. */
function change(decimal: string | null, absent: string): HTMLElement {
  if (decimal === null) return none(absent);
  const shown = amount(/[1-9]/.test(decimal) ? decimal : "0", "always");
  if (!/[1-9]/.test(decimal)) shown.classList.add("nought");
  return shown;
}

function cell(column: SortKey, ...content: readonly (HTMLElement | null)[]): HTMLTableCellElement {
  return element("td", { "data-column": column }, ...content);
}
