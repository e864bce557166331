import { randomUUID } from "node:crypto";
import type { FailedRun } from "../domain/failed-run.ts";
import { isSlot, slotAt } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, instantOf, list, string, stringOf, stringsOf, unreadable } from "./attributes.ts";
import { keyOf, RUNS_PARTITION } from "./keys.ts";
import { decodeFailure, encodeFailure } from "./snapshot-item.ts";
import type { PartitionQuery } from "./table.ts";

/** Sorts right after `#`, which follows the slot in the sort key. */
const AFTER_SEPARATOR = "$";

/** A random id in the key distinguishes the attempts at a slot, so that no record replaces another. */
export function encodeFailedRun(run: FailedRun): Item {
  const { slot, scope, failedAt } = run;
  return {
    ...keyOf(RUNS_PARTITION, `${slot}#${randomUUID()}`),
    ...encodeFailure(run),
    scope: scope === "all" ? string(scope) : list(scope.map(string)),
    failedAt: string(failedAt),
  };
}

export function decodeFailedRun(item: Item): FailedRun {
  const [slot = ""] = stringOf(item, TABLE_KEYS.sort).split("#");
  return {
    ...decodeFailure(item),
    slot: isSlot(slot) ? slot : unreadable(item, TABLE_KEYS.sort),
    scope: scopeOf(item),
    failedAt: instantOf(item, "failedAt"),
  };
}

/** A scope that is missing must not read as "no accounts". */
function scopeOf(item: Item): FailedRun["scope"] {
  if (item["scope"]?.S === "all") return "all";
  return item["scope"]?.L === undefined ? unreadable(item, "scope") : stringsOf(item, "scope");
}

/** Selects the runs that failed for slots up to `to`. @param from milliseconds since 1970; `undefined`: the first slot */
export function failedRunsUpTo(to: number, from?: number): PartitionQuery {
  const first = from === undefined ? undefined : slotAt(from);
  return { partition: RUNS_PARTITION, from: first, to: `${slotAt(to)}${AFTER_SEPARATOR}` };
}
