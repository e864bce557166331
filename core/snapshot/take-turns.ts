import pMap from "p-map";
import { DeadlineError, toJobError } from "../domain/errors.ts";
import { type FailedRun, NOT_REACHED } from "../domain/failed-run.ts";
import { failedResult, type NotReached, type SnapshotResult } from "../domain/run-result.ts";
import { LARGEST_ACCOUNT, USUAL_ACCOUNT, type WalkLimits } from "../domain/walk-limits.ts";
import { recordFailedRun } from "./record-failed-run.ts";
import { coversAllAccounts, type Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/** What became of the accounts of a run. */
export interface Turns {
  /** Of the accounts that were reached, by id. */
  readonly results: ReadonlyMap<string, SnapshotResult>;
  readonly notReached: NotReached | undefined;
}

/**
 * Takes the snapshots of accounts in their order, several concurrently, and then, one at a time, those that turned out to be
 * large: the memory holds many usual accounts, or a large one. So a large account, or an API that invents one, never delays the
 * others. At the deadline, it records the accounts that it has not reached once, for the run: a record for each of thousands
 * would take longer than the time that is left. Accounts that are still unfinished at the end of the run fail, for example
 * because the table does not answer.
 */
export async function takeTurns(
  run: Run,
  queue: readonly RunAccount[],
  failedRuns: readonly FailedRun[] | undefined,
): Promise<Turns> {
  const { dependencies, settings, request, deadline, end } = run;
  const { clock, telemetry } = dependencies;
  const results = new Map<string, SnapshotResult>();
  const startTimes = new Map<string, number>();
  const finish = (result: SnapshotResult) => {
    const { accountId } = result;
    results.set(accountId, result);
    const startedAt = startTimes.get(accountId) ?? Number.NaN;
    telemetry.accountEnded(request.slot, result, Math.round(clock.monotonic() - startedAt));
  };
  const large: RunAccount[] = [];
  const take = async (account: RunAccount, limits: WalkLimits): Promise<void> => {
    startTimes.set(account.accountId, clock.monotonic());
    const result = await takeSnapshot(run, account, limits, failedRuns);
    if (result !== "large") {
      if (!end.aborted) finish(result);
      return;
    }
    // After the deadline, which has passed for the large accounts, too, only the failure can be recorded.
    if (deadline.aborted) return take(account, LARGEST_ACCOUNT);
    startTimes.delete(account.accountId);
    large.push(account);
  };
  let [reached, largeReached] = [0, 0];
  const takeAll = async () => {
    const takeUsual = async (account: RunAccount) => {
      if (deadline.aborted) return;
      reached++;
      await take(account, USUAL_ACCOUNT);
    };
    await pMap(queue, takeUsual, { concurrency: settings.accountsAtOnce });
    for (const account of large) {
      if (deadline.aborted) return;
      largeReached++;
      await take(account, LARGEST_ACCOUNT);
    }
  };
  const walks = takeAll();
  await Promise.race([walks, whenAborted(deadline)]);
  const left = [...queue.slice(reached), ...large.slice(largeReached)];
  const notReached = notReachedOf(run, left, queue.length);
  const isRange = largeReached === large.length;
  await Promise.race([Promise.all([walks, recordNotReached(run, left, notReached, isRange)]), whenAborted(end)]);
  for (const accountId of startTimes.keys()) {
    if (!results.has(accountId)) finish(failedResult(accountId, unfinishedError(accountId)));
  }
  return { results, notReached };
}

/** Resolves when a signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function notReachedOf({ deadline }: Run, left: readonly RunAccount[], all: number): NotReached | undefined {
  const [first, last] = [left[0], left.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const message = `The run's time was over before it reached ${left.length} of ${all} accounts.`;
  const { suggestedFix } = toJobError(deadline.reason);
  const error = { code: NOT_REACHED, message, ...(suggestedFix !== undefined && { suggestedFix }) };
  return { count: left.length, first: first.accountId, last: last.accountId, error };
}

/** @param isRange whether the ids of the accounts follow each other */
async function recordNotReached(
  run: Run,
  left: readonly RunAccount[],
  notReached: NotReached | undefined,
  isRange: boolean,
) {
  const ids = left.flatMap(({ accountId, isStranger }) => (isStranger ? [] : accountId));
  if (notReached === undefined || ids.length === 0) return;
  const { first, last, error } = notReached;
  const scope = coversAllAccounts(run) && isRange ? { first, last } : ids;
  await recordFailedRun(run.dependencies, run.request, scope, error);
}

function unfinishedError(accountId: string): DeadlineError {
  return new DeadlineError(
    "deadline_exceeded",
    `The run had to end before it knew whether the snapshot of ${accountId} was stored.`,
    { suggestedFix: "Check whether the table is available. A retry takes the snapshot if it is missing." },
  );
}
