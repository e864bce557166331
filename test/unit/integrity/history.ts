import type { ChainUpdate } from "../../../core/domain/ports.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import { type Head, NO_PREVIOUS } from "../../../core/integrity/entry.ts";
import type { IntegrityFinding } from "../../../core/integrity/integrity-finding.ts";
import { type Verification, verifyAccount } from "../../../core/integrity/verify.ts";
import { ChainReader } from "../../../core/table/chain-reader.ts";
import type { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { type Accounts, type Items, remove } from "../../support/tampering.ts";
import { amountsOf, snapshotWith } from "../domain/snapshots.ts";
import {
  type AnyTable,
  type MemoryTable,
  newAccount,
  newStore,
  type RawItem,
  type ReadableTable,
  startTestTable,
  type TestTable,
  tableOf,
} from "../table/embedded.ts";

export const HOUR = 3_600_000;
/** The hour at which the histories are verified. */
export const NOW = 7;
export const START = Date.parse("2026-11-01T00:00:00.000Z");

export const HOURLY = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: HOUR };

/** Returns the slot of an hour. */
export const hour = (at: number) => slotAt(START + at * HOUR);

/** Returns a snapshot of an hour. Its amounts differ from those of every other hour. */
export function snapshotAt(accountId: string, at: number, changes: Partial<Snapshot> = {}): Snapshot {
  const held = { btc: { btc: ["1.5", `2.${at}`], usd: ["10", `20.${at}`] }, doge: { doge: ["7", "7"] } } as const;
  const completed = changes.capturedAt && { completedAt: slotAt(Date.parse(changes.capturedAt) + 1111) };
  return { ...snapshotWith(held, { accountId, slot: hour(at) }), ...completed, ...changes };
}

/** Returns a snapshot of an hour that needs several items. */
export function largeSnapshotAt(accountId: string, at: number): Snapshot {
  const balances = Array.from({ length: 100 }, (_, i) => {
    const symbol = `0x${i.toString(16).padStart(40, "0")}`;
    return [symbol, amountsOf({ [symbol]: ["9".repeat(2000), `${at}.${"9".repeat(2000)}`] })] as const;
  });
  return snapshotWith(new Map(balances), { accountId, slot: hour(at) });
}

/** Returns the settings with which a run of an hour updates a chain. */
export function updateAt(at: number, changes: Partial<ChainUpdate> = {}): ChainUpdate {
  return { now: START + at * HOUR + 5000, latenessLimitMs: HOUR, signal: new AbortController().signal, ...changes };
}

/** Stores and chains a snapshot with the same calls as a run. */
export async function take(store: TableSnapshotStore, snapshot: Snapshot, update: ChainUpdate): Promise<void> {
  const { accountId, slot } = snapshot;
  const { current, previous } = await store.readSlot(accountId, slot);
  const saved = current?.status === "complete" ? undefined : await store.save(snapshot, []);
  if (saved === undefined) await store.appendMissingEntries(accountId, update, slot);
  else await store.appendEntry(saved, previous, update);
}

/** Stores and chains the snapshot of an hour, in a run that found the snapshot of the hour `previous` before. */
export async function append(store: TableSnapshotStore, accountId: string, at: number, previous: number) {
  const saved = await store.save(snapshotAt(accountId, at), []);
  if (saved === undefined) throw new Error("The slot is complete already.");
  await store.appendEntry(saved, { slot: hour(previous), trigger: "schedule" }, updateAt(at));
}

/** Stores and chains a snapshot of each hour. */
export async function writeHours(
  store: TableSnapshotStore,
  accountId: string,
  hours: readonly number[],
): Promise<void> {
  for (const at of hours) await take(store, snapshotAt(accountId, at), updateAt(at));
}

/** Accounts with intact histories, all items of their table, and the heads of their chains. */
export interface Written<Table extends AnyTable = TestTable> {
  readonly table: Table;
  readonly accounts: Accounts;
  readonly ids: readonly string[];
  readonly intact: Items;
  readonly heads: readonly Head[];
}

