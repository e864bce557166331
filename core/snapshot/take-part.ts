import { DeadlineError, toJobError } from "../domain/errors.ts";
import { NOT_REACHED } from "../domain/failed-run.ts";
import type { SnapshotResult } from "../domain/run-result.ts";
import { emptyAnswer, type TakeStep } from "../domain/run-step.ts";
import { inOrder, inTurn } from "./account-order.ts";
import { planRun } from "./plan-run.ts";
import type { Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { isCounted, progressAfter, progressOf } from "./run-progress.ts";
import { takeTurns } from "./take-turns.ts";

/**
 * Takes snapshots in the order of the run, as many as fit the invocation's time. The last step of the run ends
 * accounts and takes again those that failed.
 * @param step where to begin, and what the invocations before have done
 * @returns the step of the next invocation, without `after` if no account is left
 * @throws JobError if the part could not start: as `planRun`, or `not_reached` if its time is over before the first account
 */
export async function takePart(run: Run, step: TakeStep): Promise<TakeStep> {
  const { clock, telemetry } = run.dependencies;
  const startedAt = clock.monotonic();
  const { accounts, failedRuns, noKey } = await planRun(run);
  const answer = emptyAnswer(step);
  // The last step reports it, or takes everything if there is a key by then.
  if (noKey !== undefined) return answer;
  const queue =
    step.first === undefined
      ? inTurn(accounts, run, failedRuns)
      : inOrder(accounts, step.first).filter(({ accountId }) => !isCounted(step, accountId));
  const { results, left } = await takeTurns(run, queue, failedRuns);
  const order = step.first === undefined ? fromFirstReached(queue, left) : queue;
  const first = step.first ?? order[0]?.accountId;
  const end = endOfPart(order, left);
  if (end === 0 && order.length > 0 && !isAnyStored(run, results)) throw outOfTime(run, order.length);
  const resultsOf = (some: readonly RunAccount[]): SnapshotResult[] =>
    some.flatMap(({ accountId }) => results.get(accountId) ?? []);
  // Without `after`, the step would be the last one. In the first step, `end` is at least 1: its order begins with an account that
  // was reached.
  const after = end === order.length ? undefined : (order[end - 1]?.accountId ?? step.after);
  const next: TakeStep = {
    ...answer,
    ...(first !== undefined && { first }),
    ...(after !== undefined && { after }),
    progress: progressAfter(progressOf(step), resultsOf(order.slice(0, end)), resultsOf(order.slice(end)), {
      warnings: telemetry.takeWarnings(),
      durationMs: Math.round(clock.monotonic() - startedAt),
    }),
  };
  telemetry.partEnded?.(run.request.slot, run.request.dryRun, next);
  return next;
}

/** Returns how many accounts come before the first one that was not reached. Larger ones that were not reached can be among others. */
function endOfPart(queue: readonly RunAccount[], left: readonly RunAccount[]): number {
  const notReached = new Set(left);
  const end = queue.findIndex((account) => notReached.has(account));
  return end === -1 ? queue.length : end;
}

/** Returns a run's accounts with those at the beginning that were not reached, because they are larger, as the last ones. */
function fromFirstReached(queue: readonly RunAccount[], left: readonly RunAccount[]): readonly RunAccount[] {
  const notReached = new Set(left);
  const start = Math.max(
    0,
    queue.findIndex((account) => !notReached.has(account)),
  );
  return [...queue.slice(start), ...queue.slice(0, start)];
}

/** Returns whether the next invocation has less to do, wherever it begins. */
function isAnyStored({ request }: Run, results: ReadonlyMap<string, SnapshotResult>): boolean {
  return !request.dryRun && [...results.values()].some(({ outcome }) => outcome === "complete");
}

function outOfTime({ deadline, lastStart = deadline }: Run, count: number): DeadlineError {
  const message = `The time to begin accounts was over before the first of ${count} accounts was taken.`;
  return new DeadlineError(NOT_REACHED, message, { suggestedFix: toJobError(lastStart.reason).suggestedFix });
}
