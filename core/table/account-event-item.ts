import type { AccountEvent } from "../domain/account-activity.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { assertKnownFormat, type Item, instantOf, stringOf, strings, unreadable } from "./attributes.ts";
import { CATALOG_PARTITION, keyOf } from "./keys.ts";

/**
 * The sort key: an account's events are in the order of their slots, and an end precedes a start with the same slot. The slot
 * of a description is the instant at which it was registered.
 */
const SORT = /^(?<accountId>account_\S+) (?<slot>\S+) (?<event>pending|start|end|described)$/;

/** Returns the item of an event. Its key makes registering it twice harmless. */
export function encodeAccountEvent({ accountId, event, slot, at, ...facts }: AccountEvent): Item {
  const { name, type, owner, key, noKeySince, reason } = facts;
  return {
    ...keyOf(CATALOG_PARTITION, `${accountId} ${slot} ${event}`),
    ...strings({ at, name, type, owner, key, noKeySince, reason }),
  };
}

export function decodeAccountEvent(item: Item): AccountEvent {
  assertKnownFormat(item);
  const groups = SORT.exec(stringOf(item, TABLE_KEYS.sort))?.groups ?? unreadable(item, TABLE_KEYS.sort);
  return {
    accountId: groups["accountId"] ?? "",
    event: groups["event"] as AccountEvent["event"],
    slot: groups["slot"] ?? "",
    at: instantOf(item, "at"),
    name: item["name"]?.S?.trim() || undefined,
    type: item["type"]?.S,
    owner: item["owner"]?.S,
    key: item["key"]?.S,
    noKeySince: item["noKeySince"] && instantOf(item, "noKeySince"),
    reason: item["reason"]?.S,
  };
}
