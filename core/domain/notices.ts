import Big from "big.js";
import { quantity } from "./balance.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Total } from "./totals.ts";

/**
 * Something about a snapshot that a person may want to look at, for it differs much from the one before. A notice never
 * keeps a snapshot from being stored. Quantities are decimal strings.
 */
export type Notice =
  /** It was held before, `last` of it, and is not held now. */
  | { readonly kind: "vanished"; readonly asset: string; readonly last: string }
  /** It was held before, the list did not show it, and the API would not tell: see `Settlement`. */
  | { readonly kind: "unsettled"; readonly asset: string }
  /** The quantity moved by more than the configured share of what it was. */
  | { readonly kind: "moved"; readonly asset: string; readonly from: string; readonly to: string }
  /** More assets than before have no value in the denomination. */
  | { readonly kind: "coverageFell"; readonly denomination: string; readonly from: Coverage; readonly to: Coverage };

type Coverage = Pick<Total, "covers" | "of">;

/** What is worth a notice. */
export interface NoticeRules {
  /** A quantity may move by so many percent of what it was. */
  readonly movedPercent: number;
  /** What moves and vanishes without a notice, for there is an explanation: `usdc`, or `account_…/usdc` for one account. */
  readonly explained: readonly string[];
}

/**
 * What is worth a notice in a snapshot.
 * @param previous the account's complete snapshot before it; `undefined`: there is none, so there is no notice
 */
export function noticesOf(
  snapshot: Snapshot,
  previous: Snapshot | undefined,
  { movedPercent, explained }: NoticeRules,
): readonly Notice[] {
  if (previous === undefined) return [];
  const unsettled = snapshot.unsettled.map((asset): Notice => ({ kind: "unsettled", asset }));
  const isExplained = (asset: string) =>
    explained.includes(asset) || explained.includes(`${snapshot.accountId}/${asset}`);
  const moves = [...previous.balances].flatMap(([asset, before]): Notice[] => {
    if (isExplained(asset) || snapshot.unsettled.includes(asset)) return [];
    const from = quantity(asset, before).total;
    const after = snapshot.balances.get(asset);
    if (after === undefined) return new Big(from).eq(0) ? [] : [{ kind: "vanished", asset, last: from }];
    const to = quantity(asset, after).total;
    const percents = new Big(to).minus(from).abs().times(100);
    return percents.gt(new Big(from).abs().times(movedPercent)) ? [{ kind: "moved", asset, from, to }] : [];
  });
  return [...unsettled, ...moves, ...fallenCoverage(snapshot, previous)];
}

/** Counted in assets that are left out, not as a share: to sell one that has a price is no fall. */
function fallenCoverage(snapshot: Snapshot, previous: Snapshot): Notice[] {
  return [...previous.totals].flatMap(([denomination, from]): Notice[] => {
    const all = snapshot.assets + snapshot.unsettled.length;
    const to = snapshot.totals.get(denomination) ?? { covers: 0, of: all };
    if (to.of - to.covers <= from.of - from.covers) return [];
    return [{ kind: "coverageFell", denomination, from: coverageOf(from), to: coverageOf(to) }];
  });
}

function coverageOf({ covers, of }: Coverage): Coverage {
  return { covers, of };
}
