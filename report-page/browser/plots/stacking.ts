import type { Range } from "../state/range.ts";

/** A band of a stacked plot by step, as floats for drawing; `null` is a gap. A band without height draws nothing. */
export interface Band {
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/**
 * Stacks columns of values, the first at the bottom. Negative values extend below zero.
 * @param columns floats by step, 0 where there is no value
 * @param hasSnapshot by step
 */
export function stackBands(columns: readonly (readonly number[])[], hasSnapshot: readonly boolean[]): Band[] {
  const tops = hasSnapshot.map(() => 0);
  const bottoms = hasSnapshot.map(() => 0);
  return columns.map((column) => {
    const low: (number | null)[] = [];
    const high: (number | null)[] = [];
    hasSnapshot.forEach((present, step) => {
      const height = column[step] ?? 0;
      const levels = height < 0 ? bottoms : tops;
      const base = levels[step] ?? 0;
      levels[step] = base + height;
      low.push(present ? Math.min(base, base + height) : null);
      high.push(present ? Math.max(base, base + height) : null);
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
  const [lowest, highest] = [Math.min(...levels), Math.max(...levels)];
  const margin = (highest - lowest) * 0.1 || Math.abs(highest) * 0.1 || 1;
  const includesZero = lowest >= 0 && lowest < highest / 2;
  const low = includesZero ? 0 : lowest - margin;
  return [lowest >= 0 ? Math.max(0, low) : low, highest + margin];
}
