import { sum } from "../../../core/domain/amount.ts";
import { absent, amount, amountOr, byId, element, longestFraction, swatch } from "../dom.ts";
import { count, coverage, gapText } from "../phrases.ts";
import type { Layer } from "../plots/layers.ts";
import { snapshotsIn } from "../state/range.ts";
import type { ReportContext, State } from "../state/store.ts";
import { absenceReason, stepName, totalAt, type View, type ViewAsset } from "../state/view.ts";

/** Shows the exact values at a step. It is also the plot's legend, so its rows are in the order of the layers. */
export function showValues(state: State, layers: readonly Layer[], context: ReportContext): void {
  const { view } = state;
  const step = readoutStep(state);
  const total = amountOr(view.points[step] ? "no price" : absenceReason(view, step), totalAt(view, step));
  const totalRow = legendRow("total", total, element("span", { class: "swatch total" }));
  totalRow.className = "total";
  const rows = layers.toReversed().map((layer) => {
    return legendRow(layer.label, layerValue(view, layer, step), swatch(layer.colour));
  });
  const caption = `Values in ${context.denomination} by asset`;
  showLegend("value-readout", snapshotFacts(view, step, context), caption, [totalRow, ...rows]);
  alignPoints("value-readout");
}

function layerValue(view: View, { label, assets }: Layer, step: number): HTMLElement {
  const held = assets.filter(({ quantities }) => quantities[step] != null);
  const values = held.flatMap((asset) => asset.values[step] ?? []);
  if (values.length > 0) return amount(sum(values));
  return absent(held.length > 0 ? "no price" : absenceReason(view, step, label));
}

export function showQuantity(state: State, asset: ViewAsset | undefined, context: ReportContext): void {
  const step = readoutStep(state);
  const held = asset?.quantities[step] != null;
  const cell = (column: readonly (string | null)[] | undefined, reason: string) =>
    amountOr(held ? reason : absenceReason(state.view, step, asset?.symbol), column?.[step]);
  const unpriced = asset?.unpricedAccounts?.[step];
  const caption = `${asset?.symbol ?? "Asset"} in this interval`;
  showLegend("quantity-readout", snapshotFacts(state.view, step, context), caption, [
    legendRow("quantity", cell(asset?.quantities, "unknown")),
    legendRow("on hold", cell(asset?.holds, "unknown")),
    legendRow(`value (${context.denomination})`, cell(asset?.values, "no price")),
    unpriced === undefined ? null : legendRow("", absent(`no price in ${count(unpriced, "account")}`)),
  ]);
}

/** Shows facts and, below them, a table of amounts. */
function showLegend(id: string, facts: HTMLElement, caption: string, rows: (HTMLElement | null)[]): void {
  const host = byId(id);
  const title = element("caption", { class: "visually-hidden" }, caption);
  host.replaceChildren(facts, element("table", { class: "legend" }, title, element("tbody", {}, ...rows)));
}

/** Aligns the decimal points of a table, whose amounts have the same unit. */
function alignPoints(id: string): void {
  byId(id).style.setProperty("--fraction", String(longestFraction(byId(id))));
}

function legendRow(label: string, value: HTMLElement, swatch?: HTMLElement): HTMLTableRowElement {
  const heading = element("th", { scope: "row" }, swatch, element("span", { class: "label" }, label));
  return element("tr", {}, heading, element("td", {}, value));
}

/** Returns the step that the readouts show: the cursor's, or else the range's last snapshot. */
function readoutStep({ view, range, cursor }: State): number {
  return cursor ?? snapshotsIn(view, range)?.end ?? range.last;
}

/** Creates the name of a step and its coverage, or the reason why it is a gap. The titles have the exact times. */
function snapshotFacts(view: View, step: number, { zone }: ReportContext): HTMLElement {
  const point = view.points[step];
  const times = point ? `slot ${point.slots.join(" to ")}, captured ${point.captured.join(" to ")}` : "";
  const text = point ? coverage(view, step) : element("strong", {}, gapText(view, step));
  return element(
    "div",
    { class: "facts", title: times },
    element("p", { class: "step" }, stepName(view, step, zone.minute)),
    element("p", { class: "coverage" }, text),
  );
}
