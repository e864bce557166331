import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { encodeParts } from "../../core/table/parts.ts";
import type { RawItem } from "../unit/table/embedded.ts";
import { CUSTODY } from "./example-table.ts";

// A dump has one item per line, in DynamoDB's JSON, in the order of the keys. Nobody changes the dump of a format after its release.

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** The formats that have a dump, ascending. */
export const FORMATS = readdirSync(FOLDER)
  .flatMap((name) => /^format-(\d+)$/.exec(name)?.[1] ?? [])
  .map(Number)
  .sort((a, b) => a - b);

export const dumpOf = (format: number) => `${FOLDER}format-${format}/table.ndjson`;

export function readDump(format: number): RawItem[] {
  if (!existsSync(dumpOf(format))) return [];
  const lines = readFileSync(dumpOf(format), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as RawItem);
}

const keyOf = ({ account, slot }: RawItem) => `${account?.S} ${slot?.S}`;

/** Returns the text of a dump: the members of each item are in a fixed order, and ids that are random have fixed values. */
export function dumpText(items: readonly RawItem[]): string {
  let ids = 0;
  const id = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, "0")}`;
  const sorted = [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const lines = sorted.flatMap((item) => {
    if (item["account"]?.S === CUSTODY && item["balances"] !== undefined) return inParts(item, id());
    const slot = item["account"]?.S === "runs" ? item["slot"]?.S?.replace(/#.*/, `#${id()}`) : undefined;
    return [slot === undefined ? item : { ...item, slot: { S: slot } }];
  });
  const texts = lines.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).map((item) => JSON.stringify(ordered(item)));
  return `${texts.join("\n")}\n`;
}

/**
 * Splits the balances of a snapshot into two parts, as the job does with more than 300 KB, which would not fit into a readable dump.
 * The digest does not depend on that.
 */
function inParts({ balances, ...head }: RawItem, partsId: string): RawItem[] {
  const held = Object.entries(balances?.M ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const halves = [held.slice(0, 2), held.slice(2)].map((half): AttributeValue => ({ M: Object.fromEntries(half) }));
  const [accountId = "", slot = ""] = [head["account"]?.S, head["slot"]?.S];
  // Parts expire a month after their snapshot.
  const expiresAt =
    head["expiresAt"]?.N === undefined ? {} : { expiresAt: { N: `${Number(head["expiresAt"].N) + 30 * 86_400}` } };
  const parts = encodeParts({ accountId, slot }, partsId, halves).map((part) => ({ ...part, ...expiresAt }));
  return [{ ...head, parts: { N: String(parts.length) }, partsId: { S: partsId } }, ...parts];
}

/** Returns a value whose members are in alphabetical order, the keys of an item first. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const rank = (name: string) => (name === "account" ? 0 : name === "slot" ? 1 : 2);
  const members = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, ordered(member)]));
}
