import pMap from "p-map";
import { DeadlineError, toJobError } from "../domain/errors.ts";
import { type FailedRun, NOT_REACHED } from "../domain/failed-run.ts";
import { failedResult, type NotReached, type SnapshotResult } from "../domain/run-result.ts";
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
 * Takes the snapshots of accounts in their order, several concurrently. At the deadline, it records the accounts that it has not
 * reached once, for the run: a record for each of thousands would take longer than the time that is left. Accounts that are
 * still unfinished at the end of the run fail, for example because the table does not answer.
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
  const walks = pMap(
    queue,
    async (account) => {
      if (deadline.aborted) return;
      startTimes.set(account.accountId, clock.monotonic());
      const result = await takeSnapshot(run, account, failedRuns);
      if (!end.aborted) finish(result);
    },
    { concurrency: settings.accountsAtOnce },
  );
  await Promise.race([walks, whenAborted(deadline)]);
  const left = queue.slice(startTimes.size);
  const notReached = notReachedOf(run, left, queue.length);
  await Promise.race([Promise.all([walks, recordNotReached(run, left, notReached)]), whenAborted(end)]);
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

async function recordNotReached(run: Run, left: readonly RunAccount[], notReached: NotReached | undefined) {
  const ids = left.flatMap(({ accountId, isStranger }) => (isStranger ? [] : accountId));
  if (notReached === undefined || ids.length === 0) return;
  const { first, last, error } = notReached;
  await recordFailedRun(run.dependencies, run.request, coversAllAccounts(run) ? { first, last } : ids, error);
}

function unfinishedError(accountId: string): DeadlineError {
  return new DeadlineError(
    "deadline_exceeded",
    `The run had to end before it knew whether the snapshot of ${accountId} was stored.`,
    { suggestedFix: "Check whether the table is available. A retry takes the snapshot if it is missing." },
  );
}
