import Big from "big.js";
import pMap from "p-map";
import { type Balance, quantity } from "../domain/balance.ts";
import type { BalanceSource, Clock } from "../domain/ports.ts";
import type { Snapshot, Walk } from "../domain/snapshot.ts";

/** Passes over the pages before single assets are asked for, and at most, where an unknown one must be missing. */
const PASSES = 2;
const MAX_PASSES = 5;
/** Questions for single assets that are under way at once. */
const LOOKUP_CONCURRENCY = 8;

/** Of the account's snapshot before this one, what a walk is held against. */
export type Previous = Pick<Snapshot, "balances" | "unsettled">;

/**
 * All that an account holds. The API's list is sorted by a value that moves with prices, so that an asset which changes its
 * place between two pages is shown twice, or not at all. What can be seen of that (an asset shown twice, or one that the
 * previous snapshot or another pass showed and this one does not) leads to another pass, and then to a question for just
 * the asset. Without a previous snapshot, a list of several pages is read twice, to hold the one against the other.
 *
 * What this cannot see: an asset that is new since the previous snapshot and slips past every pass unnoticed.
 * @param previous `undefined`: there is none
 * @throws JobError where a page or a question stays without an answer
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
    // What was shown twice counts as it was shown last.
    const shown = new Map(entries.map((balance) => [balance.asset.symbol, balance]));
    const missing = [...expected].filter((symbol) => !shown.has(symbol));
    for (const symbol of shown.keys()) {
      expected.add(symbol);
      seen.add(symbol);
    }

    // For each asset that is shown twice another one is not. As long as there are more entries than assets were ever
    // seen, that is one that nobody knows to ask for. Else it was seen, and is missing now.
    const unknown = seen.size < entries.length;
    const unproven = previous === undefined && pages > 1 && passes === 1;
    const clean = !unknown && missing.length === 0 && !unproven;
    if (!clean && passes < (unknown ? MAX_PASSES : PASSES)) continue;

    const { held, gone, unsettled } = await ask(source, accountId, missing, deadline);
    const unsure = unknown || unsettled.length > 0;
    return {
      balances: [...shown.values(), ...held],
      consistency: unsure ? "reordered" : missing.length > 0 ? "confirmed" : passes > 1 ? "rewalked" : "clean",
      ...{ pages, pageSize: undefined, gone, unsettled },
      capturedAt,
      completedAt: clock.now(),
    };
  }
}

/** Settles assets that the list should show and does not. One of which nothing is held is gone: a list shows no such. */
async function ask(source: BalanceSource, accountId: string, symbols: readonly string[], deadline: AbortSignal) {
  const answers = await pMap(
    symbols,
    async (symbol) => ({ symbol, answer: await source.balance(accountId, symbol, deadline) }),
    { concurrency: LOOKUP_CONCURRENCY },
  );
  const held: Balance[] = [];
  const gone: string[] = [];
  const unsettled: string[] = [];
  for (const { symbol, answer } of answers) {
    if (answer === "unknown") unsettled.push(symbol);
    else if (answer === "absent" || new Big(quantity(symbol, answer.amounts).total).eq(0)) gone.push(symbol);
    else held.push(answer);
  }
  return { held, gone, unsettled };
}
