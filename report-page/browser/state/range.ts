import type { View } from "./view.ts";

/** A range of time in epoch milliseconds, both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const DAY = 86_400_000;

/** The ranges that have a button. All end at the report's last step. */
export const PRESETS = [
  { label: "All", days: Number.POSITIVE_INFINITY },
  { label: "1 y", days: 365 },
  { label: "90 d", days: 90 },
  { label: "30 d", days: 30 },
  { label: "7 d", days: 7 },
] as const;

/** Returns the range from the first step to the last. */
export function wholeRange({ times }: View): Range {
  return { from: times[0] ?? 0, to: times.at(-1) ?? 0 };
}

export function lastDays(whole: Range, days: number): Range {
  return { from: Math.max(whole.from, whole.to - days * DAY), to: whole.to };
}

/** Returns the first and the last step in a range, or `undefined` if it contains none. */
export function stepsIn({ times }: View, { from, to }: Range): { first: number; last: number } | undefined {
  const first = times.findIndex((time) => time >= from);
  const last = times.findLastIndex((time) => time <= to);
  return first < 0 || last < first ? undefined : { first, last };
}

/** Returns the first and the last step with a snapshot, or `undefined` if all steps from `first` to `last` are gaps. */
export function snapshotsIn(view: View, first: number, last: number): { start: number; end: number } | undefined {
  let [start, end] = [first, last];
  while (start <= last && view.points[start] === null) start++;
  while (end >= first && view.points[end] === null) end--;
  return start > end ? undefined : { start, end };
}

/** Returns the last step at or before a time, or 0 if there is none. */
export function stepAt(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}
