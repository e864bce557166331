import type { AccountActivities } from "../domain/account-activity.ts";
import { type JobError, KEY_NOT_STORED, toJobError } from "../domain/errors.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import { MAX_RUN_MS } from "../domain/limits.ts";
import { type ErrorFields, errorFields } from "../domain/run-result.ts";
import { assertNotInFuture, isInFuture, type Slot, slotAt } from "../domain/slot.ts";
import { listsAccountOfAnother } from "./account-keys.ts";
import { registerThatListLacksAll } from "./moving-accounts.ts";
import { keysOf, recordFailedRun } from "./record-failed-run.ts";
import { coversAllAccounts, type Run } from "./run.ts";
import { type RunPlan, runAccounts } from "./run-accounts.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

/** What a run knows before it takes its first account. */
interface Plan extends RunPlan {
  /** The accounts in the table; `undefined`: not read. */
  readonly known: AccountActivities | undefined;
  /** When they were read, before the list of the key. */
  readonly readAt: Slot;
  /** The runs that failed before for the same slot; `undefined`: not read. */
  readonly failedRuns: readonly FailedRun[] | undefined;
  /** Why there are no accounts, before the first key is stored. */
  readonly noKey?: ErrorFields;
}

/**
 * Returns what a run knows before it takes its first account.
 * @throws JobError if no account can be walked: without a key or the list of accounts. Recorded once, for the whole run
 */
export async function planRun(run: Run): Promise<Plan> {
  const readAt = slotAt(run.dependencies.clock.now());
  const known = await knownAccounts(run);
  // Before anything can fail: the schedule shows which slots a run that failed has missed.
  await registerSchedule(run);
  return { known, readAt, ...(await planOrRecord(run, known, readAt)) };
}

/**
 * @throws JobError if the slot is in the future, if the key is unusable, unless no key was ever stored, or if there are no accounts
 * to walk
 */
async function planOrRecord(
  run: Run,
  known: AccountActivities | undefined,
  readAt: Slot,
): Promise<Omit<Plan, "known" | "readAt">> {
  try {
    // No account may begin or end in the future: until then, the history would lack it.
    assertNotInFuture(run.request.slot, run.dependencies.clock.now());
    await run.dependencies.source.checkKey();
    const failedRuns = await failedRunsOf(run);
    return { failedRuns, ...(await runAccounts(run, known)) };
  } catch (thrown) {
    const error = toJobError(thrown);
    const takesOver = listsAccountOfAnother(run.settings, known);
    if (!takesOver && (await isBeforeFirstKey(run, error))) {
      return { accounts: [], absent: [], failedRuns: undefined, noKey: errorFields(error) };
    }
    // Readers take "all" as the accounts that the key serves already.
    const scope = coversAllAccounts(run) && !takesOver ? "all" : run.request.accounts;
    await recordFailedRun(run.dependencies, { ...run.request, ...keysOf(run) }, scope, error);
    if (LISTS_NONE.includes(error.code)) await registerThatListLacksAll(run, readAt);
    throw thrown;
  }
}

/** The errors of a list that has none of the key's accounts. */
const LISTS_NONE = ["no_accounts", "all_accounts_ended"];

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

/** The history is more useful with its schedule, but a failure here must not cost a snapshot. */
async function registerSchedule({ dependencies, settings, request }: Run): Promise<void> {
  const { schedule, latenessLimitMs, hasLongRuns = false, key } = settings;
  // A manual run for a time that the schedule does not have is subject to its lateness limit, too.
  const isForSlot = request.trigger === "schedule" || request.warning !== undefined;
  const now = slotAt(dependencies.clock.now());
  // A schedule that is in force from a slot in the future would hide the gaps until then.
  if (schedule === undefined || !isForSlot || request.dryRun || isInFuture(request.slot, Date.parse(now))) return;
  // An invocation that starts just before the slot is too late can still use its whole time.
  const maxRunMs = hasLongRuns ? latenessLimitMs + MAX_RUN_MS : undefined;
  await warnOnFailure(dependencies, "Schedule not stored", {}, () =>
    dependencies.store.registerSchedule({ ...schedule, latenessLimitMs, maxRunMs, key }, request.slot, now),
  );
}
