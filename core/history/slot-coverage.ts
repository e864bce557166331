/** How many slots of the schedule have a complete snapshot. */
export interface SlotCoverage {
  readonly expected: number;
  readonly complete: number;
  /** Rounded down, with two decimals: coverage with a gap is never 100.00. `null`: no slot is expected. */
  readonly percent: string | null;
}

/** Returns the coverage of a number of slots. */
export function slotCoverage(complete: number, expected: number): SlotCoverage {
  // Whole hundredths: a quotient of floats can be just below the exact one.
  const percent = expected === 0 ? null : (Math.floor((complete * 10_000) / expected) / 100).toFixed(2);
  return { expected, complete, percent };
}
