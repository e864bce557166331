import { count, coverage, gapSteps, gapText, spacing } from "../phrases.ts";
import type { Layer } from "../plots/layers.ts";
import { compare } from "../state/amounts.ts";
import type { ReportFacts } from "../state/store.ts";
import { totalAt, type View, type ViewAsset, whyNone } from "../state/view.ts";

interface Steps {
  readonly first: number;
  readonly last: number;
}

/** The value plot in words, for those who do not see it: where it starts, ends, and how far it goes. */
export function valueSummary(view: View, steps: Steps, layers: readonly Layer[], facts: ReportFacts): string {
  const totals = view.times.map((_, step) => totalAt(view, step));
  const areas = layers.map(({ label }) => label).join(", ") || "no asset with a price";
  return `Value in ${facts.denomination}, stacked: ${areas}. ${course(view, steps, totals, facts)}`;
}

/** The quantity plot in words. */
export function quantitySummary(view: View, steps: Steps, asset: ViewAsset, facts: ReportFacts): string {
  const without = { "not held": 0, unsettled: 0, gap: 0 };
  for (let step = steps.first; step <= steps.last; step++) {
    if ((asset.quantities[step] ?? null) === null) without[whyNone(view, step, asset.symbol)]++;
  }
  const absent = without["not held"] === 0 ? "" : ` Not held at ${count(without["not held"], "step")}.`;
  const unsettled = without.unsettled === 0 ? "" : ` Unsettled at ${count(without.unsettled, "step")}.`;
  return `Quantity of ${asset.symbol}. ${course(view, steps, asset.quantities, facts)}${absent}${unsettled}`;
}

function course(view: View, { first, last }: Steps, column: readonly (string | null)[], facts: ReportFacts): string {
  const known: { step: number; value: string }[] = [];
  for (let step = first; step <= last; step++) {
    const value = column[step] ?? null;
    if (value !== null) known.push({ step, value });
  }
  const steps = `${count(last - first + 1, "step")}, ${spacing(view.period)} apart`;
  const gaps = gapSteps(view, first, last);
  const holes = gaps === 0 ? "No gaps." : `${gaps === 1 ? "1 of them is a gap" : `${gaps} of them are gaps`}.`;
  const [start, end] = [known[0], known.at(-1)];
  if (start === undefined || end === undefined) return `Nothing to draw at ${steps}. ${holes}`;
  const lowest = known.reduce((least, one) => (compare(one.value, least.value) < 0 ? one : least));
  const highest = known.reduce((most, one) => (compare(one.value, most.value) > 0 ? one : most));
  const said = ({ step, value }: { step: number; value: string }) =>
    `${value} (${facts.zone.minute(view.times[step] ?? 0)})`;
  return `First ${said(start)}, last ${said(end)}, lowest ${said(lowest)}, highest ${said(highest)}. ${steps}. ${holes}`;
}

/** A step's total in words. */
export function describeValue(view: View, step: number, { zone, denomination }: ReportFacts): string {
  const point = view.points[step];
  const total = totalAt(view, step);
  const amount = total === null ? "total without a price" : `total ${total} ${denomination}`;
  const said = point ? `${amount}, ${coverage(view, step)}` : gapText(view, step);
  return `${zone.minute(view.times[step] ?? 0)}: ${said}`;
}

/** A step's quantity in words. */
export function describeQuantity(
  view: View,
  step: number,
  asset: ViewAsset | undefined,
  { zone, denomination }: ReportFacts,
): string {
  const quantity = asset?.quantities[step] ?? null;
  const value = asset?.values[step] ?? null;
  const held = `${quantity} ${asset?.symbol}, ${value === null ? "no price" : `worth ${value} ${denomination}`}`;
  const none = view.points[step] ? `${asset?.symbol} ${whyNone(view, step, asset?.symbol)}` : gapText(view, step);
  const said = quantity === null ? none : held;
  return `${zone.minute(view.times[step] ?? 0)}: ${said}`;
}
