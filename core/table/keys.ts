import type { Slot } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, string } from "./attributes.ts";

// The keys of every item. The attributes are defined in `snapshot-item.ts`, `failed-run-item.ts`, `chain-item.ts`,
// `account-event-item.ts`, `assets-item.ts`, `key-list-item.ts`, `names-item.ts` and `schedule-item.ts`. No item grows beyond
// DynamoDB's limit of 400 KB: texts are cut off, and lists are split or have a limit.
//
//   account (partition)   slot (sort)                    item
//   account_…             2026-11-23T10:00:00.000Z       complete snapshot or failed attempt
//   account_…#parts       2026-11-23T10:00:00.000Z#ID#N  part N of the balances of a large snapshot
//   account_…#chain       0000000001                     entry of the account's hash chain
//   runs                  2026-11-23T10:00:00.000Z#ID    run that failed for that slot before it reached all its accounts
//   catalog               account_… 2026-11-23T10:00:00.000Z start   an account is pending, starts or ends with that slot
//   catalog               account_… 2026-11-23T10:00:07.000Z described   its name, type, owner or key is new at that instant
//   catalog               assets 0000000001              descriptions of assets; the first one of each symbol counts
//   catalog               list emea                      what runs have found in the list of one of several keys
//   catalog               names                          when runs last refreshed the descriptions of accounts
//   catalog               names emea                     the same for the runs of one of several keys
//   catalog               schedule 2026-11-23T10:00:00.000Z   the schedule since that slot
//   catalog               schedule 2026-11-23T10:00:00.000Z emea   the same for the accounts of one of several keys

export const RUNS_PARTITION = "runs";
/** One partition, so that a run reads the whole catalog with one query. */
export const CATALOG_PARTITION = "catalog";
/** The prefixes of the sort keys of the catalog's items. */
export const CATALOG_PREFIXES = {
  ...{ accounts: "account_", assets: "assets ", schedules: "schedule " },
  /** Its items are overwritten. */
  lists: "list ",
} as const;
/** The sort key, or its first word, of items that are overwritten. */
export const CATALOG_NAMES = "names";

/** The attribute that distinguishes a complete snapshot from a failed attempt. */
export const STATUS = "status";
export const COMPLETE = "complete";
export const FAILED = "failed";

export function keyOf(partition: string, sort: string): Item {
  return { [TABLE_KEYS.partition]: string(partition), [TABLE_KEYS.sort]: string(sort) };
}

export function chainPartition(accountId: string): string {
  return `${accountId}#chain`;
}

/** Returns where the parts of a snapshot are. `partsId` is unique to an attempt, so that attempts never mix. */
export function partsKey(accountId: string, slot: Slot, partsId: string): { partition: string; prefix: string } {
  return { partition: `${accountId}#parts`, prefix: `${slot}#${partsId}#` };
}
