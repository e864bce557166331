import pMap from "p-map";
import { firstSlotOf, isActive } from "../../core/domain/account-activity.ts";
import { StoreError, toJobError } from "../../core/domain/errors.ts";
import type { HistoryRecord, ScheduleVersion } from "../../core/domain/history-source.ts";
import { CLOCK_TOLERANCE_MS, type Slot } from "../../core/domain/slot.ts";
import { type HistoryReader, openHistory } from "../../core/readers.ts";
import { awsFailure, awsFailureResult } from "./aws.ts";
import type { CheckResult, Prerequisite } from "./check-result.ts";

type CompleteRecord = HistoryRecord & { readonly status: "complete" };

export interface NewestRecords {
  readonly accountId: string;
  /** The slot since which the account has counted, or has been pending; `undefined` if the table does not know it. */
  readonly firstSlot: Slot | undefined;
  /** The newest record of any run. */
  readonly newest?: HistoryRecord;
  /** The newest record of a scheduled run. */
  readonly scheduled?: HistoryRecord;
  readonly complete?: CompleteRecord;
  readonly readError?: string;
}

/** What the last runs stored in the table. */
export interface LastRuns {
  readonly accounts: readonly NewestRecords[];
  readonly schedule: ScheduleVersion | undefined;
}

const ACCOUNT_CONCURRENCY = 16;
/** Older records are not searched: 100 records are a day of snapshots every 15 minutes. */
const MAX_RECORDS_PER_ACCOUNT = 100;

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
  const reader = openHistory(table.value);
  try {
    const known = await reader.accounts();
    const current = [...known].filter(([, activity]) => isActive(activity) || activity.pendingSince !== undefined);
    const ids = requestedIds.length > 0 ? requestedIds : current.map(([id]) => id);
    const firstSlot = (id: string) => {
      const activity = known.get(id);
      return activity && (activity.periods.at(-1)?.since ?? firstSlotOf(activity));
    };
    const accounts = await pMap(ids, (id) => readNewest(reader, id, firstSlot(id), now), {
      concurrency: ACCOUNT_CONCURRENCY,
    });
    return { value: { accounts, schedule: (await reader.schedules()).at(-1) } };
  } catch (thrown) {
    const cause = thrown instanceof StoreError ? thrown.cause : thrown;
    const failure = awsFailure(cause, "dynamodb:Query", `the table ${table.value}`);
    return { missingReason: "the table could not be read", failure: awsFailureResult("last run", failure) };
  }
}

async function readNewest(
  reader: HistoryReader,
  accountId: string,
  firstSlot: Slot | undefined,
  now: number,
): Promise<NewestRecords> {
  const found: { newest?: HistoryRecord; scheduled?: HistoryRecord; complete?: CompleteRecord } = {};
  let count = 0;
  try {
    for await (const record of reader.recordsBack(accountId, now + CLOCK_TOLERANCE_MS)) {
      found.newest ??= record;
      if (isScheduled(record)) found.scheduled ??= record;
      if (record.status === "complete") found.complete ??= record;
      if ((found.scheduled && found.complete) || ++count >= MAX_RECORDS_PER_ACCOUNT) break;
    }
    return { accountId, firstSlot, ...found };
  } catch (thrown) {
    return { accountId, firstSlot, readError: toJobError(thrown).message };
  }
}

function isScheduled(record: HistoryRecord): boolean {
  return (record.status === "complete" ? record.snapshot.trigger : record.attempt.trigger) === "schedule";
}
