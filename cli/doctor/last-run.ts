import { messageWithFix, toJobError } from "../../core/domain/errors.ts";
import type { Schedule } from "../../core/domain/history-source.ts";
import { MAX_RUN_MS } from "../../core/domain/limits.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { FailedAttempt } from "../../core/domain/snapshot.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { counted, duration } from "../shared/counted.ts";
import type { CheckResult, CheckResults } from "./check-result.ts";
import { failed, passed, summarizeAccounts, warning } from "./check-result.ts";
import type { LastRuns, NewestRecords } from "./newest-records.ts";

const MAX_MISSING_SLOTS_COUNTED = 1000;

/** What the accounts of a key should have. */
export interface Expectations {
  /** The key's deployed schedule, if known; used only if no run has recorded one. */
  readonly schedule: Schedule | undefined;
  /** The accounts that the API lists for the key, if known. */
  readonly listedIds: readonly string[] | undefined;
  /** Those of them that should have a record and are not in the table, of any key. */
  readonly unrecordedIds: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Returns the table or its folder, as text. */
  readonly tableText: () => Promise<string>;
}

/** Checks the newest record of each account of a key: whether it is complete, and whether slots are missing since then. */
export async function* checkLastRun(runs: LastRuns, expectations: Expectations): CheckResults {
  const { accounts } = runs;
  const { now } = expectations;
  if (accounts.length === 0) {
    yield judgeNoAccounts(runs, await expectations.tableText());
    return;
  }
  // The recorded schedule comes first: one that was deployed after the last run says nothing about earlier slots.
  const schedules = accounts.map(({ schedule }) => schedule ?? expectations.schedule);
  const usable = new Set<Schedule>();
  for (const schedule of new Set(schedules)) {
    if (schedule !== undefined && (yield* isUsable(schedule))) usable.add(schedule);
  }
  const listed = expectations.listedIds && new Set(expectations.listedIds);
  const facts = accounts.map((account, at) => {
    const schedule = schedules[at];
    const isKnown = schedule !== undefined && usable.has(schedule);
    const missing = isKnown ? describeMissingSlots(missingSlots(account, schedule, now)) : "";
    return { account, isListed: listed?.has(account.accountId) !== false, scheduleIsKnown: isKnown, missing, now };
  });
  const recorded = facts.filter(({ account, isListed }) => account.newest && isListed);
  // If no run starts, all accounts miss the same slots, which are then reported once.
  const gaps = new Set(recorded.map(({ missing }) => missing));
  const [sharedGap = ""] = gaps.size === 1 ? gaps : [];
  if (sharedGap !== "") yield failed("last run", `all accounts: ${sharedGap}`, NO_SCHEDULED_RUN);
  // The same applies if a run fails before it reaches any account.
  const failures = new Set(recorded.map(({ account }) => describeFailedRun(account)));
  const [sharedFailure = ""] = failures.size === 1 ? failures : [];
  if (sharedFailure !== "") yield failed("last run", `all accounts: ${sharedFailure}`, RUN_FAILED);
  const results = facts.map(({ account, missing, ...others }) => {
    const failedRun = failures.size > 1 ? account.failedRun : undefined;
    const own = { ...others, failedRun, missing: gaps.size > 1 ? missing : "" };
    const { accountId, name } = account;
    return { ...judgeAccount(account, own), accountId, ...(name && { accountName: name }) };
  });
  yield* summarizeAccounts(results);
  yield* reportUnrecorded(expectations.unrecordedIds);
}

function judgeNoAccounts({ allEnded, failedRuns: [run] }: LastRuns, table: string): CheckResult {
  if (allEnded) return warning("last run", `all accounts in ${table} have ended`, START_AGAIN);
  if (run === undefined) return warning("last run", `no run has stored a record in ${table}`, TAKE_SNAPSHOT);
  const message = `no run has stored a snapshot yet; the run for ${run.slot} failed: ${reasonOf(run)}`;
  return failed("last run", message, RUN_FAILED);
}

/** Returns whether the slots of a schedule can be computed, after a failure if they cannot. */
function* isUsable(schedule: Schedule): Generator<CheckResult, boolean> {
  try {
    slotRule(schedule);
    return true;
  } catch (thrown) {
    const { message, suggestedFix = "" } = toJobError(thrown);
    yield failed("last run", message, suggestedFix);
    return false;
  }
}

function* reportUnrecorded(unrecorded: readonly string[]): Iterable<CheckResult> {
  if (unrecorded.length === 0) return;
  const ids = `${unrecorded.slice(0, 3).join(", ")}${unrecorded.length > 3 ? ", …" : ""}`;
  const message = `no record of ${unrecorded.length} of the accounts that the key sees: ${ids}`;
  yield warning("last run", message, "The next run records each, unless the configuration excludes it.");
}

