import type { View } from "./state/view.ts";
import { unpricedAt } from "./state/view.ts";

/** `1 gap`, `12 gaps` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `a, b, c and 12 more` */
export function some(names: readonly string[], most = 3): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

/** What a total leaves out: `covers 30 of 32 assets, without a price: xyz, unsettled: abc`. */
export function coverage(view: View, step: number, mostNames = 3): string {
  const point = view.points[step];
  if (!point) return "";
  const noun = view.accounts > 1 ? "balances" : "assets";
  const unpriced = unpricedAt(view, step);
  const without = unpriced.length === 0 ? "" : `, without a price: ${some(unpriced, mostNames)}`;
  const unsettled = point.unsettled.length === 0 ? "" : `, unsettled: ${some(point.unsettled, mostNames)}`;
  return `covers ${point.covers} of ${point.of} ${noun}${without}${unsettled}`;
}

/** Why a step has nothing to show: what was recorded for the slots since the step before. */
export function gapText(view: View, step: number): string {
  const lacking = view.missing[step] ?? [];
  if (lacking.length > 0) {
    return `partial: ${count(lacking.length, "account")} of ${view.accounts} without a snapshot (${some(lacking, 1)}), left as a gap`;
  }
  const time = view.times[step] ?? 0;
  const before = view.times[step - 1] ?? time - view.period;
  const gaps = view.gaps.filter((gap) => gap.time > before && gap.time <= time);
  const reasons = [...new Set(gaps.map(({ reason }) => reason ?? "no reason recorded"))];
  return `gap: no complete snapshot${reasons.length === 0 ? "" : ` (${some(reasons, 1)})`}`;
}

/** A duration in whole units: `1 day`, `21 hours 54 minutes`. */
export function spacing(ms: number): string {
  const units = [
    [86_400_000, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
    [1000, "second"],
  ] as const;
  const parts: string[] = [];
  let rest = ms;
  for (const [size, noun] of units) {
    const number = Math.floor(rest / size);
    rest -= number * size;
    if (number > 0) parts.push(count(number, noun));
  }
  return parts.slice(0, 2).join(" ") || "less than a second";
}

/** The steps between two that have no snapshot. */
export function gapSteps({ points }: View, first: number, last: number): number {
  return points.slice(first, last + 1).filter((point) => point === null).length;
}
