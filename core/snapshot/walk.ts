import Big from "big.js";
import pMap from "p-map";
import { type Balance, quantity } from "../domain/balance.ts";
import type { BalanceSource, Clock } from "../domain/ports.ts";
import type { Snapshot, Walk } from "../domain/snapshot.ts";

/** Passes before single assets are requested. */
const USUAL_PASSES = 2;
/** Passes if an asset is missing that no pass has shown. */
const MAX_PASSES = 5;
/** Concurrent requests for single assets. */
const LOOKUP_CONCURRENCY = 8;

/** The facts of the account's previous snapshot with which a walk is compared. */
export type Previous = Pick<Snapshot, "balances" | "unsettled">;

/**
 * Reads everything that an account holds. The API sorts its list by a value that changes with prices, so an asset that moves
 * between two pages is listed twice or not at all. The walk detects this: an asset is listed twice, or an asset that the
 * previous snapshot or another pass showed is missing. It then reads all pages again, and finally requests each missing
 * asset. Without a previous snapshot, it reads a list of several pages twice to compare both passes.
 *
 * The walk cannot detect an asset that is new since the previous snapshot and missing from every pass, while no other asset
 * is listed twice.
 * @param previous `undefined`: the account has no previous snapshot
 * @throws JobError if the request for a page or a single asset fails
 */
export async function walk(
  { source, clock }: { readonly source: BalanceSource; readonly clock: Clock },
  accountId: string,
  previous: Previous | undefined,
  deadline: AbortSignal,
): Promise<Walk> {
  const expected = new Set([...(previous?.balances.keys() ?? []), ...(previous?.unsettled ?? [])]);
  const seen = new Set<string>();
  for (let passes = 1; ; passes++) {
    const capturedAt = clock.now();
    const { balances: entries, pages } = await source.pass(accountId, deadline);
    // The last entry of a repeated asset counts.
    const listed = new Map(entries.map((balance) => [balance.asset.symbol, balance]));
    const missing = [...expected].filter((symbol) => !listed.has(symbol));
    for (const symbol of listed.keys()) {
      expected.add(symbol);
      seen.add(symbol);
    }

    // Each asset that is listed twice hides another one. With more entries than assets ever seen, the hidden asset is
    // unknown, so it cannot be requested. Otherwise it is known, and missing now.
    const hiddenAsset = seen.size < entries.length;
    const unconfirmed = previous === undefined && pages > 1 && passes === 1;
    const settled = !hiddenAsset && missing.length === 0 && !unconfirmed;
    if (!settled && passes < (hiddenAsset ? MAX_PASSES : USUAL_PASSES)) continue;

    const { held, unsettled } = await lookUp(source, accountId, missing, deadline);
    return {
      balances: [...listed.values(), ...held],
      consistency: hiddenAsset || unsettled.length > 0 ? "uncertain" : "verified",
      passes,
      pages,
      unsettled,
      capturedAt,
      completedAt: clock.now(),
    };
  }
}

/** Asks for each asset that is expected but not listed. An asset with a zero balance counts as not held, as in the list. */
async function lookUp(source: BalanceSource, accountId: string, symbols: readonly string[], deadline: AbortSignal) {
  const answers = await pMap(
    symbols,
    async (symbol) => ({ symbol, answer: await source.balance(accountId, symbol, deadline) }),
    { concurrency: LOOKUP_CONCURRENCY },
  );
  const held: Balance[] = [];
  const unsettled: string[] = [];
  for (const { symbol, answer } of answers) {
    if (answer === "unknown") unsettled.push(symbol);
    else if (answer !== "absent" && !new Big(quantity(symbol, answer.amounts).total).eq(0)) held.push(answer);
  }
  return { held, unsettled };
}
