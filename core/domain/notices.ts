import Big from "big.js";
import { quantity } from "./balance.ts";
import { possibleAssets, type Snapshot } from "./snapshot.ts";
import type { Total } from "./totals.ts";

/**
 * A large difference from the previous snapshot, which a person may want to check. A notice never prevents a snapshot from
 * being stored. Quantities are decimal strings.
 */
export type Notice =
  /** The asset is no longer held; `last` is its previous quantity. */
  | { readonly kind: "vanished"; readonly asset: string; readonly last: string }
  /** The asset was held before or is listed with different amounts, and the API did not say how much is held now. */
  | { readonly kind: "unsettled"; readonly asset: string }
  /** The API's list had this many more entries than assets: it may lack assets that no walk has shown. */
  | { readonly kind: "hidden"; readonly entries: number }
  /** The quantity changed by more than the configured share of the previous one. */
  | { readonly kind: "moved"; readonly asset: string; readonly from: string; readonly to: string }
  /** More assets than before have no value in the denomination. */
  | { readonly kind: "coverageFell"; readonly denomination: string; readonly from: Coverage; readonly to: Coverage };

type Coverage = Pick<Total, "covers" | "of">;

/** Which differences are reported. */
export interface NoticeRules {
  /** A quantity may change by this percentage of the previous one without a notice. */
  readonly movedPercent: number;
  /** Assets that may change or vanish without a notice, in any case: `usdc`, or `account_…/usdc` for one account. */
  readonly explained: readonly string[];
}

/**
 * Returns the notices about a snapshot.
 * @param previous the account's complete snapshot before it; `undefined` if this is the first, which is compared with none
 */
export function noticesOf(
  snapshot: Snapshot,
  previous: Snapshot | undefined,
  { movedPercent, explained }: NoticeRules,
): readonly Notice[] {
  const unsettled = snapshot.unsettled.map((asset): Notice => ({ kind: "unsettled", asset }));
  const hidden: Notice[] = snapshot.hidden === 0 ? [] : [{ kind: "hidden", entries: snapshot.hidden }];
  if (previous === undefined) return [...unsettled, ...hidden];
  const unsettledAssets = new Set(snapshot.unsettled);
  const explanations = new Set(explained.map((asset) => asset.toLowerCase()));
  const isExplained = (asset: string) =>
    [asset, `${snapshot.accountId}/${asset}`].some((name) => explanations.has(name.toLowerCase()));
  const moves = [...previous.balances].flatMap(([asset, before]): Notice[] => {
    if (unsettledAssets.has(asset) || isExplained(asset)) return [];
    const from = quantity(asset, before).total;
    const after = snapshot.balances.get(asset);
    if (after === undefined) return new Big(from).eq(0) ? [] : [{ kind: "vanished", asset, last: from }];
    const to = quantity(asset, after).total;
    if (to === from) return [];
    const percents = new Big(to).minus(from).abs().times(100);
    return percents.gt(new Big(from).abs().times(movedPercent)) ? [{ kind: "moved", asset, from, to }] : [];
  });
  return [...unsettled, ...hidden, ...moves, ...fallenCoverage(snapshot, previous)];
}

/**
 * Counts the assets without a value, instead of comparing shares: selling an asset with a price does not reduce
 * coverage.
 */
function fallenCoverage(snapshot: Snapshot, previous: Snapshot): Notice[] {
  return [...previous.totals].flatMap(([denomination, from]): Notice[] => {
    const to = snapshot.totals.get(denomination) ?? { covers: 0, of: possibleAssets(snapshot) };
    if (to.of - to.covers <= from.of - from.covers) return [];
    return [{ kind: "coverageFell", denomination, from: coverageOf(from), to: coverageOf(to) }];
  });
}

function coverageOf({ covers, of }: Coverage): Coverage {
  return { covers, of };
}
