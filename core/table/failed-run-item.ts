import { randomUUID } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { FailedRun } from "../domain/failed-run.ts";
import { isSlot, slotAt } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, instantOf, list, mapOf, string, stringOf, strings, stringsOf, unreadable } from "./attributes.ts";
import { keyOf, RUNS_PARTITION } from "./keys.ts";
import { decodeFailure, encodeFailure } from "./snapshot-item.ts";
import type { PartitionQuery } from "./table.ts";

/** Sorts right after `#`, which follows the slot in the sort key. */
const AFTER_SEPARATOR = "$";

/** An item holds 400 KB: about 8,500 account ids. A run that names more has several records. */
const MAX_IDS = 4_000;

/**
 * Encodes a failed run as one item, or several if it names thousands of accounts. A random id in the key distinguishes the
 * attempts at a slot, so that no record replaces another.
 */
export function encodeFailedRun(run: FailedRun): Item[] {
  const { slot, failedAt } = run;
  const keys = run.keys && { keys: list(run.keys.map(string)) };
  return encodeScope(run.scope).map((scope) => ({
    ...keyOf(RUNS_PARTITION, `${slot}#${randomUUID()}`),
    ...encodeFailure(run),
    ...strings({ key: run.key }),
    ...keys,
    scope,
    failedAt: string(failedAt),
  }));
}

function encodeScope(scope: FailedRun["scope"]): AttributeValue[] {
  if (scope === "all") return [string(scope)];
  if ("first" in scope) {
    const { first, last } = scope;
    return [{ M: strings({ first, last }) }];
  }
  const starts = Array.from({ length: Math.ceil(scope.length / MAX_IDS) }, (_, at) => at * MAX_IDS);
  return starts.map((start) => list(scope.slice(start, start + MAX_IDS).map(string)));
}

export function decodeFailedRun(item: Item): FailedRun {
  const [slot = ""] = stringOf(item, TABLE_KEYS.sort).split("#");
  return {
    ...decodeFailure(item),
    key: item["key"]?.S,
    ...(item["keys"] && { keys: stringsOf(item, "keys") }),
    slot: isSlot(slot) ? slot : unreadable(item, TABLE_KEYS.sort),
    scope: scopeOf(item),
    failedAt: instantOf(item, "failedAt"),
  };
}

/** A scope that is missing must not read as "no accounts". */
function scopeOf(item: Item): FailedRun["scope"] {
  if (item["scope"]?.S === "all") return "all";
  if (item["scope"]?.L !== undefined) return stringsOf(item, "scope");
  const { first, last } = mapOf(item, "scope");
  if (first?.S === undefined || last?.S === undefined) return unreadable(item, "scope");
  return { first: first.S, last: last.S };
}

/** Selects the runs that failed for slots up to `to`. @param from milliseconds since 1970; `undefined`: the first slot */
export function failedRunsUpTo(to: number, from?: number): PartitionQuery {
  const first = from === undefined ? undefined : slotAt(from);
  return { partition: RUNS_PARTITION, from: first, to: `${slotAt(to)}${AFTER_SEPARATOR}` };
}
