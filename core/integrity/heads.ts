import { parseSlot } from "../domain/slot.ts";
import type { Head } from "./entry.ts";

/** Heads as they are kept elsewhere: a line of JSON each. */
export function headLines(heads: readonly Head[]): string {
  return heads.map((head) => `${JSON.stringify(head)}\n`).join("");
}

/** A line of such a text; `undefined` for anything else. Further fields may come. */
export function parseHead(line: string): Head | undefined {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof given !== "object" || given === null) return undefined;
  const { accountId, sequence, slot, hash, at } = given as Record<string, unknown>;
  const isHead =
    typeof accountId === "string" &&
    typeof sequence === "number" &&
    Number.isSafeInteger(sequence) &&
    sequence > 0 &&
    typeof hash === "string" &&
    /^[0-9a-f]{64}$/.test(hash) &&
    isInstant(slot) &&
    isInstant(at);
  return isHead ? { accountId, sequence, slot, hash, at } : undefined;
}

function isInstant(given: unknown): given is string {
  return typeof given === "string" && parseSlot(given) === given;
}
