import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { SlotRecord } from "../domain/ports.ts";
import { isSlot, type Slot, type Trigger } from "../domain/slot.ts";
import type { Consistency, FailedAttempt, Failure, Snapshot, SnapshotSummary } from "../domain/snapshot.ts";
import { denominationsOf, type Total } from "../domain/totals.ts";
import { EXPIRES_AT, TABLE_KEYS } from "../names/table-keys.ts";
import {
  assertKnownFormat,
  FORMAT_ATTRIBUTE,
  type Item,
  instantOf,
  list,
  map,
  mapOf,
  number,
  numberOf,
  sortedEntries,
  string,
  stringOf,
  strings,
  stringsOf,
  unreadable,
} from "./attributes.ts";
import { decodeBalances, encodeBalances } from "./balances.ts";
import { COMPLETE, FAILED, keyOf, STATUS } from "./keys.ts";

/** The format of snapshots, failed attempts and failed runs. It increases only when one of them changes. */
const ITEM_FORMAT = 1;

export function encodeSnapshot(snapshot: Snapshot): Item {
  const denominations = denominationsOf(snapshot.balances);
  const { trigger, capturedAt, completedAt, consistency, passes, pages, hidden, assets, fiat } = snapshot;
  return {
    ...keyOf(snapshot.accountId, snapshot.slot),
    ...strings({ [STATUS]: COMPLETE, trigger, capturedAt, completedAt, consistency }),
    [FORMAT_ATTRIBUTE]: number(ITEM_FORMAT),
    passes: number(passes),
    pages: number(pages),
    ...(hidden > 0 && { hidden: number(hidden) }),
    assets: number(assets),
    totals: map([...snapshot.totals].map(([denomination, total]) => [denomination, encodeTotal(total)])),
    denominations: list(denominations.map(string)),
    ...(fiat.length > 0 && { fiat: list(fiat.map(string)) }),
    balances: encodeBalances(snapshot, denominations),
  };
}

function encodeTotal({ total, available, covers, of }: Total): AttributeValue {
  return { M: { ...strings({ total, available }), covers: number(covers), of: number(of) } };
}

export function encodeAttempt(attempt: FailedAttempt): Item {
  return {
    ...keyOf(attempt.accountId, attempt.slot),
    ...strings({ [STATUS]: FAILED, lastTriedAt: attempt.lastTriedAt }),
    ...encodeFailure(attempt),
    attempts: number(attempt.attempts),
  };
}

/** Encodes what a failed attempt and a failed run have in common, except for the slot. */
export function encodeFailure({ trigger, code, message, suggestedFix, correlationId }: Failure): Item {
  return {
    [FORMAT_ATTRIBUTE]: number(ITEM_FORMAT),
    ...strings({ trigger, code, message, suggestedFix, correlationId }),
  };
}

export function decodeFailure(item: Item): Omit<Failure, "slot"> {
  assertFormat(item);
  return {
    trigger: stringOf(item, "trigger") as Trigger,
    code: stringOf(item, "code"),
    message: stringOf(item, "message"),
    suggestedFix: item["suggestedFix"]?.S,
    correlationId: item["correlationId"]?.S,
  };
}

/**
 * Returns the item with the attribute that lets DynamoDB delete it `days` days after its slot. The slot counts, because a
 * snapshot, its parts and a failed attempt share it, and a later attempt does not move it.
 */
export function withExpiry(item: Item, slot: Slot, days: number): Item {
  return { ...item, [EXPIRES_AT]: number(Math.ceil(Date.parse(slot) / 1000) + days * 86_400) };
}

/** Returns when DynamoDB may delete a snapshot, in the format of a slot. @throws StoreError `item_unreadable` */
export function keptUntilOf(item: Item): string | undefined {
  if (item[EXPIRES_AT] === undefined) return undefined;
  const until = new Date(numberOf(item, EXPIRES_AT) * 1000);
  const text = Number.isNaN(until.getTime()) ? "" : until.toISOString();
  return isSlot(text) ? text : unreadable(item, EXPIRES_AT);
}

/** Decodes the item of a slot: a complete snapshot without its balances, or a failed attempt. */
export function decodeRecord(item: Item): SlotRecord {
  assertFormat(item);
  if (stringOf(item, STATUS) === COMPLETE) return { status: "complete", summary: decodeSummary(item) };
  const attempt = {
    accountId: stringOf(item, TABLE_KEYS.partition),
    slot: stringOf(item, TABLE_KEYS.sort),
    ...decodeFailure(item),
    attempts: numberOf(item, "attempts"),
    lastTriedAt: stringOf(item, "lastTriedAt"),
  };
  return { status: "failed", attempt };
}

/** Decodes a complete snapshot. @param whole the item with all its balances, see `readWholeItem` */
export function decodeSnapshot(whole: Item): Snapshot {
  assertFormat(whole);
  const summary = decodeSummary(whole);
  const held = decodeBalances(whole, stringsOf(whole, "denominations"));
  return held.balances.size === summary.assets
    ? { ...summary, ...held, fiat: stringsOf(whole, "fiat") }
    : unreadable(whole, "balances");
}

/** Every item of these kinds states its format. @throws StoreError `item_unreadable` */
function assertFormat(item: Item): void {
  numberOf(item, FORMAT_ATTRIBUTE);
  assertKnownFormat(item);
}

function decodeSummary(item: Item): SnapshotSummary {
  return {
    accountId: stringOf(item, TABLE_KEYS.partition),
    slot: stringOf(item, TABLE_KEYS.sort),
    trigger: stringOf(item, "trigger") as Trigger,
    capturedAt: instantOf(item, "capturedAt"),
    completedAt: instantOf(item, "completedAt"),
    consistency: stringOf(item, "consistency") as Consistency,
    passes: numberOf(item, "passes"),
    pages: numberOf(item, "pages"),
    hidden: item["hidden"] === undefined ? 0 : numberOf(item, "hidden"),
    assets: numberOf(item, "assets"),
    totals: new Map(
      sortedEntries(mapOf(item, "totals")).map(([denomination, { M: total }]) => [
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
