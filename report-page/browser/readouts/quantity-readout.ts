import { absent, amount, element, longestFraction } from "../dom.ts";
import { count } from "../phrases.ts";
import type { ReportContext, State } from "../state/store.ts";
import { absenceReason, type ViewAsset } from "../state/view.ts";
import { readoutStep, snapshotFacts } from "./snapshot-facts.ts";

/** Shows an asset's quantity, hold and value at a step. */
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
  host.replaceChildren(
    snapshotFacts(state.view, step, label, context),
    element(
      "table",
      { class: "legend" },
      element("caption", { class: "visually-hidden" }, `${asset?.symbol ?? "Asset"} in this interval`),
      element(
        "tbody",
        {},
        row("quantity", cell(asset?.quantities, "unknown")),
        row("on hold", cell(asset?.holds, "unknown")),
        row(`value (${context.denomination})`, cell(asset?.values, "no price")),
        unpriced === undefined ? null : row("", absent(`no price in ${count(unpriced, "account")}`)),
      ),
    ),
  );
  host.style.setProperty("--fraction", String(longestFraction(host)));
}

function row(label: string, value: HTMLElement): HTMLElement {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("span", { class: "label" }, label)),
    element("td", {}, value),
  );
}
