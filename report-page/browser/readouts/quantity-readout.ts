import { amount, element, none } from "../dom.ts";
import type { ReportFacts, State } from "../state/store.ts";
import { type ViewAsset, whyNone } from "../state/view.ts";
import { provenance, stepToTell } from "./snapshot-facts.ts";
import { mostPlaces } from "./value-readout.ts";

/** What was held of the asset at a step, how much of it was on hold, and what it was worth. */
export function showQuantity(host: HTMLElement, state: State, asset: ViewAsset | undefined, facts: ReportFacts): void {
  const { step, where } = stepToTell(state);
  const held = (asset?.quantities[step] ?? null) !== null;
  const cell = (column: readonly (string | null)[] | undefined, absent: string) => {
    const text = column?.[step] ?? null;
    return text === null ? none(held ? absent : whyNone(state.view, step, asset?.symbol)) : amount(text);
  };
  const unpriced = asset?.unpricedIn?.[step];
  host.replaceChildren(
    provenance(state.view, step, where, facts),
    element(
      "table",
      { class: "legend" },
      element("caption", { class: "unseen" }, `${asset?.symbol ?? "Asset"} at this step`),
      element(
        "tbody",
        {},
        row("quantity", cell(asset?.quantities, "unknown")),
        row("on hold", cell(asset?.holds, "unknown")),
        row(`value ${facts.denomination}`, cell(asset?.values, "no price")),
        unpriced === undefined ? null : row("", none(`${unpriced} of the holding accounts without a price`)),
      ),
    ),
  );
  host.style.setProperty("--places", String(mostPlaces(host)));
}

function row(label: string, value: HTMLElement): HTMLElement {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("span", { class: "label" }, label)),
    element("td", {}, value),
  );
}
