import type { Slot } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, string } from "./attributes.ts";

// The keys of every item. The attributes are defined in `snapshot-item.ts`, `failed-run-item.ts`, `catalog.ts` and
// `chain-item.ts`.
//
//   account (partition)   slot (sort)                    item
//   account_…             2026-11-23T10:00:00.000Z       complete snapshot or failed attempt
//   account_…#parts       2026-11-23T10:00:00.000Z#ID#N  part N of the balances of a large snapshot
//   account_…#chain       0000000001                     entry of the account's hash chain
//   runs                  2026-11-23T10:00:00.000Z#ID    run that failed as a whole, for that slot
//   accounts              account_… 2026-11-23T10:00:00.000Z start   catalog: an account is pending, starts or ends with that slot
//   assets                btc 2026-11-23T10:00:00.000Z   catalog: the description of an asset since that slot
//   schedules             2026-11-23T10:00:00.000Z       catalog: the schedule since that slot

export const RUNS_PARTITION = "runs";
export const ACCOUNTS_PARTITION = "accounts";
export const ASSETS_PARTITION = "assets";
export const SCHEDULES_PARTITION = "schedules";

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
