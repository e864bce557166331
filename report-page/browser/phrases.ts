import type { Range } from "./state/range.ts";
import { countGaps, gapsIn, unpricedAt, type View } from "./state/view.ts";

const DURATION_UNITS = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1000, "second"],
] as const;

/** Returns `1 gap` or `12 gaps`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Returns what all assets without an entry of their own are called. */
export function otherAssets(number: number): string {
  return `other (${count(number, "asset")})`;
}

/** Returns `a, b, c and 12 more`. */
function listNames(names: readonly string[], max = 3): string {
  if (names.length <= max) return names.join(", ");
  return `${names.slice(0, max).join(", ")} and ${names.length - max} more`;
}

/** Returns how many holdings a step's total includes: `covers 30 of 32 assets; no price: xyz; unsettled: abc`. */
export function coverage(view: View, step: number, maxNames = 3): string {
  const point = view.points[step];
  if (!point) return "";
  const noun = view.accounts.length > 1 ? "balances" : "assets";
  const unpriced = unpricedAt(view, step);
  const noPrice = unpriced.length === 0 ? "" : `; no price: ${listNames(unpriced, maxNames)}`;
  const unsettled = point.unsettled.length === 0 ? "" : `; unsettled: ${listNames(point.unsettled, maxNames)}`;
  const altered = point.altered ? "; ALTERED: a snapshot does not match its digest" : "";
  const accounts = view.accounts.length > 1 ? ` in ${count(view.activeAccounts[step] ?? 0, "account")}` : "";
  return `covers ${point.covers} of ${point.of} ${noun}${accounts}${noPrice}${unsettled}${altered}`;
}

/** Returns why a step has no snapshot; of a gap, with the reasons recorded for the slots of its interval. */
export function gapText(view: View, step: number): string {
  const active = view.activeAccounts[step] ?? 0;
  if (active === 0)
    return `not active: before the start${view.accounts.length > 1 ? " of all accounts" : ""}, or after the end`;
  const missing = view.missingAccounts[step] ?? [];
  if (missing.length > 0) {
    const verb = missing.length === 1 ? "has" : "have";
    return `gap: ${missing.length} of ${active} accounts ${verb} no snapshot (${listNames(missing, 1)})`;
  }
  const gaps = gapsIn(view, { first: step, last: step });
  const reasons = [...new Set(gaps.map(({ reason }) => reason ?? "no reason recorded"))];
  return `gap: no complete snapshot${reasons.length === 0 ? "" : ` (${listNames(reasons, 1)})`}`;
}

/** Returns the two largest units of a duration: `1 day`, `21 hours 54 minutes`. */
export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [size, noun] of DURATION_UNITS) {
    const number = Math.floor(rest / size);
    rest -= number * size;
    if (number > 0) parts.push(count(number, noun));
  }
  return parts.slice(0, 2).join(" ") || "less than a second";
}

/** Returns the number and length of the intervals, and how many of them are gaps: `240 intervals of 1 hour, no gaps`. */
export function intervalsText(view: View, range: Range): string {
  const gaps = countGaps(view, range);
  const intervals = `${count(range.last - range.first + 1, "interval")} of ${formatDuration(view.interval)}`;
  return `${intervals}, ${gaps === 0 ? "no gaps" : count(gaps, "gap")}`;
}
