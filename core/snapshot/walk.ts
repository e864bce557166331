import Big from "big.js";
import pMap from "p-map";
import type { Amount } from "../domain/amount.ts";
import { type Amounts, type Balance, quantity } from "../domain/balance.ts";
import { elapsedSince } from "../domain/elapsed.ts";
import { LIST_TOO_LARGE, WalkError } from "../domain/errors.ts";
import type { BalanceSource, Clock } from "../domain/ports.ts";
import type { Snapshot, Walk } from "../domain/snapshot.ts";
import { LARGEST_ACCOUNT, type WalkLimits } from "../domain/walk-limits.ts";

/** Passes before single assets are requested. */
const USUAL_PASSES = 2;
/** Passes while the list hides an asset that neither a pass nor the previous snapshot has shown. */
const MAX_PASSES = 5;
/** Concurrent requests for single assets. */
const LOOKUP_CONCURRENCY = 8;

export type WalkSource = Pick<BalanceSource, "pass" | "balance">;

export interface WalkContext {
  readonly source: WalkSource;
  readonly clock: Clock;
  /** Default: those of the largest account. */
  readonly limits?: WalkLimits;
}

/** The facts of the account's previous snapshot with which a walk is compared. */
export type Previous = Pick<Snapshot, "balances" | "unsettled">;

/**
 * Reads everything that an account holds. The API sorts its list by a value that changes with prices, so an asset that moves
 * between two pages is listed twice or not at all. The walk detects this: an asset is listed twice, or an asset that the
 * previous snapshot or another pass showed is missing. It then reads all pages again, and finally requests each asset that
 * is missing or listed with different amounts. Without a previous snapshot, it reads a list of several pages twice to compare
 * both passes.
 *
 * An asset that is listed twice takes the entry of another one. So the walk is verified only if it has found as many assets
 * as its last pass has entries.
 *
 * The walk cannot detect an asset that is new since the previous snapshot and missing from every pass, while the last pass
 * lists no other asset twice, or while an expected asset is bought between that pass and the request for it.
 * @param previous `undefined`: the account has no previous snapshot
 * @throws JobError if the request for a page or a single asset fails; a WalkError `list_too_large` beyond the limits
 */
export async function walk(
  { source, clock, limits = LARGEST_ACCOUNT }: WalkContext,
  accountId: string,
  previous: Previous | undefined,
  deadline: AbortSignal,
): Promise<Walk> {
  const expected = new Set([...(previous?.balances.keys() ?? []), ...(previous?.unsettled ?? [])]);
  for (let passes = 1; ; passes++) {
    const { balances: entries, pages, sent } = await source.pass(accountId, deadline, limits);
    const listed = new Map(entries.map((balance) => [balance.asset.symbol, balance]));
    const conflicting = conflictsIn(entries);
    const missing = [...expected].filter((symbol) => !listed.has(symbol));
    for (const symbol of listed.keys()) expected.add(symbol);

    const unconfirmed = previous === undefined && pages > 1;
    const settled = listed.size === entries.length && missing.length === 0 && !unconfirmed;
    // With more entries than assets that may be held, answers about the missing ones cannot find the hidden one.
    const hidesUnknown = listed.size + missing.length < entries.length;
    if (!settled && passes < (hidesUnknown ? MAX_PASSES : USUAL_PASSES)) continue;

    const ask = (symbol: string) => source.balance(accountId, symbol, deadline);
    const { held, unsettled } = await lookUp([...missing, ...conflicting], listed, ask, limits);
    const found = new Set([...listed.keys(), ...held.map(({ asset }) => asset.symbol), ...unsettled]);
    const hidden = Math.max(0, entries.length - found.size);
    if (hidden > 0 && passes < MAX_PASSES) {
      // Only another pass can show the hidden asset. Those that are not held do not explain its entry, and are not asked for again:
      // one that is bought back meanwhile would seem to explain it.
      for (const symbol of missing) if (!found.has(symbol)) expected.delete(symbol);
      continue;
    }
    for (const symbol of conflicting) listed.delete(symbol);
    return {
      balances: [...listed.values(), ...held],
      consistency: hidden > 0 || unsettled.length > 0 ? "uncertain" : "verified",
      passes,
      pages,
      unsettled,
      hidden,
      capturedAt: sent.at,
      completedAt: sent.at + elapsedSince(sent, clock),
    };
  }
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
  symbols: readonly string[],
  listed: ReadonlyMap<string, Balance>,
  ask: (symbol: string) => Promise<Balance | "absent" | "unknown">,
  limits: WalkLimits,
) {
  let bytes = 0;
  const answers = await pMap(
    symbols,
    async (symbol) => {
      const answer = await ask(symbol);
      if (typeof answer !== "string") bytes += JSON.stringify([answer.asset, ...answer.amounts]).length;
      if (bytes > limits.bytes) throw tooLarge(limits);
      return { symbol, answer };
    },
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

function tooLarge({ bytes }: WalkLimits): WalkError {
  const message = `The balances that the list lacks have more than ${bytes} bytes. Nothing is stored.`;
  return new WalkError(LIST_TOO_LARGE, message, {
    suggestedFix: "Try again. If it keeps happening, report it to Coinbase.",
  });
}
