import { type AccountActivities, firstSlotOf } from "../domain/account-activity.ts";
import { type JobError, KEY_NOT_STORED, toJobError } from "../domain/errors.ts";
import { type FailedRun, NOT_REACHED } from "../domain/failed-run.ts";
import {
  type EndedAccount,
  type ErrorFields,
  errorFields,
  type RunResult,
  runResult,
  type SnapshotResult,
} from "../domain/run-result.ts";
import { slotAt } from "../domain/slot.ts";
import { reportUnserved } from "./account-keys.ts";
import { byId, inTurn } from "./account-order.ts";
import { notReachedOf, recordNotReached } from "./not-reached.ts";
import { recordFailedRun } from "./record-failed-run.ts";
import { refreshDescriptions } from "./refresh-descriptions.ts";
import { coversAllAccounts, type Run } from "./run.ts";
import { type RunAccount, type RunPlan, runAccounts } from "./run-accounts.ts";
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
import { warnOnFailure } from "./warn-on-failure.ts";

/** What a run knows before it takes its first account. */
interface Plan extends RunPlan {
  /** The accounts in the table; `undefined`: not read. */
  readonly known: AccountActivities | undefined;
  /** The runs that failed before for the same slot; `undefined`: not read. */
  readonly failedRuns: readonly FailedRun[] | undefined;
  /** Why there are no accounts, before the first key is stored. */
  readonly noKey?: ErrorFields;
}

/**
 * Runs the job once: takes a snapshot of every account for the requested slot. Accounts are independent of each other; failed
 * accounts are in the result, not thrown. When `run.end` is aborted, it returns without the accounts that are unfinished.
 * After other invocations of the same run, it takes only what is missing, and the result covers the whole run.
 * @throws JobError if no account can be walked: without a key or the list of accounts. Recorded once, for the whole run
 */
