import { DeadlineError, toJobError } from "../domain/errors.ts";
import { NOT_REACHED } from "../domain/failed-run.ts";
import type { SnapshotResult } from "../domain/run-result.ts";
import type { TakeStep } from "../domain/run-step.ts";
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
  const { name, key, startedAt: executionStartedAt } = step;
  const same = { name, ...(key !== undefined && { key }), startedAt: executionStartedAt };
  // The last step reports it, or takes everything if there is a key by then.
  if (noKey !== undefined) return same;
  const queue =
    step.first === undefined
      ? inTurn(accounts, run, failedRuns)
      : inOrder(accounts, step.first).filter(({ accountId }) => !isCounted(step, accountId));
  const first = step.first ?? queue[0]?.accountId;
  const { results, left } = await takeTurns(run, queue, failedRuns);
  const end = endOfPart(queue, left);
  if (end === 0 && queue.length > 0) throw outOfTime(run, queue.length);
  const resultsOf = (some: readonly RunAccount[]): SnapshotResult[] =>
    some.flatMap(({ accountId }) => results.get(accountId) ?? []);
  const after = end === queue.length ? undefined : queue[end - 1]?.accountId;
  const next: TakeStep = {
    ...same,
    ...(first !== undefined && { first }),
    ...(after !== undefined && { after }),
    progress: progressAfter(progressOf(step), resultsOf(queue.slice(0, end)), resultsOf(queue.slice(end)), {
      warnings: telemetry.takeWarnings(),
      durationMs: Math.round(clock.monotonic() - startedAt),
    }),
  };
  telemetry.partEnded?.(run.request.slot, run.request.dryRun, next);
  return next;
}

/** Returns how many accounts come before the first one that was not reached. Large ones that were not can be among others. */
function endOfPart(queue: readonly RunAccount[], left: readonly RunAccount[]): number {
  const notReached = new Set(left);
  const end = queue.findIndex((account) => notReached.has(account));
  return end === -1 ? queue.length : end;
}

function outOfTime({ deadline, lastStart = deadline }: Run, count: number): DeadlineError {
  const message = `The time to begin accounts was over before the first of ${count} accounts was taken.`;
  return new DeadlineError(NOT_REACHED, message, { suggestedFix: toJobError(lastStart.reason).suggestedFix });
}
