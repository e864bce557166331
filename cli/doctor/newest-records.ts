import pMap from "p-map";
import {
  type AccountActivity,
  descriptionAt,
  firstSlotOf,
  hasNotEnded,
  lastKeyOf,
} from "../../core/domain/account-activity.ts";
import { StoreError, toJobError } from "../../core/domain/errors.ts";
import { attemptsOf, type FailedRun } from "../../core/domain/failed-run.ts";
import type { HistoryRecord, ScheduleVersion } from "../../core/domain/history-source.ts";
import { CLOCK_TOLERANCE_MS, type Slot } from "../../core/domain/slot.ts";
import type { FailedAttempt } from "../../core/domain/snapshot.ts";
import { AccountSchedules } from "../../core/history/account-schedules.ts";
import { failedRunsFor } from "../../core/history/runs-of-keys.ts";
import { type HistoryReader, openHistory } from "../../core/readers.ts";
import { reportDamage } from "../shared/output.ts";
import { awsFailure, awsFailureResult } from "./aws.ts";
import type { CheckResult, Prerequisite } from "./check-result.ts";

export interface NewestRecords {
  readonly accountId: string;
  /** `undefined`: it has none, or it is unknown. */
  readonly name?: string | undefined;
  /** The API key that serves the account; `undefined`: it has no name, or is unknown. */
  readonly key?: string | undefined;
  /** The API key that gave up the account, while no other key has taken it over. */
  readonly formerKey?: string | undefined;
  /** The recorded schedule that the account follows; `undefined`: none is recorded. */
  readonly schedule?: ScheduleVersion | undefined;
  readonly newest?: HistoryRecord;
  /** The run for a newer slot that failed before it reached the account, if the account is in its scope. */
  readonly failedRun?: FailedAttempt | undefined;
  /**
   * The slot of the newest scheduled run, including one that failed before it reached the account. Without a run: the slot
   * since which the account has counted, or has been pending; `undefined` if the table does not know it.
   */
  readonly scheduledSlot?: Slot | undefined;
  readonly completeSlot?: Slot;
  readonly readError?: string;
}

/** What the last runs stored in the table. */
export interface LastRuns {
  readonly accounts: readonly NewestRecords[];
  /** The recorded schedules of all keys. */
  readonly schedules: readonly ScheduleVersion[];
  /** The newest runs that failed before they reached all accounts, newest slot first. */
  readonly failedRuns: readonly FailedRun[];
  /** Whether the table has accounts, and all of them have ended. */
  readonly allEnded: boolean;
}

const ACCOUNT_CONCURRENCY = 16;
/** Older records are not searched: 100 records are a day of snapshots every 15 minutes. */
const MAX_RECORDS_PER_ACCOUNT = 100;
const MAX_FAILED_RUNS = 100;

/**
 * Reads the newest records of each account.
 * @param requestedIds the accounts to read; if empty, all that have not ended
 * @returns if the table cannot be read, also the result to report
 */
export async function readLastRuns(
  table: Prerequisite<string>,
  requestedIds: readonly string[],
  now: number,
): Promise<Prerequisite<LastRuns> & { readonly failure?: CheckResult }> {
  if (table.missingReason !== undefined) return table;
  const reader = openHistory(table.value, reportDamage);
  try {
    const known = await reader.accounts();
    const current = [...known].filter(([, activity]) => hasNotEnded(activity));
    const ids = requestedIds.length > 0 ? requestedIds : current.map(([id]) => id);
    const allEnded = known.size > 0 && current.length === 0;
    const failedRuns = await newestFailedRuns(reader, now);
    const schedules = await reader.schedules();
    const ofAccounts = new AccountSchedules(schedules);
    const readAccount = async (id: string) => {
      const activity = known.get(id);
      const firstSlot = activity && (activity.periods.at(-1)?.since ?? firstSlotOf(activity));
      // A run that failed says nothing about an account that had ended before.
      const runs = activity && hasNotEnded(activity) ? failedRunsFor(activity, failedRuns) : [];
      return {
        scheduledSlot: firstSlot,
        ...(activity && nameAndKey(activity, now)),
        schedule: ofAccounts.of(activity ?? { periods: [] }).at(-1),
        ...withFailedRuns(await readNewest(reader, id, now), attemptsOf(id, runs)),
      };
    };
    const accounts = await pMap(ids, readAccount, { concurrency: ACCOUNT_CONCURRENCY });
    return { value: { accounts, schedules, failedRuns, allEnded } };
  } catch (thrown) {
    const cause = thrown instanceof StoreError ? thrown.cause : thrown;
    const failure = awsFailure(cause, "dynamodb:Query", `the table ${table.value}`);
    return { missingReason: "the table could not be read", failure: awsFailureResult("last run", failure) };
  }
}

function nameAndKey(activity: AccountActivity, now: number): Pick<NewestRecords, "name" | "key" | "formerKey"> {
  const { name, key, noKeySince } = descriptionAt(activity, now);
  return { name, key, ...(noKeySince !== undefined && { formerKey: lastKeyOf(activity) }) };
}

async function readNewest(reader: HistoryReader, accountId: string, now: number): Promise<NewestRecords> {
  const found: { newest?: HistoryRecord; scheduledSlot?: Slot; completeSlot?: Slot } = {};
  let count = 0;
  try {
    for await (const record of reader.recordsBack(accountId, now + CLOCK_TOLERANCE_MS)) {
      found.newest ??= record;
      if (isScheduled(record)) found.scheduledSlot ??= record.slot;
      if (record.status === "complete") found.completeSlot ??= record.slot;
      if ((found.scheduledSlot && found.completeSlot) || ++count >= MAX_RECORDS_PER_ACCOUNT) break;
    }
    return { accountId, ...found };
  } catch (thrown) {
    return { accountId, readError: toJobError(thrown).message };
  }
}

async function newestFailedRuns(reader: HistoryReader, now: number): Promise<FailedRun[]> {
  const runs: FailedRun[] = [];
  for await (const run of reader.failedRunsBack(now + CLOCK_TOLERANCE_MS)) {
    runs.push(run);
    if (runs.length === MAX_FAILED_RUNS) break;
  }
  return runs;
}

/** Adds the runs that failed after the account's records. */
function withFailedRuns(account: NewestRecords, attempts: readonly FailedAttempt[]): NewestRecords {
  const { newest, scheduledSlot = "" } = account;
  const failedRun = attempts.findLast(({ slot }) => slot > (newest?.slot ?? ""));
  const scheduled = attempts.findLast(({ slot, trigger }) => trigger === "schedule" && slot > scheduledSlot);
  return { ...account, ...(failedRun && { failedRun }), ...(scheduled && { scheduledSlot: scheduled.slot }) };
}

function isScheduled(record: HistoryRecord): boolean {
  return (record.status === "complete" ? record.snapshot.trigger : record.attempt.trigger) === "schedule";
}
