import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import type { ChainUpdate } from "../../../core/domain/ports.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import { type Head, NO_PREVIOUS } from "../../../core/integrity/entry.ts";
import type { IntegrityFinding } from "../../../core/integrity/integrity-finding.ts";
import { type Verification, verifyAccount } from "../../../core/integrity/verify.ts";
import { ChainReader } from "../../../core/table/chain-reader.ts";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { type Accounts, type Items, remove } from "../../support/tampering.ts";
import { amountsOf, snapshotWith } from "../domain/snapshots.ts";
import { newAccount, type RawItem, startTestTable, type TestTable } from "../table/embedded.ts";

export const HOUR = 3_600_000;
/** The hour at which such histories are verified. */
export const NOW = 7;
export const START = Date.parse("2026-11-01T00:00:00.000Z");

/** The slot of an hour. */
export const hour = (at: number) => slotAt(START + at * HOUR);

/** What was held in an hour: never the same. */
export function snapshotAt(accountId: string, at: number, changes: Partial<Snapshot> = {}): Snapshot {
  const held = { btc: { btc: ["1.5", `2.${at}`], usd: ["10", `20.${at}`] }, doge: { doge: ["7", "7"] } } as const;
  return { ...snapshotWith(held, { accountId, slot: hour(at) }), ...changes };
}

/** A snapshot of an hour that needs several items. */
export function largeSnapshotAt(accountId: string, at: number): Snapshot {
  const balances = Array.from({ length: 2000 }, (_, i) => {
    const symbol = `0x${i.toString(16).padStart(40, "0")}`;
    return [symbol, amountsOf({ [symbol]: ["9".repeat(60), `${at}.${"9".repeat(60)}`] })] as const;
  });
  return snapshotWith(new Map(balances), { accountId, slot: hour(at) });
}

/** How a run of an hour catches up. */
export function catchUpAt(at: number, changes: Partial<ChainUpdate> = {}): ChainUpdate {
  return { now: START + at * HOUR + 5000, latenessLimitMs: HOUR, signal: new AbortController().signal, ...changes };
}

/** Saves and enters a snapshot of each hour, as runs do. */
export async function writeHours(store: TableStore, accountId: string, hours: readonly number[]): Promise<void> {
  for (const at of hours) {
    await store.save(snapshotAt(accountId, at), []);
    await store.appendMissingEntries(accountId, catchUpAt(at));
  }
}

export const newStore = (table: TestTable, retentionDays?: number) =>
  new TableStore(new Table(table.client, table.name), retentionDays);

/** Accounts whose histories were written as runs do, all that the table has then, and the heads of their chains. */
export interface Written {
  readonly table: TestTable;
  readonly accounts: Accounts;
  readonly ids: readonly string[];
  readonly honest: Items;
  readonly heads: readonly Head[];
}

/** Six hours of two accounts. */
export async function writeTwoAccounts(): Promise<Written> {
  const [one, other] = [newAccount(), newAccount()];
  return write([one, other], { one, other, large: "" }, async (store) => {
    for (const id of [one, other]) await writeHours(store, id, [0, 1, 2, 3, 4, 5]);
  });
}

/** Two hours of an account whose first snapshot is in parts. */
export async function writeLargeAccount(): Promise<Written> {
  const large = newAccount();
  return write([large], { one: "", other: "", large }, async (store) => {
    await store.save(largeSnapshotAt(large, 0), []);
    await store.appendMissingEntries(large, catchUpAt(0));
    await writeHours(store, large, [1]);
  });
}

async function write(
  ids: readonly string[],
  accounts: Accounts,
  work: (store: TableStore) => Promise<void>,
): Promise<Written> {
  const table = await startTestTable();
  await work(newStore(table));
  const reader = new ChainReader(new Table(table.client, table.name));
  const heads = await Promise.all(ids.map((id) => reader.head(id, hour(NOW))));
  return { table, accounts, ids, honest: await table.items(), heads: heads.filter((head) => head !== undefined) };
}

/** What is found in such a table, in all its accounts, when it holds other items than it did. */
export async function findIn(
  written: Written,
  items: Items,
  anchors: readonly Head[] = [],
): Promise<IntegrityFinding[]> {
  const { table, honest, ids } = written;
  const ofAccount = (id: string) => anchors.filter(({ accountId }) => accountId === id);
  const verifyAll = () => Promise.all(ids.map((id) => verifyAt(table, id, NOW, ofAccount(id))));
  return (await withItems(table, honest, items, verifyAll)).flatMap(({ findings }) => findings);
}

/** Verifies an account's history. @param at the hour at which that is done */
export function verifyAt(
  table: TestTable,
  accountId: string,
  at: number,
  anchors: readonly Head[] = [],
): Promise<Verification> {
  return verifyAccount(new ChainReader(new Table(table.client, table.name)), accountId, anchors, START + at * HOUR);
}

/** The entries of an account, in short: the hour each speaks of. Throws where they do not follow each other. */
export async function chainedHours(table: TestTable, accountId: string): Promise<number[]> {
  const items = await table.itemsUnder(`${accountId}#chain`);
  let before = NO_PREVIOUS;
  return items.map((item, at) => {
    if (Number(text(item, "slot")) !== at + 1 || text(item, "previous") !== before) throw new Error("a fork or a gap");
    before = text(item, "hash");
    return Math.round((Date.parse(text(item, "forSlot")) - START) / HOUR);
  });
}

export function text(item: RawItem | undefined, name: string): string {
  return item?.[name]?.S ?? "";
}

/** Does some work on a table that holds other items than it does, and puts it back. */
export async function withItems<T>(table: TestTable, honest: Items, items: Items, work: () => Promise<T>): Promise<T> {
  await become(table, honest, items);
  try {
    return await work();
  } finally {
    await become(table, items, honest);
  }
}

async function become(table: TestTable, from: Items, to: Items): Promise<void> {
  const texts = new Set(from.map((item) => JSON.stringify(item)));
  for (const { account, slot } of remove(from, ...to)) {
    if (account === undefined || slot === undefined) throw new Error("an item without its key");
    await table.client.send(new DeleteItemCommand({ TableName: table.name, Key: { account, slot } }));
  }
  for (const item of to) if (!texts.has(JSON.stringify(item))) await table.put(item);
}
