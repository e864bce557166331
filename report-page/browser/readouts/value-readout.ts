import { amount, element, none } from "../dom.ts";
import { type Layer, valueAt } from "../plots/layers.ts";
import type { ReportFacts, State } from "../state/store.ts";
import { totalAt, whyNone } from "../state/view.ts";
import { provenance, stepToTell } from "./snapshot-facts.ts";

/** The exact values at a step, which is the legend too: a line for each area, from top to bottom as they are stacked. */
export function showValues(host: HTMLElement, state: State, layers: readonly Layer[], facts: ReportFacts): void {
  const { step, where } = stepToTell(state);
  const point = state.view.points[step];
  const total = totalAt(state.view, step);
  const rows = [...layers].reverse().map((layer) => {
    const found = valueAt(layer, step);
    const why = "none" in found && found.none === "no price" ? found.none : whyNone(state.view, step, layer.label);
    const cell = point && "value" in found ? amount(found.value) : none(why);
    return row(element("span", { class: `swatch series-${layer.colour}` }), layer.label, cell);
  });
  const totalRow = row(
    element("span", { class: "swatch total" }),
    "total",
    total === null ? none(point ? "no price" : "gap") : amount(total),
  );
  totalRow.className = "total";
  host.replaceChildren(
    provenance(state.view, step, where, facts),
    element(
      "table",
      { class: "legend" },
      element("caption", { class: "unseen" }, `Values in ${facts.denomination} by asset`),
      element("tbody", {}, totalRow, ...rows),
    ),
  );
  // The fraction's width is that of the longest one, so that the points stand below each other.
  host.style.setProperty("--places", String(mostPlaces(host)));
}

function row(swatch: HTMLElement, label: string, value: HTMLElement): HTMLTableRowElement {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, swatch, element("span", { class: "label" }, label)),
    element("td", {}, value),
  );
}

/** How many characters the longest fraction in there has, its point included. */
export function mostPlaces(host: ParentNode, inside = ""): number {
  const fractions = host.querySelectorAll(`${inside}.fraction`);
  return Math.max(0, ...[...fractions].map(({ textContent }) => textContent.length));
}
