import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { SlotRecord } from "../domain/ports.ts";
import type { Slot, Trigger } from "../domain/slot.ts";
import type { Consistency, FailedAttempt, Snapshot, SnapshotSummary } from "../domain/snapshot.ts";
import type { Total } from "../domain/totals.ts";
import { EXPIRES_AT, TABLE_KEYS } from "../names/table-keys.ts";
import {
  type Item,
  list,
  map,
  number,
  numberOf,
  recordOf,
  string,
  stringOf,
  stringsOf,
  unreadable,
} from "./attributes.ts";

// The one place that knows what an item looks like, but for `directory.ts` and `chain-item.ts`. These kinds share the table:
//
//   account                slot                          what
//   account_…              2026-11-23T10:00:00.000Z      a complete snapshot, or a failed attempt
//   account_…#parts        2026-11-23T10:00:00.000Z#…    a part of a snapshot that is too large for one item
//   account_…#chain        0000000001                    an entry of the chain that vouches for the account's snapshots
//   accounts               account_…                     an account, and the slot of its first record
//   assets                 btc 2026-11-23T10:00:00.000Z  what an asset is, since that slot

/** Grows when items are written in another way. */
const SCHEMA_VERSION = 1;

export const COMPLETE = "complete";
export const FAILED = "failed";
export const STATUS = "status";

export function keyOf(partition: string, sort: string): Item {
  return {
    [TABLE_KEYS.partition]: string(partition),
    [TABLE_KEYS.sort]: string(sort),
  };
}

/** Where the parts of a snapshot stand: `id` sets the parts of one attempt apart from those of another. */
export function partsOf(accountId: string, slot: Slot, id: string): { partition: string; sortPrefix: string } {
  return { partition: `${accountId}#parts`, sortPrefix: `${slot}#${id}#` };
}

/** Where the balances of a snapshot's item are: in the item itself, or in so many parts under an id. */
type Placement =
  | { readonly balances: AttributeValue }
  | { readonly parts: { readonly count: number; readonly id: string } };

/** The item of one part of a snapshot's balances; `index` from 0. */
export function encodePart(of: SnapshotSummary, partsId: string, index: number, balances: AttributeValue): Item {
  const { partition, sortPrefix } = partsOf(of.accountId, of.slot, partsId);
  return { ...keyOf(partition, `${sortPrefix}${String(index).padStart(4, "0")}`), balances };
}

/**
 * The same item, free to be deleted so many days after its slot. The slot, for it is what a snapshot, its parts and a
 * failed attempt have in common, and what a later attempt at the same slot does not move.
 */
export function expiring(item: Item, slot: Slot, days: number): Item {
  return { ...item, [EXPIRES_AT]: number(Math.ceil(Date.parse(slot) / 1000) + days * 86_400) };
}

/** The item of a complete snapshot. */
export function encodeSnapshot(snapshot: Snapshot, denominations: readonly string[], placement: Placement): Item {
  return {
    ...keyOf(snapshot.accountId, snapshot.slot),
    [STATUS]: string(COMPLETE),
    schemaVersion: number(SCHEMA_VERSION),
    trigger: string(snapshot.trigger),
    capturedAt: string(snapshot.capturedAt),
    completedAt: string(snapshot.completedAt),
    consistency: string(snapshot.consistency),
    pages: number(snapshot.pages),
    ...(snapshot.pageSize !== undefined && { pageSize: number(snapshot.pageSize) }),
    ...(snapshot.gone.length > 0 && { gone: list(snapshot.gone.map(string)) }),
    ...(snapshot.unsettled.length > 0 && { unsettled: list(snapshot.unsettled.map(string)) }),
    assets: number(snapshot.assets),
    totals: map([...snapshot.totals].map(([denomination, total]) => [denomination, encodeTotal(total)])),
    denominations: list(denominations.map(string)),
    ...("balances" in placement
      ? { balances: placement.balances }
      : { parts: number(placement.parts.count), partsId: string(placement.parts.id) }),
  };
}

function encodeTotal({ total, available, covers, of }: Total): AttributeValue {
  return map([
    ["total", string(total)],
    ["available", string(available)],
    ["covers", number(covers)],
    ["of", number(of)],
  ]);
}

function assertKnownSchema(item: Item): void {
  if (numberOf(item, "schemaVersion") > SCHEMA_VERSION) unreadable(item, "schemaVersion", "is newer than this program");
}

/** What a snapshot's item tells without its balances. */
export function decodeSummary(item: Item): SnapshotSummary {
  assertKnownSchema(item);
  return {
    accountId: stringOf(item, TABLE_KEYS.partition),
    slot: stringOf(item, TABLE_KEYS.sort),
    trigger: stringOf(item, "trigger") as Trigger,
    capturedAt: stringOf(item, "capturedAt"),
    completedAt: stringOf(item, "completedAt"),
    consistency: stringOf(item, "consistency") as Consistency,
    pages: numberOf(item, "pages"),
    pageSize: item["pageSize"] && numberOf(item, "pageSize"),
    gone: stringsOf(item, "gone"),
    unsettled: stringsOf(item, "unsettled"),
    assets: numberOf(item, "assets"),
    totals: new Map(
      Object.entries(recordOf(item, "totals")).map(([denomination, { M: total }]) => [
        denomination,
        total === undefined ? unreadable(item, `totals.${denomination}`) : decodeTotal(item, denomination, total),
      ]),
    ),
  };
}

function decodeTotal(item: Item, denomination: string, { total, available, covers, of }: Item): Total {
  if (total?.S === undefined || available?.S === undefined || covers?.N === undefined || of?.N === undefined) {
    return unreadable(item, `totals.${denomination}`);
  }
  return { total: total.S, available: available.S, covers: Number(covers.N), of: Number(of.N) };
}

/** The columns of the balances' texts, and where the balances are. */
export function decodePlacement(item: Item): {
  denominations: string[];
  parts?: { count: number; id: string };
} {
  const denominations = stringsOf(item, "denominations");
  if (item["partsId"] === undefined) return { denominations };
  return {
    denominations,
    parts: { count: numberOf(item, "parts"), id: stringOf(item, "partsId") },
  };
}

/** The item of a failed attempt. */
export function encodeFailure(attempt: FailedAttempt): Item {
  return {
    ...keyOf(attempt.accountId, attempt.slot),
    [STATUS]: string(FAILED),
    schemaVersion: number(SCHEMA_VERSION),
    trigger: string(attempt.trigger),
    code: string(attempt.code),
    message: string(attempt.message),
    ...(attempt.correlationId !== undefined && {
      correlationId: string(attempt.correlationId),
    }),
    attempts: number(attempt.attempts),
    lastTriedAt: string(attempt.lastTriedAt),
  };
}

/** What an item under an account's key and a slot says. */
export function decodeRecord(item: Item): SlotRecord {
  if (stringOf(item, STATUS) === COMPLETE) return { status: "complete", summary: decodeSummary(item) };
  assertKnownSchema(item);
  const attempt = {
    accountId: stringOf(item, TABLE_KEYS.partition),
    slot: stringOf(item, TABLE_KEYS.sort),
    trigger: stringOf(item, "trigger") as Trigger,
    code: stringOf(item, "code"),
    message: stringOf(item, "message"),
    correlationId: item["correlationId"]?.S,
    attempts: numberOf(item, "attempts"),
    lastTriedAt: stringOf(item, "lastTriedAt"),
  };
  return { status: "failed", attempt };
}
