import { DeadlineError, toJobError } from "../domain/errors.ts";
import { type FailedRun, NOT_REACHED } from "../domain/failed-run.ts";
import { errorFields, type NotReached } from "../domain/run-result.ts";
import { inOrder } from "./account-order.ts";
import { keysOf, recordFailedRun } from "./record-failed-run.ts";
import { coversAllAccounts, type Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";

/** Returns what a run that is out of time says about the accounts that it did not reach; `undefined` if there are none. */
export function notReachedOf({ deadline }: Run, left: readonly RunAccount[], all: number): NotReached | undefined {
  const [first, last] = [left[0], left.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const message = `The run's time was over before it reached ${left.length} of ${all} accounts.`;
  const { suggestedFix } = toJobError(deadline.reason);
  const error = errorFields(new DeadlineError(NOT_REACHED, message, { suggestedFix }));
  return { count: left.length, first: first.accountId, last: last.accountId, error };
}

/**
 * Records in one item why accounts were not reached: a record for each of thousands would take longer than the time that is
 * left.
 * @param queue the accounts of the run in their order, at whose end the others usually are
 * @returns the record; `undefined` if no account needs one
 */
export async function recordNotReached(
  run: Run,
  queue: readonly RunAccount[],
  left: readonly RunAccount[],
  error: Parameters<typeof recordFailedRun>[3],
): Promise<FailedRun | undefined> {
  const ids = left.flatMap(({ accountId, isStranger }) => (isStranger ? [] : accountId));
  const [first, last] = [ids[0], ids.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  // Then their ids follow each other. For readers, a range is among the accounts that the key serves already.
  const { keyOfListed } = run.settings;
  const isServed = ({ accountId, isNewToKey }: RunAccount) =>
    isNewToKey !== true || keyOfListed?.has(accountId) !== true;
  const isRange = left.every((account, at) => account === queue[queue.length - left.length + at] && isServed(account));
  const scope = coversAllAccounts(run) && isRange ? { first, last } : ids;
  return recordFailedRun(run.dependencies, { ...run.request, ...keysOf(run) }, scope, error);
}

/**
 * Records why an earlier step of the run did not reach accounts, before this step takes them: it may be stopped, too. The code is
 * not `not_reached`, because a retry must not begin with the first of them: they may include one that kills every process.
 * @returns the failed runs for the slot
 */
export async function explainFailedStep(
  run: Run,
  missing: readonly RunAccount[],
  failedRuns: readonly FailedRun[] | undefined,
): Promise<readonly FailedRun[] | undefined> {
  const { taken } = run.request;
  if (taken?.error === undefined) return failedRuns;
  const queue = inOrder(missing, taken.first);
  const message = `A step of the run failed. Accounts that it had not reported as taken: ${queue.length}.`;
  const recorded = await recordNotReached(run, queue, queue, { code: "step_failed", message });
  return failedRuns && recorded ? [...failedRuns, recorded] : failedRuns;
}
