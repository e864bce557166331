import Big from "big.js";
import { FEE_READINGS, type FeeReading, type Line } from "./reconciliation.ts";

/** The part of a line that the choice of a reading depends on. */
export type ReadLine = Pick<Line, "asset" | "state" | "unexplained">;

/** Returns how many lines each reading leaves unexplained. */
export function unexplainedLines(lines: Readonly<Record<FeeReading, readonly ReadLine[]>>): Record<FeeReading, number> {
  const count = (reading: FeeReading) => lines[reading].filter(({ state }) => state === "unexplained").length;
  return { included: count("included"), excluded: count("excluded") };
}

/**
 * Returns the reading of fees that leaves fewer lines unexplained; if both leave as many, the one that leaves the smaller
 * absolute remainder in more assets; otherwise `included`.
 */
export function betterReading(lines: Readonly<Record<FeeReading, readonly ReadLine[]>>): FeeReading {
  const { included, excluded } = unexplainedLines(lines);
  if (included !== excluded) return included < excluded ? "included" : "excluded";
  const remainders = { included: remaindersOf(lines.included), excluded: remaindersOf(lines.excluded) };
  const assets = new Set(FEE_READINGS.flatMap((reading) => [...remainders[reading].keys()]));
  let lead = 0;
  for (const asset of assets) {
    lead += (remainders.excluded.get(asset) ?? new Big(0)).cmp(remainders.included.get(asset) ?? 0);
  }
  return lead < 0 ? "excluded" : "included";
}

/** Returns the sum of the absolute remainders of the unexplained lines, by asset: remainders of two accounts do not cancel out. */
function remaindersOf(lines: readonly ReadLine[]): Map<string, Big> {
  const remainders = new Map<string, Big>();
  for (const { asset, state, unexplained } of lines) {
    if (state !== "unexplained" || unexplained === null) continue;
    remainders.set(asset, new Big(unexplained).abs().plus(remainders.get(asset) ?? 0));
  }
  return remainders;
}
