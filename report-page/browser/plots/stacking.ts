import type { Range } from "../state/range.ts";

/** A band of a stacked plot by step, as floats for drawing. A band without height, as in a gap, draws nothing. */
export interface Band {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * Stacks columns of values, the first at the bottom. Negative values extend below zero.
 * @param columns floats by step, 0 where there is no value
 */
export function stackBands(columns: readonly (readonly number[])[]): Band[] {
  const tops: number[] = [];
  const bottoms: number[] = [];
  return columns.map((column) => {
    const low: number[] = [];
    const high: number[] = [];
    column.forEach((height, step) => {
      const levels = height < 0 ? bottoms : tops;
      const base = levels[step] ?? 0;
      levels[step] = base + height;
      low.push(Math.min(base, base + height));
      high.push(Math.max(base, base + height));
    });
    return { low, high };
  });
}

/** Returns the extent of the vertical axis for a stack: all bands, zero, and a margin. */
export function stackExtent(bands: readonly Band[], { first, last }: Range): [number, number] {
  let [lowest, highest] = [0, 0];
  for (const { low, high } of bands) {
    for (let step = first; step <= last; step++) {
      lowest = Math.min(lowest, low[step] ?? 0);
      highest = Math.max(highest, high[step] ?? 0);
    }
  }
  return [lowest * 1.05, highest * 1.05 || 1];
}

/** Returns the extent of the vertical axis for a line. It includes zero if the line falls below half of its maximum. */
export function lineExtent(column: readonly (string | null)[], { first, last }: Range): [number, number] {
  const levels = column.slice(first, last + 1).flatMap((amount) => (amount === null ? [] : Number(amount)));
  if (levels.length === 0) return [0, 1];
  // A spread of so many arguments exceeds the stack.
  const lowest = levels.reduce((a, b) => Math.min(a, b));
  const highest = levels.reduce((a, b) => Math.max(a, b));
  const margin = (highest - lowest) * 0.1 || Math.abs(highest) * 0.1 || 1;
  const includesZero = lowest >= 0 && lowest < highest / 2;
  const low = includesZero ? 0 : lowest - margin;
  return [lowest >= 0 ? Math.max(0, low) : low, highest + margin];
}
