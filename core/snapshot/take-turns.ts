import pMap from "p-map";
import { elapsedSince } from "../domain/elapsed.ts";
import { DeadlineError } from "../domain/errors.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import type { Pass } from "../domain/ports.ts";
import { failedResult, type SnapshotResult } from "../domain/run-result.ts";
import { LARGEST_ACCOUNT, MEDIUM_ACCOUNT, SMALL_ACCOUNT, type WalkLimits } from "../domain/walk-limits.ts";
import { largerTurns } from "./larger-turns.ts";
import { ReadingTurns } from "./reading-turns.ts";
import type { Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { Semaphore } from "./semaphore.ts";
import { readAccount, type Store } from "./take-snapshot.ts";

/** Enough to keep up with the API's limit. More at once would delay the responses that arrive meanwhile. */
export const STORED_AT_ONCE = 16;

/** What became of the accounts of a run. */
export interface Turns {
  /** Of the accounts that were reached, by id. */
  readonly results: ReadonlyMap<string, SnapshotResult>;
  /** Those that were not reached, in the order of the run. A larger one that gave way to others comes last. */
  readonly left: readonly RunAccount[];
}

/**
 * Takes the snapshots of accounts in their order, many concurrently. Others are read while some are stored, so that the table
 * never keeps the run from using up the API's limit. An account that turns out to be larger is taken beside the small ones, with
 * one of fewer turns, because the memory holds many small accounts, a few medium ones and one of the largest. Accounts that are
 * still unfinished at the end of the run fail, for example because the table does not answer.
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
  const reading = new ReadingTurns(settings.accountsAtOnce);
  const onPass = ({ lastSent }: Pass) => reading.observe(elapsedSince(lastSent, clock));
  const results = new Map<string, SnapshotResult>();
  const startTimes = new Map<string, number>();
  const finish = (result: SnapshotResult) => {
    const { accountId } = result;
    results.set(accountId, result);
    const startedAt = startTimes.get(accountId) ?? Number.NaN;
    telemetry.accountEnded(request.slot, result, Math.round(clock.monotonic() - startedAt));
  };
  /** Those that were not reached, in the order of the run. A larger one returns to the end. */
  const waiting = new Set(queue);
  /** Reads an account and returns what stores it; `undefined` if it was not reached, or waits for a turn of larger accounts. */
  const read = async (account: RunAccount, limits: WalkLimits): Promise<Store | undefined> => {
    if (lastStart.aborted) return undefined;
    waiting.delete(account);
    startTimes.set(account.accountId, clock.monotonic());
    const store = await readAccount(run, account, limits, failedRuns, onPass);
    if (store !== "larger") return store;
    startTimes.delete(account.accountId);
    waiting.add(account);
    later.push(limits === SMALL_ACCOUNT ? takeLarger(account, medium, MEDIUM_ACCOUNT) : takeLarger(account, largest));
    return undefined;
  };
  const store = async (store: Store) => {
    const result = await store();
    if (!end.aborted) finish(result);
  };

  /** The turns of larger accounts, past and future. */
  const later: Promise<void>[] = [];
  const { medium, largest } = run.largerTurns ?? largerTurns();
  const takeLarger = (account: RunAccount, turns: Semaphore, limits = LARGEST_ACCOUNT) =>
    turns.run(async () => {
      const stored = await read(account, limits);
      if (stored !== undefined) await store(stored);
    });

  const storing = new Semaphore(run.storedAtOnce ?? STORED_AT_ONCE);
  const takeSmall = async (account: RunAccount) => {
    const stored = await reading.run(() => read(account, SMALL_ACCOUNT));
    if (stored !== undefined) await storing.run(() => store(stored));
  };
  const takeAll = async () => {
    // Half of them can wait to be stored, which bounds the memory, and what is unfinished at the deadline.
    await pMap(queue, takeSmall, { concurrency: 2 * settings.accountsAtOnce });
    // A medium account may add one of the largest meanwhile.
    for (const turn of later) await turn;
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
