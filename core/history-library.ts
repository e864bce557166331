/**
 * Reads what accounts held, from the table that the job fills. Amounts are decimal strings with every digit that the API returned:
 * calculate with `sum`, not with numbers. Times are milliseconds since 1970.
 *
 * The AWS SDK's own settings select region and credentials, such as the variables `AWS_REGION` and `AWS_PROFILE`. The managed policy
 * in the stack's output `ReaderPolicyArn` allows all calls.
 *
 * @example
 * import { loadHistory, sum } from "cdp-balance-snapshots/history";
 *
 * const history = await loadHistory("my-table");
 * const endOfOctober = Date.parse("2026-10-31T23:59:59.999Z");
 * const values: string[] = [];
 * for (const accountId of history.accountIds) {
 *   const snapshot = await history.freshAsOf(accountId, endOfOctober);
 *   // No snapshot is not zero: it is unknown what the account held.
 *   if (snapshot === undefined || snapshot.altered) throw new Error(`${accountId}: unknown or altered`);
 *   console.log(history.description(accountId, endOfOctober).name, snapshot.balances.get("btc")?.get("btc")?.total ?? "no btc");
 *   const total = snapshot.totals.get("usd");
 *   if (total !== undefined) values.push(total.total);
 * }
 * console.log(sum(values), "usd");
 */
import type { JobError } from "./domain/errors.ts";
import { History } from "./history/history.ts";
import { openHistory } from "./readers.ts";

export type { AccountActivity, AccountDescription, ActivePeriod } from "./domain/account-activity.ts";
export { type Amount, subtract, sum } from "./domain/amount.ts";
export type { Amounts, Asset } from "./domain/balance.ts";
export { JobError, StoreError } from "./domain/errors.ts";
export type { SlotRange } from "./domain/history-source.ts";
export type { Slot } from "./domain/slot.ts";
export { assetValue, type FailedAttempt, type Snapshot } from "./domain/snapshot.ts";
export type { Total } from "./domain/totals.ts";
export type { CompleteSlot, Gap, ScheduledSlot } from "./history/scheduled-slots.ts";

/** The queries on a history. A snapshot counts for the time of its completion, not for its slot. */
export type BalanceHistory = Pick<
  History,
  | "accountIds"
  | "activity"
  | "asOf"
  | "assets"
  | "completed"
  | "description"
  | "freshAsOf"
  | "gaps"
  | "hasSchedule"
  | "isActive"
  | "isFresh"
  | "latest"
  | "scheduledSlots"
>;

export interface LoadOptions {
  /** The current time: later slots are not expected yet. @default the clock's time */
  readonly now?: number;
  /**
   * Receives each item of the catalog that cannot be read. The history goes on without it.
   * @default `loadHistory` throws it, because the history would lack accounts, names or schedules
   */
  readonly onDamage?: (damage: JobError) => void;
}

/**
 * Reads the accounts and schedules of a table. The queries then read the snapshots that they need.
 * @param tableName the table, such as the stack's output `TableName`
 * @throws StoreError if the table cannot be read
 */
export function loadHistory(
  tableName: string,
  { now = Date.now(), onDamage = fail }: LoadOptions = {},
): Promise<BalanceHistory> {
  return History.load(openHistory(tableName, onDamage), now);
}

function fail(damage: JobError): never {
  throw damage;
}
