/** A band of a stacked plot by step, as floats for pixels; `null`: a gap. A band of no height draws nothing. */
export interface Band {
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/**
 * Stacks columns of values upon each other, the first at the bottom; what is negative hangs below nought.
 * @param columns floats by step, 0 where there is nothing to stack
 * @param present by step, whether there is a snapshot
 */
export function stack(columns: readonly (readonly number[])[], present: readonly boolean[]): Band[] {
  const tops = present.map(() => 0);
  const bottoms = present.map(() => 0);
  return columns.map((column) => {
    const low: (number | null)[] = [];
    const high: (number | null)[] = [];
    present.forEach((here, step) => {
      const height = column[step] ?? 0;
      const levels = height < 0 ? bottoms : tops;
      const from = levels[step] ?? 0;
      levels[step] = from + height;
      low.push(here ? Math.min(from, from + height) : null);
      high.push(here ? Math.max(from, from + height) : null);
    });
    return { low, high };
  });
}

/** What the vertical axis of a stack shows between two steps: all of it, nought, and some air. */
export function stackExtent(bands: readonly Band[], first: number, last: number): [number, number] {
  let [least, most] = [0, 0];
  for (const { low, high } of bands) {
    for (let step = first; step <= last; step++) {
      least = Math.min(least, low[step] ?? 0);
      most = Math.max(most, high[step] ?? 0);
    }
  }
  return [least * 1.05, most * 1.05 || 1];
}

/** What the vertical axis of a line shows between two steps: nought is left out only where it is far away. */
export function lineExtent(column: readonly (number | null)[], first: number, last: number): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let step = first; step <= last; step++) {
    const level = column[step];
    if (level == null) continue;
    least = Math.min(least, level);
    most = Math.max(most, level);
  }
  if (least > most) return [0, 1];
  const air = (most - least) * 0.1 || Math.abs(most) * 0.1 || 1;
  const low = least >= 0 && least < most / 2 ? 0 : least - air;
  return [least >= 0 ? Math.max(0, low) : low, most + air];
}
