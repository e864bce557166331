import { absent, amount, element, longestFraction } from "../dom.ts";
import { count, coverage, gapText } from "../phrases.ts";
import { type Layer, valueAt } from "../plots/layers.ts";
import { snapshotsIn, stepsIn } from "../state/range.ts";
import type { ReportContext, State } from "../state/store.ts";
import { absenceReason, stepName, totalAt, type View, type ViewAsset } from "../state/view.ts";

/** Shows the exact values at a step. It is also the plot's legend, so its rows are in the order of the layers. */
export function showValues(host: HTMLElement, state: State, layers: readonly Layer[], context: ReportContext): void {
  const { step, label } = readoutStep(state);
  const total = totalAt(state.view, step);
  const totalText =
    total === null ? absent(state.view.points[step] ? "no price" : absenceReason(state.view, step)) : amount(total);
  const totalRow = legendRow("total", totalText, element("span", { class: "swatch total" }));
  totalRow.className = "total";
  const rows = layers.toReversed().map((layer) => {
    const swatch = element("span", { class: "swatch" });
    swatch.style.background = `var(--series-${layer.colour})`;
    return legendRow(layer.label, layerValue(state, layer, step), swatch);
  });
  const caption = `Values in ${context.denomination} by asset`;
  showLegend(host, snapshotFacts(state.view, step, label, context), caption, [totalRow, ...rows]);
}

function layerValue({ view }: State, layer: Layer, step: number): HTMLElement {
  const found = valueAt(layer, step);
  if (view.points[step] && "value" in found) return amount(found.value);
  const unpriced = "reason" in found && found.reason === "no price";
  return absent(unpriced ? "no price" : absenceReason(view, step, layer.label));
}

export function showQuantity(
  host: HTMLElement,
  state: State,
  asset: ViewAsset | undefined,
  context: ReportContext,
): void {
  const { step, label } = readoutStep(state);
  const held = (asset?.quantities[step] ?? null) !== null;
  const cell = (column: readonly (string | null)[] | undefined, reason: string) => {
    const text = column?.[step] ?? null;
    return text === null ? absent(held ? reason : absenceReason(state.view, step, asset?.symbol)) : amount(text);
  };
  const unpriced = asset?.unpricedAccounts?.[step];
  const caption = `${asset?.symbol ?? "Asset"} in this interval`;
  showLegend(host, snapshotFacts(state.view, step, label, context), caption, [
    legendRow("quantity", cell(asset?.quantities, "unknown")),
    legendRow("on hold", cell(asset?.holds, "unknown")),
    legendRow(`value (${context.denomination})`, cell(asset?.values, "no price")),
    unpriced === undefined ? null : legendRow("", absent(`no price in ${count(unpriced, "account")}`)),
  ]);
}

/** Shows facts and, below them, a table of amounts whose decimal points align. */
function showLegend(host: HTMLElement, facts: HTMLElement, caption: string, rows: (HTMLElement | null)[]): void {
  const title = element("caption", { class: "visually-hidden" }, caption);
  host.replaceChildren(facts, element("table", { class: "legend" }, title, element("tbody", {}, ...rows)));
  host.style.setProperty("--fraction", String(longestFraction(host)));
}

function legendRow(label: string, value: HTMLElement, swatch?: HTMLElement): HTMLTableRowElement {
  const heading = element("th", { scope: "row" }, swatch, element("span", { class: "label" }, label));
  return element("tr", {}, heading, element("td", {}, value));
}

/** Returns the step that the readouts show: the cursor's, or else the range's last snapshot. */
function readoutStep({ view, range, cursor }: State): { step: number; label: string } {
  const { first, last } = stepsIn(view, range) ?? { first: 0, last: 0 };
  if (cursor !== null) return { step: cursor, label: "At the cursor" };
  const end = snapshotsIn(view, first, last)?.end ?? last;
  return { step: end, label: end === last ? "End of range" : "Last snapshot in range" };
}

/** Creates a list with a step's slot, capture time and coverage, or the reason why the step is a gap. */
function snapshotFacts(view: View, step: number, label: string, { zone }: ReportContext): HTMLElement {
  const point = view.points[step];
  const utc = (instants: readonly string[] | undefined) => fromTo([...new Set(instants)]);
  const local = (instants: readonly string[] | undefined) =>
    fromTo([...new Set(instants)].map((instant) => zone.instant(Date.parse(instant))));
  return element(
    "dl",
    { class: view.accounts > 1 ? "facts all-accounts" : "facts" },
    fact(label, stepName(view, step, zone.instant)),
    fact("Slot", utc(point?.slots)),
    fact("Captured", local(point?.captured)),
    fact("Captured (UTC)", utc(point?.captured)),
    point ? fact("Coverage", coverage(view, step)) : fact("No data", element("strong", {}, gapText(view, step))),
  );
}

function fact(term: string, description: Node | string): HTMLElement {
  return element("div", {}, element("dt", {}, term), element("dd", {}, description));
}

function fromTo(instants: readonly string[]): Node {
  const fragment = document.createDocumentFragment();
  instants.forEach((instant, index) => {
    fragment.append(...(index === 0 ? [] : [" to ", element("br")]), instant);
  });
  if (instants.length === 0) fragment.append("–");
  return fragment;
}
