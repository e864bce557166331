import { count, coverage, gapText, intervalsText } from "../phrases.ts";
import type { Layer } from "../plots/layers.ts";
import type { VisibleSteps } from "../plots/step-paths.ts";
import { compare } from "../state/amounts.ts";
import type { ReportContext } from "../state/store.ts";
import { type AbsenceReason, absenceReason, stepName, totalAt, type View, type ViewAsset } from "../state/view.ts";

// Text alternatives to the plots.

type Steps = Pick<VisibleSteps, "first" | "last">;

/** Returns a summary of the value plot: its assets, first, last, lowest and highest total, and gaps. */
export function valueSummary(view: View, steps: Steps, layers: readonly Layer[], context: ReportContext): string {
  const totals = view.times.map((_, step) => totalAt(view, step));
  const assets = layers.map(({ label }) => label).join(", ") || "no asset has a price";
  return `Value in ${context.denomination} by asset: ${assets}. ${columnSummary(view, steps, totals, context)}`;
}

export function quantitySummary(view: View, steps: Steps, asset: ViewAsset, context: ReportContext): string {
  const absences: Record<AbsenceReason, number> = { "not held": 0, unsettled: 0, gap: 0, "not active": 0 };
  for (let step = steps.first; step <= steps.last; step++) {
    if ((asset.quantities[step] ?? null) === null) absences[absenceReason(view, step, asset.symbol)]++;
  }
  const { "not held": notHeld, unsettled } = absences;
  const notHeldText = notHeld === 0 ? "" : ` Not held in ${count(notHeld, "interval")}.`;
  const unsettledText = unsettled === 0 ? "" : ` Unsettled in ${count(unsettled, "interval")}.`;
  const summary = columnSummary(view, steps, asset.quantities, context);
  return `Quantity of ${asset.symbol}. ${summary}${notHeldText}${unsettledText}`;
}

function columnSummary(
  view: View,
  { first, last }: Steps,
  column: readonly (string | null)[],
  { zone }: ReportContext,
): string {
  const known: { step: number; value: string }[] = [];
  for (let step = first; step <= last; step++) {
    const value = column[step] ?? null;
    if (value !== null) known.push({ step, value });
  }
  const intervals = intervalsText(view, first, last);
  const [start, end] = [known[0], known.at(-1)];
  if (start === undefined || end === undefined) return `No data in ${intervals}.`;
  const lowest = known.reduce((least, one) => (compare(one.value, least.value) < 0 ? one : least));
  const highest = known.reduce((most, one) => (compare(one.value, most.value) > 0 ? one : most));
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
