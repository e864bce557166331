import { sum } from "../domain/amount.ts";
import type { Line, LineState } from "./reconciliation.ts";

/** The amounts of a line that a sum adds up. */
const AMOUNTS = ["opening", "in", "out", "fees", "closing", "unexplained", "unexplainedByOtherReading"] as const;

/** The lines of an asset over accounts: opening + in − out − fees + unexplained = closing, for the accounts that it comprises. */
export interface AssetSum extends Pick<Line, "asset" | (typeof AMOUNTS)[number]> {
  /** The worst of its lines, those left out too: remainders of two accounts that cancel out are still unexplained. */
  readonly state: LineState;
  /** How many accounts the amounts comprise. If none, the amounts are `null`. */
  readonly accounts: number;
  /** The accounts that have a line of this asset and are left out, because one of its amounts is unknown or not asked. */
  readonly leftOut: readonly string[];
}

/** From the best to the worst. A certain remainder is worse than one that may be there. */
const STATES: readonly LineState[] = ["explained", "undetermined", "not_asked", "unknown", "unexplained"];

/** Returns the sums of lines over accounts, by asset. */
export function sumsByAsset(lines: readonly Line[]): AssetSum[] {
  const byAsset = new Map<string, Line[]>();
  for (const line of lines) {
    const others = byAsset.get(line.asset);
    if (others) others.push(line);
    else byAsset.set(line.asset, [line]);
  }
  return [...byAsset.keys()].sort().map((asset) => sumOf(asset, byAsset.get(asset) ?? []));
}

function sumOf(asset: string, lines: readonly Line[]): AssetSum {
  const isKnown = (line: Line) => AMOUNTS.every((name) => line[name] !== null);
  const known = lines.filter(isKnown);
  const amount = (name: (typeof AMOUNTS)[number]) =>
    known.length === 0 ? null : sum(known.map((line) => line[name] ?? "0"));
  return {
    asset,
    state: STATES.findLast((state) => lines.some((line) => line.state === state)) ?? "explained",
    accounts: known.length,
    leftOut: lines.filter((line) => !isKnown(line)).map(({ accountId }) => accountId),
    opening: amount("opening"),
    in: amount("in"),
    out: amount("out"),
    fees: amount("fees"),
    closing: amount("closing"),
    unexplained: amount("unexplained"),
    unexplainedByOtherReading: amount("unexplainedByOtherReading"),
  };
}
