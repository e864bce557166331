import { type AccountActivities, firstSlotOf } from "../domain/account-activity.ts";
import { toJobError } from "../domain/errors.ts";
import type { EndedAccount, RunResult, SnapshotResult } from "../domain/run-result.ts";
import { slotAt } from "../domain/slot.ts";
import { takeLargeLast } from "./large-last.ts";
import { recordFailedRun } from "./record-failed-run.ts";
import type { Run } from "./run.ts";
import { type RunPlan, runAccounts } from "./run-accounts.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

/**
 * Runs the job once: takes a snapshot of every account for the requested slot. Accounts are independent of each other; failed
 * accounts are in the result, not thrown.
 * @throws JobError if no account can be walked: without a key or the list of accounts. Recorded once, for the whole run
 */
export async function takeSnapshots(run: Run): Promise<RunResult> {
  const { dependencies, settings, request } = run;
  const { clock, telemetry } = dependencies;
  const startedAt = clock.monotonic();
  // Before anything can fail: the schedule shows which slots a run that failed has missed.
  await registerSchedule(run);
  const { known, accounts, ended } = await planOrRecord(run);
  const ages: number[] = [];
  const snapshots = await takeLargeLast(
    accounts,
    settings.accountsAtOnce,
    async (account, limits): Promise<SnapshotResult | "large"> => {
      const turnStartedAt = clock.monotonic();
      const result = await takeSnapshot(run, account, limits);
      if (result === "large") return result;
      telemetry.accountEnded(request.slot, result, Math.round(clock.monotonic() - turnStartedAt));
      const age = request.dryRun ? undefined : await ageOfLastComplete(run, known, result);
      if (age !== undefined) ages.push(age);
      return result;
    },
  );
  const registered = await registerEnds(run, ended);
  const { slot, trigger, dryRun } = request;
  const result: RunResult = {
    ...{ slot, trigger, dryRun },
    durationMs: Math.round(clock.monotonic() - startedAt),
    ...(request.warning !== undefined && { warning: request.warning }),
    accounts: {
      complete: count(snapshots, "complete"),
      alreadyComplete: count(snapshots, "alreadyComplete"),
      failed: count(snapshots, "failed"),
    },
    snapshots,
    ...(registered.length > 0 && { ended: registered }),
  };
  telemetry.runEnded(result, ages.length > 0 ? Math.max(...ages) : undefined, coversAllAccounts(run));
  return result;
}

/** @throws JobError if the key is unusable, or there are no accounts to walk */
async function planOrRecord(run: Run): Promise<RunPlan & { readonly known: AccountActivities | undefined }> {
  try {
    await run.dependencies.source.checkKey();
    const known = await knownAccounts(run);
    return { known, ...(await runAccounts(run, known)) };
  } catch (thrown) {
    const scope = coversAllAccounts(run) ? "all" : run.request.accounts;
    await recordFailedRun(run.dependencies, run.request, scope, toJobError(thrown));
    throw thrown;
  }
}

/** A request names only configured accounts, each once. So an equal number means all of them. */
function coversAllAccounts({ request, settings }: Run): boolean {
  return (
    request.accounts === "all" || (settings.accounts !== "all" && request.accounts.length === settings.accounts.length)
  );
}

/** Returns the accounts in the table; `undefined` in a dry run, and if they cannot be read, which must not cost a snapshot. */
async function knownAccounts({ dependencies, request }: Run): Promise<AccountActivities | undefined> {
  if (request.dryRun) return undefined;
  const message = "Known accounts not readable; no account ends with this run";
  return warnOnFailure(dependencies, message, {}, () => dependencies.store.accounts());
}

/**
 * Returns the accounts whose end was registered. The next run tries again with the others. One of them is an account with
 * a snapshot of the slot or of a later one, if this run is a retry: it would no longer count when that snapshot was taken.
 */
async function registerEnds({ dependencies, request }: Run, ended: readonly EndedAccount[]): Promise<EndedAccount[]> {
  const { clock, store } = dependencies;
  const registered: EndedAccount[] = [];
  for (const account of ended) {
    const { accountId, reason } = account;
    await warnOnFailure(dependencies, "End of the account not registered", { accountId }, async () => {
      const last = await store.latest(accountId);
      if (last !== undefined && last.slot >= request.slot) return;
      await store.registerEnd(accountId, request.slot, slotAt(clock.now()), reason);
      registered.push(account);
    });
  }
  return registered;
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
 * Returns the age of the account's last complete snapshot in milliseconds; without one, the age of its first failed attempt.
 * `undefined`: unknown.
 */
async function ageOfLastComplete(
  { dependencies, request }: Run,
  known: AccountActivities | undefined,
  result: SnapshotResult,
): Promise<number | undefined> {
  const ageSince = (instant: string) => dependencies.clock.now() - Date.parse(instant);
  if (result.capturedAt !== undefined) return ageSince(result.capturedAt);
  const { accountId } = result;
  return warnOnFailure(dependencies, "Age of the last complete snapshot unknown", { accountId }, async () => {
    const last = await dependencies.store.latest(accountId);
    const activity = known?.get(accountId);
    return ageSince(last?.capturedAt ?? (activity && firstSlotOf(activity)) ?? request.slot);
  });
}

function count(results: readonly SnapshotResult[], outcome: SnapshotResult["outcome"]): number {
  return results.filter((result) => result.outcome === outcome).length;
}
