import { absent, amount, element, longestFraction } from "../dom.ts";
import { type Layer, valueAt } from "../plots/layers.ts";
import type { ReportContext, State } from "../state/store.ts";
import { absenceReason, totalAt } from "../state/view.ts";
import { readoutStep, snapshotFacts } from "./snapshot-facts.ts";

/** Shows the exact values at a step. It is also the plot's legend, so its rows are in the order of the layers. */
export function showValues(host: HTMLElement, state: State, layers: readonly Layer[], context: ReportContext): void {
  const { step, label } = readoutStep(state);
  const point = state.view.points[step];
  const total = totalAt(state.view, step);
  const rows = [...layers].reverse().map((layer) => {
    const swatch = element("span", { class: `swatch series-${layer.colour}` });
    return row(swatch, layer.label, layerValue(state, layer, step));
  });
  const totalRow = row(
    element("span", { class: "swatch total" }),
    "total",
    total === null ? absent(point ? "no price" : "gap") : amount(total),
  );
  totalRow.className = "total";
  host.replaceChildren(
    snapshotFacts(state.view, step, label, context),
    element(
      "table",
      { class: "legend" },
      element("caption", { class: "visually-hidden" }, `Values in ${context.denomination} by asset`),
      element("tbody", {}, totalRow, ...rows),
    ),
  );
  host.style.setProperty("--fraction", String(longestFraction(host)));
}

function layerValue({ view }: State, layer: Layer, step: number): HTMLElement {
  const found = valueAt(layer, step);
  if (view.points[step] && "value" in found) return amount(found.value);
  const unpriced = "reason" in found && found.reason === "no price";
  return absent(unpriced ? "no price" : absenceReason(view, step, layer.label));
}

function row(swatch: HTMLElement, label: string, value: HTMLElement): HTMLTableRowElement {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, swatch, element("span", { class: "label" }, label)),
    element("td", {}, value),
  );
}
