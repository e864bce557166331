import pMap from "p-map";
import { StoreError, toJobError } from "../../core/domain/errors.ts";
import type { HistoryRecord, ScheduleVersion } from "../../core/domain/history.ts";
import { CLOCK_TOLERANCE_MS, type Slot } from "../../core/domain/slot.ts";
import { type HistoryReader, openHistory } from "../../core/readers.ts";
import { awsFailure } from "./aws.ts";
import { type CheckResult, failed, type Prerequisite, warning } from "./check-result.ts";

type CompleteRecord = HistoryRecord & { readonly status: "complete" };

/** The newest of what a table has of an account. */
export interface NewestRecords {
  readonly accountId: string;
  /** The slot of the account's first record; `undefined`: the table does not know it. */
  readonly since: Slot | undefined;
  /** Of any run. */
  readonly newest?: HistoryRecord;
  /** Of a run of the schedule. */
  readonly scheduled?: HistoryRecord;
  readonly complete?: CompleteRecord;
  /** Why its records cannot be read. */
  readonly trouble?: string;
}

/** What the last runs left in the table. */
export interface LastRuns {
  readonly accounts: readonly NewestRecords[];
  /** The schedule that the last run knew. */
  readonly schedule: ScheduleVersion | undefined;
}

const ACCOUNTS_AT_ONCE = 16;
/** Looked back over so many records for what the newest is not: a day of quarters of an hour. */
const LOOK_BACK = 100;

/**
 * Reads the newest records.
 * @param asked the accounts that were given; none: all that the table knows
 * @returns where the table cannot be read, also the finding that says so
 */
export async function readLastRuns(
  table: Prerequisite<string>,
  asked: readonly string[],
  now: number,
): Promise<Prerequisite<LastRuns> & { readonly problem?: CheckResult }> {
  if (table.missing !== undefined) return table;
  const reader = openHistory(table.value);
  try {
    const since = await reader.accounts();
    const ids = asked.length > 0 ? asked : [...since.keys()];
    const accounts = await pMap(ids, (id) => newestOf(reader, id, since.get(id), now), {
      concurrency: ACCOUNTS_AT_ONCE,
    });
    return { value: { accounts, schedule: (await reader.schedules()).at(-1) } };
  } catch (thrown) {
    const { denied, found, remedy } = awsFailure(
      thrown instanceof StoreError ? thrown.cause : thrown,
      "dynamodb:Query",
    );
    return { missing: "the table cannot be read", problem: (denied ? warning : failed)("last run", found, remedy) };
  }
}

async function newestOf(
  reader: HistoryReader,
  accountId: string,
  since: Slot | undefined,
  now: number,
): Promise<NewestRecords> {
  const found: { newest?: HistoryRecord; scheduled?: HistoryRecord; complete?: CompleteRecord } = {};
  let looked = 0;
  try {
    for await (const record of reader.recordsBack(accountId, now + CLOCK_TOLERANCE_MS)) {
      found.newest ??= record;
      if (isScheduled(record)) found.scheduled ??= record;
      if (record.status === "complete") found.complete ??= record;
      if ((found.scheduled && found.complete) || ++looked >= LOOK_BACK) break;
    }
    return { accountId, since, ...found };
  } catch (thrown) {
    return { accountId, since, trouble: toJobError(thrown).message };
  }
}

function isScheduled(record: HistoryRecord): boolean {
  return (record.status === "complete" ? record.snapshot.trigger : record.attempt.trigger) === "schedule";
}
