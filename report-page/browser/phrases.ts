import type { Range } from "./state/range.ts";
import { countGaps, countInactive, gapsIn, unpricedAt, type View, type ViewGap } from "./state/view.ts";

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
export function listNames(names: readonly string[], max = 3): string {
  if (names.length <= max) return names.join(", ");
  return `${names.slice(0, max).join(", ")} and ${names.length - max} more`;
}

/** Returns how many holdings a step's total includes: `covers 30 of 32 assets; no price: xyz; unsettled: abc`. */
export function coverage(view: View, step: number, maxNames = 3): string {
  const point = view.points[step];
  if (!point) return "";
  const held = count(point.of, view.accounts.length > 1 ? "balance" : "asset");
  const unpriced = unpricedAt(view, step);
  const noPrice = unpriced.length === 0 ? "" : `; no price: ${listNames(unpriced, maxNames)}`;
  const unsettled = point.unsettled.length === 0 ? "" : `; unsettled: ${listNames(point.unsettled, maxNames)}`;
  const altered = point.altered ? "; ALTERED: a snapshot does not match its digest" : "";
  const accounts = view.accounts.length > 1 ? ` in ${count(view.activeAccounts[step] ?? 0, "account")}` : "";
  return `covers ${point.covers} of ${held}${accounts}${noPrice}${unsettled}${altered}`;
}

/** What a slot without a record is called. */
export const NOT_RUN = "not_run: the job did not run for this slot";

/** Returns why a step has no snapshot; of a gap, with the reasons recorded for the slots of its interval. */
export function gapText(view: View, step: number): string {
  const active = view.activeAccounts[step] ?? 0;
  if (active === 0)
    return `not active: before the start${view.accounts.length > 1 ? " of all accounts" : ""}, or after the end`;
  const gap = view.scheduled ? "gap: " : "";
  const missing = view.missingAccounts[step] ?? [];
  if (missing.length > 0) {
    const verb = missing.length === 1 ? "has" : "have";
    return `${gap}${missing.length} of ${active} accounts ${verb} no snapshot (${listNames(missing, 1)})`;
  }
  const gaps = gapsIn(view, { first: step, last: step });
  const reasons = [...new Set(gaps.map(({ reason }) => reason ?? NOT_RUN))];
  return `${gap}no complete snapshot${reasons.length === 0 ? "" : ` (${listNames(reasons, 1)})`}`;
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

/**
 * Returns the number and length of the intervals, how many of them are gaps, and at how many no account counts:
 * `240 intervals of 1 hour, no gaps, 12 not active`.
 */
export function intervalsText(view: View, range: Range): string {
  const gaps = countGaps(view, range);
  const inactive = countInactive(view, range);
  const intervals = range.last - range.first + 1;
  const gapsText = view.scheduled ? (gaps === 0 ? "no gaps" : count(gaps, "gap")) : `${gaps} without a snapshot`;
  return [
    `${count(intervals, "interval")} of ${formatDuration(view.interval)}`,
    ...(inactive === intervals || (gaps === 0 && !view.scheduled) ? [] : [gapsText]),
    ...(inactive === 0 ? [] : [`${inactive} not active`]),
  ].join(", ");
}

/**
 * Returns how many slots lack a snapshot, or why none does.
 * @param listed how many of the gaps are listed, if that is not all
 */
export function gapsNote(
  gaps: readonly ViewGap[],
  listed: number | undefined,
  { view, range }: { readonly view: View; readonly range: Range },
): string {
  const partial = view.missingAccounts.filter((accounts) => accounts.length > 0).length;
  const verb = partial === 1 ? "has no sum" : "have no sum";
  const inSums =
    partial === 0
      ? ""
      : ` In the whole report, ${count(partial, "interval")} ${verb} because only some accounts have a snapshot there.`;
  if (gaps.length === 0) return `${whyNone(view, range)}${inSums}`;
  const slots = new Set(gaps.map(({ slot }) => slot)).size;
  const lacking =
    view.accounts.length === 1
      ? "without a complete snapshot"
      : "at which at least one account has no complete snapshot";
  const limited = listed === undefined ? "" : `; the first ${listed} gaps are listed`;
  return `${count(slots, "slot")} ${lacking}${limited}.${inSums}`;
}

function whyNone(view: View, range: Range): string {
  if (!view.scheduled) return "No schedule is known, so the report cannot say which slots are missing.";
  if (countInactive(view, range) === range.last - range.first + 1) {
    return "No account was active in this range, so no slot was expected.";
  }
  return "No gaps: every slot in the range has a complete snapshot.";
}
