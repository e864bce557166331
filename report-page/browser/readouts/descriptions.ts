import Big from "big.js";
import { count, coverage, gapText, intervalsText } from "../phrases.ts";
import type { Layer } from "../plots/layers.ts";
import type { ReportContext, State } from "../state/store.ts";
import {
  type AbsenceReason,
  absenceReason,
  stepName,
  totalAt,
  totalsOf,
  type View,
  type ViewAsset,
} from "../state/view.ts";

// Text alternatives to the plots.

/** Returns a summary of the value plot: its assets, first, last, lowest and highest total, and gaps. */
export function valueSummary(state: State, layers: readonly Layer[], context: ReportContext): string {
  const assets = layers.map(({ label }) => label).join(", ") || "no asset has a price";
  return `Value in ${context.denomination} by asset: ${assets}. ${columnSummary(state, totalsOf(state.view), context)}`;
}

export function quantitySummary(state: State, asset: ViewAsset, context: ReportContext): string {
  const { view, range } = state;
  const { symbol, quantities } = asset;
  const absences = quantities
    .map((quantity, step) => (quantity === null ? absenceReason(view, step, symbol) : undefined))
    .slice(range.first, range.last + 1);
  const intervalsWith = (label: string, reason: AbsenceReason) => {
    const number = absences.filter((absence) => absence === reason).length;
    return number === 0 ? "" : ` ${label} in ${count(number, "interval")}.`;
  };
  const rest = `${intervalsWith("Not held", "not held")}${intervalsWith("Unsettled", "unsettled")}`;
  return `Quantity of ${symbol}. ${columnSummary(state, quantities, context)}${rest}`;
}

function columnSummary({ view, range }: State, column: readonly (string | null)[], { zone }: ReportContext): string {
  const known = column
    .slice(range.first, range.last + 1)
    .flatMap((value, index) => (value === null ? [] : [{ step: range.first + index, value }]));
  const intervals = intervalsText(view, range);
  const [start, end] = [known[0], known.at(-1)];
  if (start === undefined || end === undefined) return `No data in ${intervals}.`;
  const lowest = known.reduce((least, one) => (new Big(one.value).lt(least.value) ? one : least));
  const highest = known.reduce((most, one) => (new Big(one.value).gt(most.value) ? one : most));
  const at = ({ step, value }: { step: number; value: string }) => `${value} (${stepName(view, step, zone.minute)})`;
  return `First ${at(start)}, last ${at(end)}, lowest ${at(lowest)}, highest ${at(highest)}. ${intervals}.`;
}

/** Returns the total at a step as text, for example `2026-11-23 03:00: total 12.50 usd, covers 2 of 2 assets`. */
export function describeValue(view: View, step: number, { zone, denomination }: ReportContext): string {
  const point = view.points[step];
  const total = totalAt(view, step);
  const totalText = total === null ? "no total, because no asset has a price" : `total ${total} ${denomination}`;
  const text = point ? `${totalText}, ${coverage(view, step)}` : gapText(view, step);
  return `${stepName(view, step, zone.minute)}: ${text}`;
}

export function describeQuantity(
  view: View,
  step: number,
  asset: ViewAsset | undefined,
  { zone, denomination }: ReportContext,
): string {
  const time = stepName(view, step, zone.minute);
  if (!view.points[step]) return `${time}: ${gapText(view, step)}`;
  const quantity = asset?.quantities[step] ?? null;
  if (quantity === null) return `${time}: ${asset?.symbol} ${absenceReason(view, step, asset?.symbol)}`;
  const value = asset?.values[step] ?? null;
  return `${time}: ${quantity} ${asset?.symbol}, ${value === null ? "no price" : `value ${value} ${denomination}`}`;
}
