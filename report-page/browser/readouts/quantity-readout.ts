import { absent, amount } from "../dom.ts";
import { count } from "../phrases.ts";
import type { ReportContext, State } from "../state/store.ts";
import { absenceReason, type ViewAsset } from "../state/view.ts";
import { legendRow, showLegend } from "./legend.ts";
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
  const caption = `${asset?.symbol ?? "Asset"} in this interval`;
  showLegend(host, snapshotFacts(state.view, step, label, context), caption, [
    legendRow("quantity", cell(asset?.quantities, "unknown")),
    legendRow("on hold", cell(asset?.holds, "unknown")),
    legendRow(`value (${context.denomination})`, cell(asset?.values, "no price")),
    unpriced === undefined ? null : legendRow("", absent(`no price in ${count(unpriced, "account")}`)),
  ]);
}
