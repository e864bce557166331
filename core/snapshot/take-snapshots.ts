import { type AccountActivities, firstSlotOf } from "../domain/account-activity.ts";
import { type JobError, KEY_NOT_STORED, toJobError } from "../domain/errors.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import {
  type EndedAccount,
  type ErrorFields,
  errorFields,
  type RunResult,
  runResult,
  type SnapshotResult,
} from "../domain/run-result.ts";
import { slotAt } from "../domain/slot.ts";
import { inTurn } from "./account-order.ts";
import { recordFailedRun } from "./record-failed-run.ts";
import { refreshDescriptions } from "./refresh-descriptions.ts";
import { coversAllAccounts, type Run } from "./run.ts";
import { type RunPlan, runAccounts } from "./run-accounts.ts";
import { takeTurns, whenAborted } from "./take-turns.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

/** What a run knows before it takes its first account. */
interface Plan extends RunPlan {
  /** The runs that failed before for the same slot; `undefined`: not read. */
  readonly failedRuns: readonly FailedRun[] | undefined;
  /** Why there are no accounts, before the first key is stored. */
  readonly noKey?: ErrorFields;
}

/**
 * Runs the job once: takes a snapshot of every account for the requested slot. Accounts are independent of each other; failed
 * accounts are in the result, not thrown. When `run.end` is aborted, it returns without the accounts that are unfinished.
 * @throws JobError if no account can be walked: without a key or the list of accounts. Recorded once, for the whole run
 */
export async function takeSnapshots(run: Run): Promise<RunResult> {
  const { dependencies, settings, request } = run;
  const { clock, telemetry } = dependencies;
  const startedAt = clock.monotonic();
  const known = await knownAccounts(run);
  // Before anything can fail: the schedule shows which slots a run that failed has missed.
  await registerSchedule(run);
  const { accounts, ended, failedRuns, noKey } = await planOrRecord(run, known);
  const queue = inTurn(accounts, request.slot, request.periodMs ?? settings.latenessLimitMs, failedRuns ?? []);
  const { results, notReached } = await takeTurns(run, queue, failedRuns);
  const registered: EndedAccount[] = [];
  const lastSteps = async () => {
    await registerEnds(run, ended, registered);
    await refreshDescriptions(run, known, accounts);
  };
  await Promise.race([lastSteps(), whenAborted(run.end)]);
  const { slot, trigger, dryRun, warning } = request;
  const { key } = settings;
  const durationMs = Math.round(clock.monotonic() - startedAt);
  const result = runResult(
    {
      ...(key !== undefined && { key }),
      slot,
      trigger,
      dryRun,
      durationMs,
      ...(warning !== undefined && { warning }),
      ...(noKey && { noKey }),
    },
    accounts.flatMap(({ accountId }) => results.get(accountId) ?? []),
    registered,
    notReached,
  );
  telemetry.runEnded(result, oldestAge(run, known, [...results.values()]), coversAllAccounts(run));
  return result;
}

/** @throws JobError if the key is unusable, unless no key was ever stored, or if there are no accounts to walk */
async function planOrRecord(run: Run, known: AccountActivities | undefined): Promise<Plan> {
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
async function isBeforeFirstKey({ dependencies, request }: Run, { code }: JobError): Promise<boolean> {
  if (code !== KEY_NOT_STORED || request.dryRun) return false;
  const message = "Not known whether an account was ever recorded; the run without a key fails";
  const hasAccounts = () => dependencies.store.hasAccounts();
  return (await warnOnFailure(dependencies, message, { slot: request.slot }, hasAccounts)) === false;
}

/** Returns the accounts in the table; `undefined` in a dry run, and if they cannot be read, which must not cost a snapshot. */
async function knownAccounts({ dependencies, request }: Run): Promise<AccountActivities | undefined> {
  if (request.dryRun) return undefined;
  const message = "Known accounts not readable; no account ends with this run";
  return warnOnFailure(dependencies, message, {}, () => dependencies.store.accounts());
}

/** Returns the runs that failed before for the same slot; `undefined` in a dry run, and if they cannot be read. */
async function failedRunsOf({ dependencies, request }: Run): Promise<readonly FailedRun[] | undefined> {
  if (request.dryRun) return undefined;
  const message = "Failed runs of the slot not readable; the run does not continue where the last one ended";
  return warnOnFailure(dependencies, message, {}, () => dependencies.store.failedRuns(request.slot));
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
    dependencies.store.registerSchedule({ ...schedule, latenessLimitMs }, request.slot, now),
  );
}

/**
 * Returns the greatest age among the accounts' last complete snapshots in milliseconds; that of an account without one counts
 * from its first failed attempt. `undefined`: a dry run, or no age is known.
 */
function oldestAge(
  { dependencies, request }: Run,
  known: AccountActivities | undefined,
  results: readonly SnapshotResult[],
): number | undefined {
  if (request.dryRun) return undefined;
  const now = dependencies.clock.now();
  // An old slot that failed says nothing about the snapshots since.
  const failedAt = Math.min(now, Date.parse(request.slot));
  const ages = results.flatMap(({ accountId, capturedAt, lastCapturedAt }) => {
    if (capturedAt !== undefined) return now - Date.parse(capturedAt);
    if (lastCapturedAt === undefined) return [];
    const activity = known?.get(accountId);
    return failedAt - Date.parse(lastCapturedAt ?? (activity && firstSlotOf(activity)) ?? request.slot);
  });
  return ages.length === 0 ? undefined : ages.reduce((oldest, age) => Math.max(oldest, age), 0);
}
