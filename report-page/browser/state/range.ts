import type { View } from "./view.ts";

/** A range of steps by index, both ends included. */
export interface Range {
  readonly first: number;
  readonly last: number;
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

export function lastDays({ times }: View, days: number): Range {
  const last = times.length - 1;
  const from = (times[last] ?? 0) - days * DAY;
  return { first: times.findIndex((time) => time >= from), last };
}

/** Returns the range from the first step to the last. */
export function wholeRange(view: View): Range {
  return lastDays(view, Number.POSITIVE_INFINITY);
}

/** Returns the first and the last step with a snapshot, or `undefined` if the range has only gaps. */
export function snapshotsIn({ points }: View, { first, last }: Range): { start: number; end: number } | undefined {
  const shown = points.slice(first, last + 1);
  const start = shown.findIndex((point) => point !== null);
  const end = shown.findLastIndex((point) => point !== null);
  return start < 0 ? undefined : { start: first + start, end: first + end };
}

/** Returns the last step at or before a time, or 0 if there is none. */
export function stepAt({ times }: View, time: number): number {
  return Math.max(
    0,
    times.findLastIndex((start) => start <= time),
  );
}
