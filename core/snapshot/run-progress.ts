import type { RunResult, SnapshotResult } from "../domain/run-result.ts";
import type { RunCounts, RunProgress, TakeStep } from "../domain/run-step.ts";
import { placeOf } from "./account-order.ts";
import type { RunRequest } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";

/** What the invocations before have done: their answer, and the counts in it. */
export type TakenAccounts = Pick<TakeStep, "first" | "after" | "progress">;

/** Nothing was taken before: the run is a single invocation. */
export const NOTHING_TAKEN: TakenAccounts = {};

const NO_PROGRESS: RunProgress = {
  ...{ complete: 0, alreadyComplete: 0, failed: 0 },
  ...{ pages: 0, notices: 0, warnings: 0, keyFailures: 0, durationMs: 0 },
};

/** How many failed accounts a progress lists. The states of 20 keys, with their errors and an event, must fit into 256 KiB. */
export const MAX_FAILED_IDS = 30;

export function progressOf({ progress = NO_PROGRESS }: TakenAccounts): RunProgress {
  return progress;
}

/** Returns whether the progress counts an account: an earlier invocation has taken it, or tried to. */
export function isCounted({ first, after, progress }: TakenAccounts, accountId: string): boolean {
  return progress !== undefined && (after === undefined || placeOf(accountId, first) <= placeOf(after, first));
}

/**
 * Returns the accounts that may have no snapshot yet: those that are not counted and those that failed. If not all of these are
 * listed, it includes every account after the listed ones. A dry run takes no failed account again: it stores nothing, so the
 * complete ones after the listed ones would be read again, too.
 */
export function missingAccounts(
  accounts: readonly RunAccount[],
  taken: TakenAccounts,
  { dryRun }: RunRequest,
): readonly RunAccount[] {
  const { failed, failedIds = [] } = progressOf(taken);
  const listed = new Set(failedIds);
  const last = failed > failedIds.length ? failedIds.at(-1) : undefined;
  const place = (accountId: string) => placeOf(accountId, taken.first);
  const isTakenAgain = (accountId: string) =>
    !dryRun && (listed.has(accountId) || (last !== undefined && place(accountId) > place(last)));
  return accounts.filter(({ accountId }) => !isCounted(taken, accountId) || isTakenAgain(accountId));
}

/** Returns what the metrics show of accounts. */
export function countsOf(results: readonly SnapshotResult[], warnings: number): RunCounts {
  const sum = (count: (result: SnapshotResult) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  return {
    pages: sum(({ outcome, pages = 0 }) => (outcome === "complete" ? pages : 0)),
    notices: sum(({ notices = [], noticesLeftOut = 0 }) => notices.length + noticesLeftOut),
    warnings,
    keyFailures: sum(({ keyFailed = false }) => Number(keyFailed)),
  };
}

/** Adds up counts. An account that the key failed twice counts once. */
export function totalCounts(before: RunCounts, now: RunCounts): RunCounts {
  return {
    pages: before.pages + now.pages,
    notices: before.notices + now.notices,
    warnings: before.warnings + now.warnings,
    keyFailures: Math.max(before.keyFailures, now.keyFailures),
  };
}

/**
 * Returns the progress after an invocation.
 * @param reached the results of the accounts that the progress counts from now on, in the order of the run
 * @param others those of other accounts. The next invocation finds them complete, so it counts no pages and notices of theirs
 */
export function progressAfter(
  before: RunProgress,
  reached: readonly SnapshotResult[],
  others: readonly SnapshotResult[],
  { warnings, durationMs }: Pick<RunProgress, "warnings" | "durationMs">,
): RunProgress {
  const number = (wanted: SnapshotResult["outcome"]) => reached.filter(({ outcome }) => outcome === wanted).length;
  const failed = reached.flatMap(({ accountId, outcome }) => (outcome === "failed" ? accountId : []));
  const failedIds = [...(before.failedIds ?? []), ...failed].slice(0, MAX_FAILED_IDS);
  const complete = reached.flatMap(({ outcome, capturedAt }) => (outcome === "failed" ? [] : capturedAt));
  const oldestCapturedAt = least([before.oldestCapturedAt, ...complete]);
  const [own, ahead] = [countsOf(reached, warnings), countsOf(others, 0)];
  return {
    complete: before.complete + number("complete"),
    alreadyComplete: before.alreadyComplete + number("alreadyComplete"),
    failed: before.failed + failed.length,
    ...(failedIds.length > 0 && { failedIds }),
    ...(oldestCapturedAt !== undefined && { oldestCapturedAt }),
    pages: before.pages + own.pages + ahead.pages,
    notices: before.notices + own.notices + ahead.notices,
    warnings: before.warnings + warnings,
    keyFailures: before.keyFailures + own.keyFailures,
    durationMs: before.durationMs + durationMs,
  };
}

function least(texts: readonly (string | undefined)[]): string | undefined {
  let first: string | undefined;
  for (const text of texts) if (text !== undefined && (first === undefined || text < first)) first = text;
  return first;
}

/**
 * Returns the number of all accounts of a run by outcome. The last invocation has taken the missing ones again, and others
 * between them, which it found complete.
 * @param left the ids that the last invocation did not reach
 */
export function totalAccounts(
  taken: TakenAccounts,
  results: readonly SnapshotResult[],
  left: readonly string[],
  { dryRun }: RunRequest,
): RunResult["accounts"] {
  const before = progressOf(taken);
  const [again, first] = [numbers(), numbers()];
  for (const { accountId, outcome } of results) (isCounted(taken, accountId) ? again : first)[outcome]++;
  for (const accountId of left) (isCounted(taken, accountId) ? again : first).failed++;
  // No more than before: what the last invocation did not reach again can be complete.
  const stillFailed = dryRun ? before.failed : Math.min(before.failed, again.failed);
  const recovered = before.failed - stillFailed;
  const complete = Math.min(recovered, again.complete);
  return {
    complete: before.complete + complete + first.complete,
    alreadyComplete: before.alreadyComplete + recovered - complete + first.alreadyComplete,
    failed: stillFailed + first.failed,
  };
}

function numbers(): Record<SnapshotResult["outcome"], number> {
  return { complete: 0, alreadyComplete: 0, failed: 0 };
}
