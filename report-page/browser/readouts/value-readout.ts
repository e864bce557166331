import { absent, amount, element } from "../dom.ts";
import { type Layer, valueAt } from "../plots/layers.ts";
import type { ReportContext, State } from "../state/store.ts";
import { absenceReason, totalAt } from "../state/view.ts";
import { legendRow, showLegend } from "./legend.ts";
import { readoutStep, snapshotFacts } from "./snapshot-facts.ts";

/** Shows the exact values at a step. It is also the plot's legend, so its rows are in the order of the layers. */
export function showValues(host: HTMLElement, state: State, layers: readonly Layer[], context: ReportContext): void {
  const { step, label } = readoutStep(state);
  const total = totalAt(state.view, step);
  const totalText = total === null ? absent(state.view.points[step] ? "no price" : "gap") : amount(total);
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
