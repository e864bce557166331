import type { Slot } from "./slot.ts";
import type { FailedAttempt, Failure } from "./snapshot.ts";

/** The code of a run that ended before it reached every account. Its scope is the accounts that it did not reach. */
export const NOT_REACHED = "not_reached";

/** Accounts whose ids follow each other. After the greatest id comes the smallest one, so `last` can be less than `first`. */
export interface AccountRange {
  readonly first: string;
  readonly last: string;
}

/**
 * The record of a run that failed before it reached any account (no key, no valid configuration, no list of accounts), or that
 * ran out of time before it reached all. It explains the gaps of the accounts in its scope that have no separate record.
 */
export interface FailedRun extends Failure {
  /** The name of the API key of the run; its scope is among the accounts of this key. `undefined`: the only key. */
  readonly key?: string | undefined;
  /** The names of all keys that were configured. `undefined`: there was one, which has no name, or they are unknown. */
  readonly keys?: readonly string[] | undefined;
  /** All accounts, a range of ids of a run of all accounts, or a list of ids. */
  readonly scope: "all" | AccountRange | readonly string[];
  /** In the format of a slot. */
  readonly failedAt: string;
}

/**
 * Returns what the runs that failed mean for an account: one failed attempt per slot, ascending. The last run of a slot
 * gives the reason.
 */
export function attemptsOf(accountId: string, runs: readonly FailedRun[]): FailedAttempt[] {
  const attempts = new Map<Slot, FailedAttempt>();
  const sorted = [...runs].sort((a, b) => (a.failedAt < b.failedAt ? -1 : 1));
  for (const { scope, failedAt, ...run } of sorted) {
    if (!isInScope(accountId, scope)) continue;
    const earlier = attempts.get(run.slot)?.attempts ?? 0;
    attempts.set(run.slot, { accountId, ...run, attempts: earlier + 1, lastTriedAt: failedAt });
  }
  return [...attempts.values()].sort((a, b) => (a.slot < b.slot ? -1 : 1));
}

function isInScope(accountId: string, scope: FailedRun["scope"]): boolean {
  if (scope === "all") return true;
  if (!("first" in scope)) return scope.includes(accountId);
  const { first, last } = scope;
  return first <= last ? first <= accountId && accountId <= last : first <= accountId || accountId <= last;
}