const START_AGAIN = "If one of them should count, take a snapshot of it: balances accounts shows why each has ended.";
export const TAKE_SNAPSHOT = "Take a snapshot now: use the stack's output InvokeCommand, or balances snapshot.";
const ACCOUNT_CLOSED =
  "If the account is closed, the next scheduled run ends it. Otherwise, use a key that may see it.";
const NO_SCHEDULED_RUN = 'No scheduled run starts: see the check "schedule" and docs/runbook.md#no-complete-run.';
const RUN_FAILED = "See docs/runbook.md#function-failed. To list missing slots: balances gaps";
const UNREADABLE =
  "Another version of this project may have written the record: read it with that version. " +
  "Otherwise see docs/runbook.md#restore-drill.";

interface AccountFacts {
  readonly isListed: boolean;
  readonly scheduleIsKnown: boolean;
  /** The run that failed for this account after its newest record; `undefined` also if it failed for all accounts. */
  readonly failedRun: FailedAttempt | undefined;
  /** The account's own missing slots; empty if there are none, or if all accounts miss the same. */
  readonly missing: string;
  readonly now: number;
}

function judgeAccount(account: NewestRecords, facts: AccountFacts): CheckResult {
  const { newest, readError } = account;
  const { isListed, scheduleIsKnown, failedRun, missing, now } = facts;
  if (readError !== undefined) return failed("last run", readError, UNREADABLE);
  if (newest === undefined) return failed("last run", "the table has no record of this account", TAKE_SNAPSHOT);
  if (failedRun !== undefined) return judgeFailure(failedRun, account, facts);
  if (newest.status === "failed") return judgeFailure(newest.attempt, account, facts);
  const { slot, snapshot } = newest;
  const age = duration(now - Date.parse(snapshot.capturedAt));
  const manual = snapshot.trigger === "manual" ? ", manual run" : "";
  const message = `complete for ${slot}${manual}, captured ${age} ago, ${counted(snapshot.assets, "asset")}`;
  if (!isListed) return warning("last run", `${message}; the API no longer lists this account`, ACCOUNT_CLOSED);
  if (missing !== "") return failed("last run", `${message}; ${missing}`, NO_SCHEDULED_RUN);
  return passed("last run", scheduleIsKnown ? message : `${message}; age not checked: the schedule is unknown`);
}

function judgeFailure(attempt: FailedAttempt, account: NewestRecords, facts: AccountFacts): CheckResult {
  const { accountId, completeSlot } = account;
  const { missing, now } = facts;
  const age = completeSlot && duration(now - Date.parse(completeSlot));
  const lastComplete = age === undefined ? "no complete snapshot before" : `last complete snapshot ${age} ago`;
  const andMissing = missing === "" ? "" : `; ${missing}`;
  const failure = `${attempt.slot} failed after ${counted(attempt.attempts, "attempt")}`;
  const message = `${failure}; ${lastComplete}${andMissing}; ${reasonOf(attempt)}`;
  const fix = `See docs/runbook.md#account-failed. To list missing slots: balances gaps --account ${accountId}`;
  return failed("last run", message, fix);
}

function reasonOf(failure: Pick<FailedAttempt, "code" | "message" | "suggestedFix">): string {
  return `${failure.code}: ${messageWithFix(failure)}`;
}

/** Returns an empty text if no run failed after the account's newest record. */
function describeFailedRun({ failedRun }: NewestRecords): string {
  if (failedRun === undefined) return "";
  const { slot, attempts } = failedRun;
  return `the run for ${slot} failed after ${counted(attempts, "attempt")}; ${reasonOf(failedRun)}`;
}

/** Returns the schedule's slots after the last scheduled record, without a slot whose run may still be in progress. */
function missingSlots({ scheduledSlot, schedule: recorded }: NewestRecords, schedule: Schedule, now: number): number[] {
  const maxRunMs = Math.max(MAX_RUN_MS, recorded?.maxRunMs ?? 0);
  const lastRecorded = Date.parse(scheduledSlot ?? slotAt(now));
  const missing: number[] = [];
  for (const slot of slotRule(schedule).between(lastRecorded, now - maxRunMs)) {
    missing.push(slot);
    if (missing.length === MAX_MISSING_SLOTS_COUNTED) break;
  }
  return missing;
}

/** Returns an empty text if no slot is missing. */
function describeMissingSlots(missing: readonly number[]): string {
  const [first] = missing;
  if (first === undefined) return "";
  if (missing.length === 1) return `the slot ${slotAt(first)} has no record`;
  const count = missing.length === MAX_MISSING_SLOTS_COUNTED ? `${missing.length} or more` : String(missing.length);
  return `${count} slots since ${slotAt(first)} have no record`;
}
