import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { digestOf } from "../../core/integrity/canonical.ts";
import { contentDigest, plainItem } from "../../core/table/digest.ts";

// What someone with write access can do to a table, as functions from its items to its items. They know the format as well
// as the program does.

export type RawItem = Record<string, AttributeValue>;
export type Items = readonly RawItem[];

/** Two accounts whose chains have six entries or more, and one whose first snapshot is in parts. */
export interface Accounts {
  readonly one: string;
  readonly other: string;
  readonly large: string;
}

export interface Tampering {
  readonly name: string;
  readonly tamper: (items: Items, accounts: Accounts) => Items;
  /** The findings and warnings without heads: code, and the number of the entry or of the snapshot, from 1. */
  readonly found: readonly string[];
  /** The additional findings with heads that were kept before. */
  readonly anchored: readonly string[];
}

export function tampering(
  name: string,
  tamper: Tampering["tamper"],
  found: readonly string[],
  anchored: readonly string[] = [],
): Tampering {
  return { name, tamper, found, anchored };
}

const keyOf = ({ account, slot }: RawItem) => `${account?.S} ${slot?.S}`;
const bySort = (a: RawItem, b: RawItem) => ((a["slot"]?.S ?? "") < (b["slot"]?.S ?? "") ? -1 : 1);
const under = (items: Items, partition: string) => items.filter(({ account }) => account?.S === partition).sort(bySort);

export const snapshotsOf = (items: Items, accountId: string) => under(items, accountId);
export const partsOf = (items: Items, accountId: string) => under(items, `${accountId}#parts`);
export const eventsOf = (items: Items, accountId: string) =>
  under(items, "catalog").filter(({ slot }) => slot?.S?.startsWith(`${accountId} `));
export const entriesOf = (items: Items, accountId: string) => under(items, `${accountId}#chain`);

/** Returns the items with some added or replaced. */
export function put(items: Items, ...changed: Items): Items {
  return [...new Map([...items, ...changed].map((item) => [keyOf(item), item])).values()];
}

export function remove(items: Items, ...removed: Items): Items {
  const keys = new Set(removed.map(keyOf));
  return items.filter((item) => !keys.has(keyOf(item)));
}

/** Returns the nth item, from 1. */
export function nth(items: Items, n: number): RawItem {
  const item = items[n - 1];
  if (item === undefined) throw new Error(`There is no item ${n}.`);
  return item;
}

/** Returns a snapshot with its digest recalculated. */
export function resealed(snapshot: RawItem): RawItem {
  return { ...snapshot, digest: { S: contentDigest(snapshot) } };
}

/** Returns an entry with its hash recalculated. */
export function rehashed(entry: RawItem): RawItem {
  return { ...entry, hash: { S: digestOf(plainItem(entry, ["hash"])) } };
}

/** Returns the entries with `previous` and `hash` recalculated, from the nth on. */
export function rechained(entries: Items, from: number): Items {
  const done = [...entries];
  for (let n = from; n <= entries.length; n++) {
    const previous = n === 1 ? { S: "0".repeat(64) } : nth(done, n - 1)["hash"];
    done[n - 1] = rehashed({ ...nth(done, n), ...(previous && { previous }) });
  }
  return done;
}

/** Returns a snapshot with another amount. */
export function richer(snapshot: RawItem): RawItem {
  return { ...snapshot, balances: { M: { ...snapshot["balances"]?.M, btc: { S: "1000000" } } } };
}

/** Returns the same content with another item's key. */
export function moved(item: RawItem, { account, slot }: RawItem): RawItem {
  return { ...item, ...(account && { account }), ...(slot && { slot }) };
}

/** Returns a copy of a snapshot, half an hour later. */
export function between(snapshot: RawItem): RawItem {
  const later = (name: string) => ({ S: (snapshot[name]?.S ?? "").replace(/:00:0/, ":30:0") });
  return resealed({
    ...snapshot,
    slot: later("slot"),
    capturedAt: later("capturedAt"),
    completedAt: later("completedAt"),
  });
}

/** Returns an entry changed so that it records a snapshot. */
export function entryFor(snapshot: RawItem, entry: RawItem): RawItem {
  const { slot, capturedAt, digest } = snapshot;
  return rehashed({ ...entry, ...(slot && capturedAt && digest && { forSlot: slot, capturedAt, digest }) });
}

/** Returns the next entry, for a snapshot. */
export function appended(entries: Items, snapshot: RawItem): RawItem {
  const last = nth(entries, entries.length);
  const slot = { S: String(entries.length + 1).padStart(10, "0") };
  return entryFor(snapshot, { ...last, slot, ...(last["hash"] && { previous: last["hash"] }) });
}
