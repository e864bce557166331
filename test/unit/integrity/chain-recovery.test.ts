import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { SavedSnapshot } from "../../../core/domain/ports.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { newAccount, startTestTable, type TestTable, watch } from "../table/embedded.ts";
import { chainedHours, hour, newStore, START, snapshotAt, updateAt, writeHours } from "./history.ts";

// Snapshots that lost their entry although the chain continued.

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table.close());

async function save(store: TableStore, snapshot: Snapshot): Promise<SavedSnapshot> {
  const saved = await store.save(snapshot, []);
  if (saved === undefined) throw new Error("the slot is complete already");
  return saved;
}

/** Returns a store whose puts fail while `failing` is true, and an account with a chained snapshot of hour 0. */
async function startInstance() {
  const accountId = newAccount();
  await writeHours(newStore(table), accountId, [0]);
  const client = table.anotherClient();
  const instance = { accountId, store: new TableStore(new Table(client, table.name)), failing: false };
  watch(client, (command) => instance.failing && command === "PutItemCommand");
  return instance;
}

it("recovers at the next append after a failed one, even if the chain ends with the previous slot", async () => {
  const instance = await startInstance();
  const { accountId, store } = instance;

  const second = await save(store, snapshotAt(accountId, 1));
  instance.failing = true;
  await expect(store.appendEntry(second, hour(0), updateAt(1))).rejects.toThrow("the process ended");
  instance.failing = false;
  const third = await save(store, snapshotAt(accountId, 2));
  // The third run read its previous slot before the second snapshot was saved.
  await store.appendEntry(third, hour(0), updateAt(2));

  expect(await chainedHours(table, accountId)).toEqual([0, 1, 2]);
});

it("recovers at the next append after a failed recovery", async () => {
  const instance = await startInstance();
  const { accountId, store } = instance;

  // A late slot, whose own put is found complete after a newer slot was chained.
  await store.appendEntry(await save(store, snapshotAt(accountId, 2)), hour(0), updateAt(2));
  await save(store, snapshotAt(accountId, 1));
  instance.failing = true;
  await expect(store.appendMissingEntries(accountId, updateAt(2), hour(1))).rejects.toThrow("the process ended");
  instance.failing = false;
  await store.appendEntry(await save(store, snapshotAt(accountId, 3)), hour(2), updateAt(3));

  expect(await chainedHours(table, accountId)).toEqual([0, 2, 1, 3]);
});

it("appends the snapshot of an old slot when its run is started again", async () => {
  const accountId = newAccount();
  const store = newStore(table);
  await writeHours(store, accountId, [0]);
  await store.save(snapshotAt(accountId, 1), []);
  // Hours later, a chain that continued without the snapshot.
  await store.appendEntry(await save(store, snapshotAt(accountId, 20)), hour(0), updateAt(20));

  await store.appendMissingEntries(accountId, updateAt(21), hour(1));

  expect(await chainedHours(table, accountId)).toEqual([0, 20, 1]);
});

it("does not report an altered snapshot that is in the chain already", async () => {
  const accountId = newAccount();
  const store = newStore(table);
  const minute = (at: number) => slotAt(START + at * 60_000);
  for (let at = 0; at <= 60; at += 5) {
    const saved = await save(store, snapshotAt(accountId, 0, { slot: minute(at), capturedAt: minute(at) }));
    await store.appendEntry(saved, at === 0 ? undefined : minute(at - 5), updateAt(1));
  }
  const altered = (await table.itemsUnder(accountId)).find(({ slot }) => slot?.S === minute(10));
  await table.put({ ...altered, pages: { N: "2" } });

  await store.save(snapshotAt(accountId, 0, { slot: minute(65), capturedAt: minute(65) }), []);
  await store.appendMissingEntries(accountId, updateAt(2));

  expect(await table.itemsUnder(`${accountId}#chain`)).toHaveLength(14);
});
