import pMap from "p-map";
import { DeadlineError } from "../domain/errors.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import { failedResult, type SnapshotResult } from "../domain/run-result.ts";
import { LARGEST_ACCOUNT, USUAL_ACCOUNT, type WalkLimits } from "../domain/walk-limits.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import type { Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/** What became of the accounts of a run. */
export interface Turns {
  /** Of the accounts that were reached, by id. */
  readonly results: ReadonlyMap<string, SnapshotResult>;
  /** Those that were not reached, in the order of the run. A large one that gave way to others comes last. */
  readonly left: readonly RunAccount[];
}

/**
 * Takes the snapshots of accounts in their order, several concurrently. Those that turn out to be large are taken beside them,
 * one at a time, because the memory holds many usual accounts and a large one. Accounts that are still unfinished at the end of
 * the run fail, for example because the table does not answer.
 * @param explain called at the deadline, while accounts in progress end, with those that were not reached
 */
export async function takeTurns(
  run: Run,
  queue: readonly RunAccount[],
  failedRuns: readonly FailedRun[] | undefined,
  explain: (left: readonly RunAccount[]) => Promise<void> = async () => {},
): Promise<Turns> {
  const { dependencies, settings, request, deadline, lastStart = deadline, end } = run;
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
    if (lastStart.aborted) return;
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
  await Promise.race([Promise.all([turns, explain(left)]), whenAborted(end)]);
  for (const accountId of startTimes.keys()) {
    if (!results.has(accountId)) finish(failedResult(accountId, unfinishedError(accountId)));
  }
  return { results, left };
}

/** Resolves when a signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function unfinishedError(accountId: string): DeadlineError {
  return new DeadlineError(
    "deadline_exceeded",
    `The run had to end before it knew whether the snapshot of ${accountId} was stored.`,
    { suggestedFix: "Check whether the table is available. A retry takes the snapshot if it is missing." },
  );
}
