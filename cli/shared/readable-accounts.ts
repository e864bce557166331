import type { AccountActivities } from "../../core/domain/account-activity.ts";
import { StoreError } from "../../core/domain/errors.ts";
import type { ScheduleVersion } from "../../core/domain/history-source.ts";
import { openHistory } from "../../core/readers.ts";

/**
 * Returns the accounts in a table, for a run. Returns none if the table cannot be read: a snapshot is worth more than a check of its
 * options. The run reports what is unreadable.
 */
export function readableAccounts(tableName: string): Promise<AccountActivities> {
  return orIfUnreadable(openHistory(tableName, () => {}).accounts(), new Map());
}

/** Returns the schedules in a table, for a run; none if the table cannot be read. */
export function readableSchedules(tableName: string): Promise<readonly ScheduleVersion[]> {
  return orIfUnreadable(openHistory(tableName, () => {}).schedules(), []);
}

async function orIfUnreadable<T>(read: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read;
  } catch (thrown) {
    if (thrown instanceof StoreError) return otherwise;
    throw thrown;
  }
}
