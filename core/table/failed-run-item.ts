import { randomUUID } from "node:crypto";
import type { FailedRun } from "../domain/failed-run.ts";
import type { SlotRange } from "../domain/history-source.ts";
import { parseSlot, slotAt, type Trigger } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, instantOf, list, number, string, stringOf, stringsOf, unreadable } from "./attributes.ts";
import { keyOf, RUNS_PARTITION } from "./keys.ts";
import { assertKnownSchema, SCHEMA_VERSION } from "./snapshot-item.ts";
import type { PartitionQuery } from "./table.ts";

/** Sorts right after `#`, which follows the slot in the sort key. */
const AFTER_SEPARATOR = "$";

/** A random id in the key distinguishes the attempts at a slot, so that no record replaces another. */
export function encodeFailedRun(run: FailedRun): Item {
  const { slot, trigger, scope, code, message, suggestedFix, correlationId, failedAt } = run;
  return {
    ...keyOf(RUNS_PARTITION, `${slot}#${randomUUID()}`),
    schemaVersion: number(SCHEMA_VERSION),
    trigger: string(trigger),
    scope: scope === "all" ? string(scope) : list(scope.map(string)),
    code: string(code),
    message: string(message),
    ...(suggestedFix !== undefined && { suggestedFix: string(suggestedFix) }),
    ...(correlationId !== undefined && { correlationId: string(correlationId) }),
    failedAt: string(failedAt),
  };
}

export function decodeFailedRun(item: Item): FailedRun {
  assertKnownSchema(item);
  const [slot = ""] = stringOf(item, TABLE_KEYS.sort).split("#");
  return {
    slot: parseSlot(slot) === slot ? slot : unreadable(item, TABLE_KEYS.sort),
    trigger: stringOf(item, "trigger") as Trigger,
    scope: scopeOf(item),
    code: stringOf(item, "code"),
    message: stringOf(item, "message"),
    suggestedFix: item["suggestedFix"]?.S,
    correlationId: item["correlationId"]?.S,
    failedAt: instantOf(item, "failedAt"),
  };
}

/** A scope that is missing must not read as "no accounts". */
function scopeOf(item: Item): FailedRun["scope"] {
  if (item["scope"]?.S === "all") return "all";
  return item["scope"]?.L === undefined ? unreadable(item, "scope") : stringsOf(item, "scope");
}

/** Selects the runs that failed for the slots of a range, with one query. */
export function failedRunsIn({ from, to }: SlotRange): PartitionQuery {
  const values = { ":from": slotAt(from), ":to": `${slotAt(to)}${AFTER_SEPARATOR}` };
  return { partition: RUNS_PARTITION, sort: { condition: "#sort BETWEEN :from AND :to", values } };
}

/** Selects the runs that failed, newest slot first. */
export function failedRunsBack(to: number): PartitionQuery {
  const values = { ":to": `${slotAt(to)}${AFTER_SEPARATOR}` };
  return { partition: RUNS_PARTITION, sort: { condition: "#sort <= :to", values }, descending: true };
}