/** Writes six hours of two accounts, the second one with a retention. */
export async function writeTwoAccounts(): Promise<Written> {
  return writeTwoAccountsTo(await startTestTable());
}

export async function writeTwoAccountsTo<Of extends AnyTable>(table: Of): Promise<Written<Of>> {
  const [one, other] = [newAccount(), newAccount()];
  return write(table, [one, other], { one, other, large: "" }, async () => {
    await writeHours(newStore(table), one, [0, 1, 2, 3, 4, 5]);
    await writeHours(newStore(table, 400), other, [0, 1, 2, 3, 4, 5]);
  });
}

/** Writes two hours of an account whose first snapshot is in parts. */
export async function writeLargeAccount(): Promise<Written<MemoryTable>> {
  const [table, large] = [tableOf([]), newAccount()];
  return write(table, [large], { one: "", other: "", large }, async () => {
    await take(newStore(table), largeSnapshotAt(large, 0), updateAt(0));
    await writeHours(newStore(table), large, [1]);
  });
}

async function write<Of extends AnyTable>(
  table: Of,
  ids: readonly string[],
  accounts: Accounts,
  work: () => Promise<void>,
): Promise<Written<Of>> {
  await newStore(table).registerSchedule(HOURLY, hour(0), hour(0));
  await work();
  const reader = new ChainReader(new Table(table.client, table.name));
  const heads = await Promise.all(ids.map((id) => reader.head(id, hour(NOW))));
  return { table, accounts, ids, intact: await table.items(), heads: heads.filter((head) => head !== undefined) };
}

/** Returns the findings in the accounts of the catalog and of the heads, if the table held the given items. */
export async function findIn(items: Items, anchors: readonly Head[] = [], at = NOW): Promise<IntegrityFinding[]> {
  const ofAccount = (id: string) => anchors.filter(({ accountId }) => accountId === id);
  const table = tableOf(items);
  const { accounts } = await new ChainReader(new Table(table.client, table.name)).catalog();
  const ids = new Set([...accounts.keys(), ...anchors.map(({ accountId }) => accountId)]);
  const verified = await Promise.all([...ids].map((id) => verifyAt(table, id, at, ofAccount(id))));
  return verified.flatMap(({ findings }) => findings);
}

/** Verifies an account's history. @param at the hour of the verification */
export async function verifyAt(
  { client, name }: ReadableTable,
  accountId: string,
  at: number,
  anchors: readonly Head[] = [],
): Promise<Verification> {
  const reader = new ChainReader(new Table(client, name));
  return verifyAccount(reader, accountId, { ...(await factsOf(reader, accountId)), anchors, now: START + at * HOUR });
}

/** Returns what the catalog states about an account. */
export async function factsOf(reader: ChainReader, accountId: string) {
  const { accounts, schedules } = await reader.catalog();
  return { activity: accounts.get(accountId), schedules };
}

/** Returns the hour of each entry of an account's chain. Throws if the chain has a fork or a gap. */
export async function chainedHours(table: AnyTable, accountId: string): Promise<number[]> {
  const items = await table.itemsUnder(`${accountId}#chain`);
  let before = NO_PREVIOUS;
  return items.map((item, at) => {
    if (Number(text(item, "slot")) !== at + 1 || text(item, "previous") !== before)
      throw new Error("The chain has a fork or a gap.");
    before = text(item, "hash");
    return Math.round((Date.parse(text(item, "forSlot")) - START) / HOUR);
  });
}

export function text(item: RawItem | undefined, name: string): string {
  return item?.[name]?.S ?? "";
}

/** Replaces the items of a table while `work` runs. */
export async function withItems<T>(table: TestTable, intact: Items, items: Items, work: () => Promise<T>): Promise<T> {
  await replaceItems(table, intact, items);
  try {
    return await work();
  } finally {
    await replaceItems(table, items, intact);
  }
}

async function replaceItems(table: TestTable, from: Items, to: Items): Promise<void> {
  const texts = new Set(from.map((item) => JSON.stringify(item)));
  for (const item of remove(from, ...to)) await table.remove(item);
  for (const item of to) if (!texts.has(JSON.stringify(item))) await table.put(item);
}

export { newStore };
