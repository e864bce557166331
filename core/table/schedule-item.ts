import type { ScheduleSettings, ScheduleVersion } from "../domain/history-source.ts";
import { isSlot, type Slot } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { assertKnownFormat, type Item, number, numberOf, stringOf, strings, unreadable } from "./attributes.ts";
import { CATALOG_PARTITION, CATALOG_PREFIXES, keyOf } from "./keys.ts";

/** The sort key has the name of the API key, because several keys can have a new schedule at the same instant. */
export function encodeSchedule(schedule: ScheduleSettings, since: Slot): Item {
  const { key, expression, timezone, latenessLimitMs, maxRunMs } = schedule;
  const at = key === undefined ? since : `${since} ${key}`;
  return {
    ...keyOf(CATALOG_PARTITION, `${CATALOG_PREFIXES.schedules}${at}`),
    ...strings({ expression, timezone }),
    latenessLimitMs: number(latenessLimitMs),
    ...(maxRunMs !== undefined && { maxRunMs: number(maxRunMs) }),
  };
}

export function decodeSchedule(item: Item): ScheduleVersion {
  assertKnownFormat(item);
  return {
    expression: stringOf(item, "expression"),
    timezone: stringOf(item, "timezone"),
    latenessLimitMs: numberOf(item, "latenessLimitMs"),
    ...(item["maxRunMs"] !== undefined && { maxRunMs: numberOf(item, "maxRunMs") }),
    ...versionOf(item),
  };
}

/** The greatest limit that the configuration accepts: with a lower one, readers could overlook a late snapshot. */
const MAX_LATENESS_MS = 366 * 86_400_000;

/**
 * Returns the schedule of an item that cannot be read: it is in force since the slot in the key, and its slots are unknown.
 * Without it, readers would assume that the schedule before it was still in force.
 */
export function unknownSchedule(item: Item): ScheduleVersion {
  const limit = Number(item["latenessLimitMs"]?.N);
  const latenessLimitMs = Number.isSafeInteger(limit) ? limit : MAX_LATENESS_MS;
  return { expression: "", timezone: "UTC", latenessLimitMs, ...versionOf(item) };
}

function versionOf(item: Item): Pick<ScheduleVersion, "since" | "key"> {
  const [since = "", key] = stringOf(item, TABLE_KEYS.sort).slice(CATALOG_PREFIXES.schedules.length).split(" ");
  return { since: isSlot(since) ? since : unreadable(item, TABLE_KEYS.sort), ...(key !== undefined && { key }) };
}
