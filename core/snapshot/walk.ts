import Big from "big.js";
import pMap from "p-map";
import type { Amount } from "../domain/amount.ts";
import { type Amounts, type Balance, quantity } from "../domain/balance.ts";
import type { BalanceSource, Clock, Moment } from "../domain/ports.ts";
import type { Snapshot, Walk } from "../domain/snapshot.ts";

/** Passes before single assets are requested. */
const USUAL_PASSES = 2;
/** Passes if an asset is missing that no pass has shown. */
const MAX_PASSES = 5;
/** Concurrent requests for single assets. */
const LOOKUP_CONCURRENCY = 8;

export type WalkSource = Pick<BalanceSource, "pass" | "balance">;

/** The facts of the account's previous snapshot with which a walk is compared. */
export type Previous = Pick<Snapshot, "balances" | "unsettled">;

/**
 * Reads everything that an account holds. The API sorts its list by a value that changes with prices, so an asset that moves
 * between two pages is listed twice or not at all. The walk detects this: an asset is listed twice, or an asset that the
 * previous snapshot or another pass showed is missing. It then reads all pages again, and finally requests each asset that
 * is missing or listed with different amounts. Without a previous snapshot, it reads a list of several pages twice to compare
 * both passes.
 *
 * The walk cannot detect an asset that is new since the previous snapshot and missing from every pass, while no other asset
 * is listed twice.
 * @param previous `undefined`: the account has no previous snapshot
 * @throws JobError if the request for a page or a single asset fails
 */
export async function walk(
  { source, clock }: { readonly source: WalkSource; readonly clock: Clock },
  accountId: string,
  previous: Previous | undefined,
  deadline: AbortSignal,
): Promise<Walk> {
  const expected = new Set([...(previous?.balances.keys() ?? []), ...(previous?.unsettled ?? [])]);
  const seen = new Set<string>();
  for (let passes = 1; ; passes++) {
    const { balances: entries, pages, sent } = await source.pass(accountId, deadline);
    const listed = new Map(entries.map((balance) => [balance.asset.symbol, balance]));
    const conflicting = conflictsIn(entries);
    const missing = [...expected].filter((symbol) => !listed.has(symbol));
    for (const symbol of listed.keys()) {
      expected.add(symbol);
      seen.add(symbol);
    }

    // Each asset that is listed twice hides another one. With more entries than assets ever seen, the hidden asset is
    // unknown, so it cannot be requested. Otherwise it is known, and missing in this pass.
    const missesUnknown = seen.size < entries.length;
    const unconfirmed = previous === undefined && pages > 1 && passes === 1;
    const settled = !missesUnknown && missing.length === 0 && conflicting.length === 0 && !unconfirmed;
    if (!settled && passes < (missesUnknown ? MAX_PASSES : USUAL_PASSES)) continue;

    const { held, unsettled } = await lookUp(source, accountId, [...missing, ...conflicting], listed, deadline);
    const found = new Set([...listed.keys(), ...held.map(({ asset }) => asset.symbol), ...unsettled]);
    const hidden = Math.max(0, entries.length - found.size);
    for (const symbol of conflicting) listed.delete(symbol);
    return {
      balances: [...listed.values(), ...held],
      consistency: missesUnknown || hidden > 0 || unsettled.length > 0 ? "uncertain" : "verified",
      passes,
      pages,
      unsettled,
      hidden,
      capturedAt: sent.at,
      completedAt: timeAfter(sent, clock),
    };
  }
}

/**
 * Returns the current time, which is never earlier than the moment and the time since then. Of two clocks that differ, the
 * later one counts: the system clock can be set back, and the monotonic one can stop while the machine sleeps.
 */
function timeAfter({ at, monotonicMs }: Moment, clock: Clock): number {
  return Math.max(clock.now(), at + Math.ceil(clock.monotonic() - monotonicMs));
}

/** Returns the symbols that are listed with different amounts. Of equal entries, it does not matter which one counts. */
function conflictsIn(entries: readonly Balance[]): string[] {
  const first = new Map<string, Balance>();
  const conflicting = new Set<string>();
  for (const entry of entries) {
    const { symbol } = entry.asset;
    const other = first.get(symbol);
    if (other === undefined) first.set(symbol, entry);
    else if (!areEqual(other.amounts, entry.amounts)) conflicting.add(symbol);
  }
  return [...conflicting];
}

/** Compares the numbers: `1.0` equals `1`. */
function areEqual(a: Amounts, b: Amounts): boolean {
  const isEqual = ([denomination, { available, total }]: readonly [string, Amount]) => {
    const other = b.get(denomination);
    return other !== undefined && new Big(available).eq(other.available) && new Big(total).eq(other.total);
  };
  return a.size === b.size && [...a].every(isEqual);
}

/** Asks for each asset. One with a zero balance counts as not held, as in the list. */
async function lookUp(
  source: WalkSource,
  accountId: string,
  symbols: readonly string[],
  listed: ReadonlyMap<string, Balance>,
  deadline: AbortSignal,
) {
  const answers = await pMap(
    symbols,
    async (symbol) => ({ symbol, answer: await source.balance(accountId, symbol, deadline) }),
    { concurrency: LOOKUP_CONCURRENCY },
  );
  const held: Balance[] = [];
  const unsettled: string[] = [];
  for (const { symbol, answer } of answers) {
    if (!settles(answer, symbol, listed)) unsettled.push(symbol);
    else if (answer !== "absent" && answer.asset.symbol === symbol && !isZero(answer)) held.push(answer);
  }
  return { held, unsettled };
}

/**
 * Returns whether an answer says how much of an asset is held. It does not if the asset is listed and the answer denies that.
 * An answer about another asset, which is listed, means that the API has renamed the asset.
 */
function settles(
  answer: Balance | "absent" | "unknown",
  symbol: string,
  listed: ReadonlyMap<string, Balance>,
): answer is Balance | "absent" {
  if (answer === "unknown") return false;
  if (answer === "absent") return !listed.has(symbol);
  return answer.asset.symbol === symbol || (!listed.has(symbol) && listed.has(answer.asset.symbol));
}

function isZero({ asset, amounts }: Balance): boolean {
  return new Big(quantity(asset.symbol, amounts).total).eq(0);
}
