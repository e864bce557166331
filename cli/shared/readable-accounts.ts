import type { AccountActivities } from "../../core/domain/account-activity.ts";
import { StoreError } from "../../core/domain/errors.ts";
import { openHistory } from "../../core/readers.ts";

/**
 * Returns the accounts in a table, for a run. Returns none if the table cannot be read: a snapshot is worth more than a check of its
 * options. The run reports what is unreadable.
 */
export async function readableAccounts(tableName: string): Promise<AccountActivities> {
  try {
    return await openHistory(tableName, () => {}).accounts();
  } catch (thrown) {
    if (thrown instanceof StoreError) return new Map();
    throw thrown;
  }
}
