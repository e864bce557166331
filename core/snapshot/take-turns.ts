import pMap from "p-map";
import { DeadlineError, toJobError } from "../domain/errors.ts";
import { type FailedRun, NOT_REACHED } from "../domain/failed-run.ts";
import { errorFields, failedResult, type NotReached, type SnapshotResult } from "../domain/run-result.ts";
import { LARGEST_ACCOUNT, USUAL_ACCOUNT, type WalkLimits } from "../domain/walk-limits.ts";
import { oneAtATime } from "./one-at-a-time.ts";
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
 * Takes the snapshots of accounts in their order, several concurrently. Those that turn out to be large are taken beside them,
 * one at a time, because the memory holds many usual accounts and a large one. At the deadline, one record explains all
 * accounts that were not reached: a record for each of thousands would take longer than the time that is left. Accounts that
 * are still unfinished at the end of the run fail, for example because the table does not answer.
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
  /** Those that were not reached, in the order of the run. A large one returns to the end. */
  const waiting = new Set(queue);
  const takeLarge = run.takeLarge ?? oneAtATime();
  /** Ends when every large account of this run so far has had its turn. */
  let lastLarge = Promise.resolve();
  const take = async (account: RunAccount, limits: WalkLimits): Promise<void> => {
    if (deadline.aborted) return;
    waiting.delete(account);
    startTimes.set(account.accountId, clock.monotonic());
    const result = await takeSnapshot(run, account, limits, failedRuns);
    if (result === "large") {
      startTimes.delete(account.accountId);
      waiting.add(account);
      lastLarge = takeLarge(() => take(account, LARGEST_ACCOUNT));
    } else if (!end.aborted) finish(result);
  };
  const takeAll = async () => {
    await pMap(queue, (account) => take(account, USUAL_ACCOUNT), { concurrency: settings.accountsAtOnce });
    await lastLarge;
  };
  const turns = takeAll();
  await Promise.race([turns, whenAborted(deadline)]);
  const left = [...waiting];
  const notReached = notReachedOf(run, left, queue.length);
  const isRange = left.every((account, at) => account === queue[queue.length - left.length + at]);
  await Promise.race([Promise.all([turns, recordNotReached(run, left, notReached, isRange)]), whenAborted(end)]);
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
  const error = errorFields(new DeadlineError(NOT_REACHED, message, { suggestedFix }));
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
  await recordFailedRun(run.dependencies, { ...run.request, key: run.settings.key }, scope, error);
}

function unfinishedError(accountId: string): DeadlineError {
  return new DeadlineError(
    "deadline_exceeded",
    `The run had to end before it knew whether the snapshot of ${accountId} was stored.`,
    { suggestedFix: "Check whether the table is available. A retry takes the snapshot if it is missing." },
  );
}
