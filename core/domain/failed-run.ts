import type { Slot } from "./slot.ts";
import type { FailedAttempt, Failure } from "./snapshot.ts";

/**
 * The record of a run that failed before it reached any account: without a key, a valid configuration or the list of
 * accounts. It explains the gaps of every account in its scope.
 */
export interface FailedRun extends Failure {
  /** The accounts of the run: all, or the ids that the request named. */
  readonly scope: readonly string[] | "all";
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
    if (scope !== "all" && !scope.includes(accountId)) continue;
    const earlier = attempts.get(run.slot)?.attempts ?? 0;
    attempts.set(run.slot, { accountId, ...run, attempts: earlier + 1, lastTriedAt: failedAt });
  }
  return [...attempts.values()].sort((a, b) => (a.slot < b.slot ? -1 : 1));
}
