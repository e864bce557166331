import { type AccountActivities, firstSlotOf } from "../domain/account-activity.ts";
import type { Telemetry } from "../domain/ports.ts";
import { type EndedAccount, type RunResult, runResult, type SnapshotResult } from "../domain/run-result.ts";
import { reportShared, reportUnserved } from "./account-keys.ts";
import { inTurn } from "./account-order.ts";
import { endOrGiveUp, registerList } from "./moving-accounts.ts";
import { explainFailedStep, notReachedOf, recordNotReached } from "./not-reached.ts";
import { planRun } from "./plan-run.ts";
import { refreshDescriptions } from "./refresh-descriptions.ts";
import { coversAllAccounts, type Run } from "./run.ts";
import {
  countsOf,
  isCounted,
  missingAccounts,
  NOTHING_TAKEN,
  progressOf,
  totalAccounts,
  totalCounts,
} from "./run-progress.ts";
import { takeTurns, whenAborted } from "./take-turns.ts";

/**
 * Runs the job once: takes a snapshot of every account for the requested slot. Accounts are independent of each other; failed
 * accounts are in the result, not thrown. When `run.end` is aborted, it returns without the accounts that are unfinished.
 * After other invocations of the same run, it takes only what is missing, and the result covers the whole run.
 * @throws JobError as `planRun`
 */
export async function takeSnapshots(run: Run): Promise<RunResult> {
  const { dependencies, settings, request } = run;
  const { clock, telemetry } = dependencies;
  const { taken = NOTHING_TAKEN } = request;
  const startedAt = clock.monotonic();
  const { known, readAt, accounts, absent, failedRuns: earlierRuns, noKey } = await planRun(run);
  reportShared(run, accounts);
  const missing = missingAccounts(accounts, taken, request);
  const failedRuns = await explainFailedStep(
    run,
    missing.filter(({ accountId }) => !isCounted(taken, accountId)),
    earlierRuns,
  );
  const queue = inTurn(missing, run, failedRuns);
  const { results, left } = await takeTurns(
    taken === NOTHING_TAKEN ? run : quietly(run),
    queue,
    failedRuns,
    async (left) => {
      const reason = notReachedOf(run, left, queue.length);
      if (reason !== undefined) await recordNotReached(run, queue, left, reason.error);
    },
  );
  const registered: EndedAccount[] = [];
  const lastSteps = async () => {
    await endOrGiveUp(run, known, absent, registered);
    if (noKey === undefined) await registerList(run, known, accounts, readAt);
    await refreshDescriptions(run, known, accounts);
    await reportUnserved(run, known);
  };
  await Promise.race([lastSteps(), whenAborted(run.end)]);
  const { slot, trigger, dryRun, warning } = request;
  const { key } = settings;
  const before = progressOf(taken);
  const durationMs = before.durationMs + Math.round(clock.monotonic() - startedAt);
  const reached = accounts.flatMap(({ accountId }) => results.get(accountId) ?? []);
  const leftIds = left.map(({ accountId }) => accountId);
  const result = runResult(
    {
      ...(key !== undefined && { key }),
      ...{ slot, trigger, dryRun, durationMs, accounts: totalAccounts(taken, reached, leftIds, request) },
      ...(warning !== undefined && { warning }),
      ...(noKey && { noKey }),
    },
    reached,
    registered,
    notReachedOf(run, left, queue.length),
  );
  telemetry.runEnded(result, {
    counts: totalCounts(before, countsOf(reached, telemetry.takeWarnings())),
    oldestCompleteMs: oldestAge(run, known, reached, before.oldestCapturedAt),
    allAccounts: coversAllAccounts(run),
  });
  return result;
}

/** Returns the run without log lines of accounts that are complete already: an earlier invocation has logged them. */
function quietly(run: Run): Run {
  const { dependencies } = run;
  const { telemetry } = dependencies;
  const accountEnded: Telemetry["accountEnded"] = (slot, result, durationMs) => {
    if (result.outcome !== "alreadyComplete") telemetry.accountEnded(slot, result, durationMs);
  };
  return { ...run, dependencies: { ...dependencies, telemetry: { ...telemetry, accountEnded } } };
}

/**
 * Returns the greatest age among the accounts' last complete snapshots in milliseconds; that of an account without one counts
 * from its first failed attempt. `undefined`: a dry run, or no age is known.
 * @param oldestCapturedAt the capture of the oldest snapshot that an earlier invocation took
 */
function oldestAge(
  { dependencies, request }: Run,
  known: AccountActivities | undefined,
  results: readonly SnapshotResult[],
  oldestCapturedAt: string | undefined,
): number | undefined {
  if (request.dryRun) return undefined;
  const now = dependencies.clock.now();
  // An old slot that failed says nothing about the snapshots since.
  const failedAt = Math.min(now, Date.parse(request.slot));
  const before = oldestCapturedAt === undefined ? [] : [now - Date.parse(oldestCapturedAt)];
  const ages = results.flatMap(({ accountId, capturedAt, lastCapturedAt }) => {
    if (capturedAt !== undefined) return now - Date.parse(capturedAt);
    if (lastCapturedAt === undefined) return [];
    const activity = known?.get(accountId);
    return failedAt - Date.parse(lastCapturedAt ?? (activity && firstSlotOf(activity)) ?? request.slot);
  });
  return [...before, ...ages].reduce<number | undefined>((oldest = 0, age) => Math.max(oldest, age), undefined);
}
