/** Something to measure: returns how long it took, in milliseconds. */
export type Candidate = () => Promise<number>;

/**
 * Measures candidates in turn, so that a change in the load of the machine affects all of them alike.
 * @returns the times of each, in milliseconds, in the order of the rounds
 */
export async function takeTurns(rounds: number, candidates: readonly Candidate[]): Promise<number[][]> {
  const samples: number[][] = candidates.map(() => []);
  for (let round = 0; round < rounds; round++) {
    // Starts with another one each round, because the first one finds the caches of the last.
    for (const shift of candidates.keys()) {
      const at = (round + shift) % candidates.length;
      const ms = await candidates[at]?.();
      if (ms !== undefined) samples[at]?.push(ms);
    }
  }
  return samples;
}

/** Returns the value below which a share of the values lie: 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Returns the figures of a candidate: its median, the ratio of the medians, and the quartiles of the ratios of each round. */
export function compare(times: readonly number[], baseline: readonly number[]): Record<string, string> {
  const median = quantile(times, 0.5);
  const ratios = times.map((ms, round) => ms / (baseline[round] ?? Number.NaN));
  return {
    "median ms": median.toFixed(0),
    ratio: (median / quantile(baseline, 0.5)).toFixed(2),
    "quartiles of the ratio": `${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)}`,
  };
}
