import type { ScheduleSettings, ScheduleVersion } from "../domain/history-source.ts";
import { isSlot, type Slot } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, number, numberOf, stringOf, strings, unreadable } from "./attributes.ts";
import { CATALOG_PARTITION, CATALOG_PREFIXES, keyOf } from "./keys.ts";

export function encodeSchedule({ expression, timezone, latenessLimitMs }: ScheduleSettings, since: Slot): Item {
  return {
    ...keyOf(CATALOG_PARTITION, `${CATALOG_PREFIXES.schedules}${since}`),
    ...strings({ expression, timezone }),
    latenessLimitMs: number(latenessLimitMs),
  };
}

export function decodeSchedule(item: Item): ScheduleVersion {
  return {
    expression: stringOf(item, "expression"),
    timezone: stringOf(item, "timezone"),
    latenessLimitMs: numberOf(item, "latenessLimitMs"),
    since: sinceOf(item),
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
  return { expression: "", timezone: "UTC", latenessLimitMs, since: sinceOf(item) };
}

function sinceOf(item: Item): Slot {
  const since = stringOf(item, TABLE_KEYS.sort).slice(CATALOG_PREFIXES.schedules.length);
  return isSlot(since) ? since : unreadable(item, TABLE_KEYS.sort);
}