export async function takeSnapshots(run: Run): Promise<RunResult> {
  const { dependencies, settings, request } = run;
  const { clock, telemetry } = dependencies;
  const { taken = NOTHING_TAKEN } = request;
  const startedAt = clock.monotonic();
  const { known, accounts, ended, failedRuns: earlierRuns, noKey } = await planRun(run);
  const missing = missingAccounts(accounts, taken, request);
  const failedRuns = await explainFailedStep(
    run,
    missing.filter(({ accountId }) => !isCounted(taken, accountId)),
    earlierRuns,
  );
  const queue = inTurn(missing, request.slot, request.periodMs ?? settings.latenessLimitMs, failedRuns ?? []);
  const { results, left } = await takeTurns(run, queue, failedRuns, async (left) => {
    const reason = notReachedOf(run, left, queue.length);
    if (reason !== undefined) await recordNotReached(run, queue, left, reason.error);
  });
  const registered: EndedAccount[] = [];
  const lastSteps = async () => {
    await registerEnds(run, ended, registered);
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

/**
 * Returns what a run knows before it takes its first account.
 * @throws JobError as `takeSnapshots`
 */
export async function planRun(run: Run): Promise<Plan> {
  const known = await knownAccounts(run);
  // Before anything can fail: the schedule shows which slots a run that failed has missed.
  await registerSchedule(run);
  return { known, ...(await planOrRecord(run, known)) };
}

/**
 * Records why an earlier step of the run did not reach accounts, before this step takes them: it may be stopped, too.
 * @returns the failed runs for the slot
 */
async function explainFailedStep(
  run: Run,
  missing: readonly RunAccount[],
  failedRuns: readonly FailedRun[] | undefined,
): Promise<readonly FailedRun[] | undefined> {
  if (run.request.taken?.error === undefined) return failedRuns;
  const queue = byId(missing);
  const message = `An earlier step of the run failed before it reached ${queue.length} accounts.`;
  const recorded = await recordNotReached(run, queue, queue, { code: NOT_REACHED, message });
  return failedRuns && recorded ? [...failedRuns, recorded] : failedRuns;
}

/** @throws JobError if the key is unusable, unless no key was ever stored, or if there are no accounts to walk */
async function planOrRecord(run: Run, known: AccountActivities | undefined): Promise<Omit<Plan, "known">> {
  try {
    await run.dependencies.source.checkKey();
    const failedRuns = await failedRunsOf(run);
    return { failedRuns, ...(await runAccounts(run, known)) };
  } catch (thrown) {
    const error = toJobError(thrown);
    if (await isBeforeFirstKey(run, error)) {
      return { accounts: [], ended: [], failedRuns: undefined, noKey: errorFields(error) };
    }
    const scope = coversAllAccounts(run) ? "all" : run.request.accounts;
    await recordFailedRun(run.dependencies, { ...run.request, key: run.settings.key }, scope, error);
    throw thrown;
  }
}

/**
 * Returns whether the stack waits for its first key: the secret has no value, and no account was ever recorded. ADR 21
 * explains this exception. It does not apply to a dry run, which neither reads the table nor has metrics for the key's alarm.
 */
async function isBeforeFirstKey({ dependencies, settings, request }: Run, { code }: JobError): Promise<boolean> {
  if (code !== KEY_NOT_STORED || request.dryRun) return false;
  const message = "Not known whether an account was ever recorded; the run without a key fails";
  const hasAccounts = () => dependencies.store.hasAccounts(settings.key);
  return (await warnOnFailure(dependencies, message, { slot: request.slot }, hasAccounts)) === false;
}

/** Returns the accounts in the table; `undefined` in a dry run, and if they cannot be read, which must not cost a snapshot. */
async function knownAccounts({ dependencies, request }: Run): Promise<AccountActivities | undefined> {
  if (request.dryRun) return undefined;
  const message = "Known accounts not readable; no account ends with this run";
  return warnOnFailure(dependencies, message, {}, () => dependencies.store.accounts());
}

/** Returns the runs that failed before for the same slot; `undefined` in a dry run, and if they cannot be read. */
async function failedRunsOf({ dependencies, settings, request }: Run): Promise<readonly FailedRun[] | undefined> {
  if (request.dryRun) return undefined;
  const message = "Failed runs of the slot not readable; the run does not continue where the last one ended";
  const runs = await warnOnFailure(dependencies, message, {}, () => dependencies.store.failedRuns(request.slot));
  // Those of a key without a name are from a time when there was only one.
  return runs?.filter(({ key }) => key === undefined || settings.key === undefined || key === settings.key);
}

/**
 * Registers the end of accounts, and adds those that were registered to `registered`. The next run tries again with the others:
 * those for which the time was over, and those with a snapshot of the slot or of a later one, if this run is a retry. They
 * would no longer count when that snapshot was taken.
 */
async function registerEnds(
  { dependencies, request, deadline }: Run,
  ended: readonly EndedAccount[],
  registered: EndedAccount[],
): Promise<void> {
  const { clock, store } = dependencies;
  for (const account of ended) {
    if (deadline.aborted) return;
    const { accountId, reason } = account;
    await warnOnFailure(dependencies, "End of the account not registered", { accountId }, async () => {
      const last = await store.latest(accountId);
      if (last !== undefined && last.slot >= request.slot) return;
      await store.registerEnd(accountId, request.slot, slotAt(clock.now()), reason);
      registered.push(account);
    });
  }
}

/** The history is more useful with its schedule, but a failure here must not cost a snapshot. */
async function registerSchedule({ dependencies, settings, request }: Run): Promise<void> {
  const { schedule, latenessLimitMs } = settings;
  // A manual run for a time that the schedule does not have is subject to its lateness limit, too.
  const isForSlot = request.trigger === "schedule" || request.warning !== undefined;
  if (schedule === undefined || !isForSlot || request.dryRun) return;
  const now = slotAt(dependencies.clock.now());
  await warnOnFailure(dependencies, "Schedule not stored", {}, () =>
    dependencies.store.registerSchedule({ ...schedule, latenessLimitMs, key: settings.key }, request.slot, now),
  );
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
