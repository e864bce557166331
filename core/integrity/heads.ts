import { isSlot } from "../domain/slot.ts";
import { HEX_DIGEST, type Head } from "./entry.ts";

/** Returns the heads as JSON lines, the format in which they are stored outside the table. */
export function formatHeads(heads: readonly Head[]): string {
  return heads.map((head) => `${JSON.stringify(head)}\n`).join("");
}

/** Parses one line. Returns `undefined` if it is not a head; other fields are ignored. */
export function parseHead(line: string): Head | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { accountId, sequence, slot, hash, at } = value as Record<string, unknown>;
  const isHead =
    typeof accountId === "string" &&
    typeof sequence === "number" &&
    Number.isSafeInteger(sequence) &&
    sequence > 0 &&
    typeof hash === "string" &&
    HEX_DIGEST.test(hash) &&
    typeof slot === "string" &&
    isSlot(slot) &&
    typeof at === "string" &&
    isSlot(at);
  return isHead ? { accountId, sequence, slot, hash, at } : undefined;
}
