import Big from "big.js";
import { percent, sum } from "../domain/amount.ts";
import { oldestCapture } from "./asset-sums.ts";
import type { CombinedChange, SnapshotPair } from "./changes.ts";

/** The sum of the changes whose value is known. Amounts are decimal strings, `null` if none is known. */
export interface ChangesTotal {
  /** The values at both ends of the assets whose change is known: `toValue - fromValue` is `value`. */
  readonly fromValue: string | null;
  readonly toValue: string | null;
  readonly value: string | null;
  /** With two decimals. `null`: unknown, or compared with zero. */
  readonly valuePercent: string | null;
  readonly quantityEffect: string | null;
  readonly priceEffect: string | null;
  /** The coverage: of how many assets the change in value is known, of those that are or may be held at one end. */
  readonly covers: number;
  readonly of: number;
  /** How many accounts were compared. */
  readonly accounts: number;
  /** When the oldest snapshot of each end was captured, in the format of a slot; `null` without any. */
  readonly fromCapturedAt: string | null;
  readonly toCapturedAt: string | null;
  /** The accounts whose snapshot at one end does not match its digest. */
  readonly altered: readonly string[];
}

/** Returns changes ranked by their absolute value, the largest first. Unknown ones come last, by symbol. */
export function rankedChanges(changes: Iterable<CombinedChange>): CombinedChange[] {
  return [...changes].sort((a, b) => byAbsoluteValue(a, b) || (a.asset < b.asset ? -1 : 1));
}

function byAbsoluteValue({ value: a }: CombinedChange, { value: b }: CombinedChange): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return new Big(b).abs().cmp(new Big(a).abs());
}

/** Returns the sum of all changes between the snapshots of accounts. */
export function changesTotal(changes: readonly CombinedChange[], pairs: readonly SnapshotPair[]): ChangesTotal {
  const known = changes.filter(({ value }) => value !== null);
  const hidden = pairs.map(({ earlier, later }) => Math.max(earlier.hidden, later.hidden));
  const of = hidden.reduce((total, count) => total + count, changes.length);
  const add = (name: "fromValue" | "toValue" | "value" | "quantityEffect" | "priceEffect") =>
    known.length === 0 && of > 0 ? null : sum(known.map((change) => change[name] ?? "0"));
  const [fromValue, value] = [add("fromValue"), add("value")];
  return {
    ...{ fromValue, toValue: add("toValue"), value },
    valuePercent: fromValue === null || value === null ? null : percent(value, fromValue),
    ...{ quantityEffect: add("quantityEffect"), priceEffect: add("priceEffect") },
    ...{ covers: known.length, of, accounts: pairs.length },
    fromCapturedAt: oldestCapture(pairs.map(({ earlier }) => earlier)),
    toCapturedAt: oldestCapture(pairs.map(({ later }) => later)),
    altered: pairs.flatMap(({ earlier, later }) => (earlier.altered || later.altered ? [earlier.accountId] : [])),
  };
}
