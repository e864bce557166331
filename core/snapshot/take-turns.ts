import pMap from "p-map";
import { DeadlineError } from "../domain/errors.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import { failedResult, type SnapshotResult } from "../domain/run-result.ts";
import { LARGEST_ACCOUNT, USUAL_ACCOUNT } from "../domain/walk-limits.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import type { Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { Semaphore } from "./semaphore.ts";
import { readAccount } from "./take-snapshot.ts";

/** Enough to keep up with the API's limit. More at once would delay the responses that arrive meanwhile. */
export const STORED_AT_ONCE = 16;

/** What became of the accounts of a run. */
export interface Turns {
  /** Of the accounts that were reached, by id. */
  readonly results: ReadonlyMap<string, SnapshotResult>;
  /** Those that were not reached, in the order of the run. A large one that gave way to others comes last. */
  readonly left: readonly RunAccount[];
}

/**
 * Takes the snapshots of accounts in their order, several concurrently. Others are read while some are stored, so that the table
 * never keeps the run from using up the API's limit. Accounts that turn out to be large are taken beside them, one at a time,
 * because the memory holds many usual accounts and a large one. Accounts that are still unfinished at the end of the run fail,
 * for example because the table does not answer.
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
  const usual = {
    limits: USUAL_ACCOUNT,
    reading: new Semaphore(settings.accountsAtOnce),
    storing: new Semaphore(run.storedAtOnce ?? STORED_AT_ONCE),
  };
  const large = { limits: LARGEST_ACCOUNT, reading: new Semaphore(1), storing: new Semaphore(1) };
  const take = async (account: RunAccount, { limits, reading, storing }: typeof usual): Promise<void> => {
    const read = async () => {
      if (lastStart.aborted) return undefined;
      waiting.delete(account);
      startTimes.set(account.accountId, clock.monotonic());
      return readAccount(run, account, limits, failedRuns);
    };
    const store = await reading.run(read);
    if (store === undefined) return;
    if (store === "large") {
      startTimes.delete(account.accountId);
      waiting.add(account);
      lastLarge = takeLarge(() => take(account, large));
      return;
    }
    const result = await storing.run(store);
    if (!end.aborted) finish(result);
  };
  const takeAll = async () => {
    // Half of them can wait to be stored, which bounds the memory, and what is unfinished at the deadline.
    await pMap(queue, (account) => take(account, usual), { concurrency: 2 * settings.accountsAtOnce });
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
