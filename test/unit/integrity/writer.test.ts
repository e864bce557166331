import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { slotAt } from "../../../core/domain/slot.ts";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { newAccount, type RawItem, startTestTable, type TestTable, watch } from "../table/embedded.ts";
import {
  catchUpAt,
  chainedHours,
  HOUR,
  hour,
  largeSnapshotAt,
  newStore,
  START,
  snapshotAt,
  text,
  verifyAt,
  writeHours,
} from "./history.ts";

let table: TestTable;
let store: TableStore;
beforeAll(async () => {
  table = await startTestTable();
  store = newStore(table);
});
afterAll(() => table.close());

describe("a run", () => {
  it("enters its snapshot: which, captured when, with which digest, behind which entry", async () => {
    const accountId = newAccount();

    await writeHours(store, accountId, [0, 1]);

    const [first, second, ...others] = await table.itemsUnder(`${accountId}#chain`);
    const snapshots = await table.itemsUnder(accountId);
    expect(others).toEqual([]);
    expect(first).toEqual({
      account: { S: `${accountId}#chain` },
      slot: { S: "0000000001" },
      forSlot: { S: hour(0) },
      capturedAt: { S: "2026-11-01T00:00:01.234Z" },
      digest: snapshots[0]?.["digest"],
      previous: { S: "0".repeat(64) },
      chainedAt: { S: "2026-11-01T00:00:05.000Z" },
      hash: { S: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(second).toMatchObject({
      slot: { S: "0000000002" },
      forSlot: { S: hour(1) },
      digest: snapshots[1]?.["digest"],
      previous: first?.["hash"],
    });
  });

  it("writes nothing where nothing is missing, in two requests", async () => {
    const accountId = newAccount();
    await writeHours(store, accountId, [0, 1, 2, 3]);
    const client = table.anotherClient();
    const sent = watch(client);

    await new TableStore(new Table(client, table.name)).appendMissingEntries(accountId, catchUpAt(3));

    expect(sent).toEqual(["QueryCommand", "QueryCommand"]);
  });

  it("needs three requests for its own snapshot, in a long history too", async () => {
    const accountId = newAccount();
    await writeHours(
      store,
      accountId,
      Array.from({ length: 30 }, (_, at) => at),
    );
    await store.save(snapshotAt(accountId, 30), []);
    const client = table.anotherClient();
    const sent = watch(client);

    await new TableStore(new Table(client, table.name)).appendMissingEntries(accountId, catchUpAt(30));

    expect(sent).toEqual(["QueryCommand", "QueryCommand", "PutItemCommand"]);
    expect(await chainedHours(table, accountId)).toHaveLength(31);
  });

  it("enters no failed attempt", async () => {
    const accountId = newAccount();
    await store.recordFailure({
      ...{ accountId, slot: hour(0), trigger: "schedule", code: "api_timeout", message: "It took too long." },
      ...{ attempts: 1, lastTriedAt: hour(0) },
    });

    await store.appendMissingEntries(accountId, catchUpAt(0));

    expect(await table.itemsUnder(`${accountId}#chain`)).toEqual([]);
  });

  it("enters a snapshot in parts by all its balances", async () => {
    const accountId = newAccount();
    const large = largeSnapshotAt(accountId, 0);

    await store.save(large, []);
    await store.appendMissingEntries(accountId, catchUpAt(0));

    const parts = await table.itemsUnder(`${accountId}#parts`);
    expect(parts.length).toBeGreaterThan(1);
    expect(await verifyAt(table, accountId, 1)).toMatchObject({ snapshots: 1, entries: 1, findings: [] });
  });

  it("says in the entry how long the snapshot is kept, and the entry itself stays for ever", async () => {
    const accountId = newAccount();

    await writeHours(newStore(table, 400), accountId, [0]);

    const [entry] = await table.itemsUnder(`${accountId}#chain`);
    expect(text(entry, "keptUntil")).toBe(slotAt(START + 400 * 24 * HOUR));
    expect(entry).not.toHaveProperty("expiresAt");
  });

  it("enters slots as they were captured, not as they are ordered", async () => {
    const accountId = newAccount();
    const late = (at: number, capturedAt: string) => snapshotAt(accountId, at, { capturedAt });
    await store.save(late(1, "2026-11-01T01:50:00.000Z"), []);
    await store.save(late(2, "2026-11-01T02:00:01.000Z"), []);
    await store.save(late(0, "2026-11-01T01:55:00.000Z"), []);

    await store.appendMissingEntries(accountId, catchUpAt(2));

    expect(await chainedHours(table, accountId)).toEqual([1, 0, 2]);
  });
});

function keyOf({ account, slot }: RawItem = {}) {
  if (account === undefined || slot === undefined) throw new Error("an item without its key");
  return { account, slot };
}

describe("a slot that comes after newer ones", () => {
  it("is entered, however many runs by hand came between", async () => {
    const accountId = newAccount();
    await writeHours(store, accountId, [0, 1]);
    // By hand, in the minutes after two o'clock; then the slot of two o'clock itself, at the schedule's third attempt.
    for (const minute of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      const slot = slotAt(START + 2 * HOUR + minute * 60_000);
      await store.save(snapshotAt(accountId, 2, { slot, capturedAt: slot }), []);
      await store.appendMissingEntries(accountId, catchUpAt(2, { now: Date.parse(slot) + 1000 }));
    }
    await store.save(snapshotAt(accountId, 2, { capturedAt: slotAt(START + 2 * HOUR + 11 * 60_000) }), []);

    await store.appendMissingEntries(accountId, catchUpAt(2, { now: START + 2 * HOUR + 12 * 60_000 }));

    const verification = await verifyAt(table, accountId, 3);
    expect(verification).toMatchObject({ snapshots: 13, entries: 13, findings: [] });
    expect(verification.head?.slot).toBe(hour(2));
  });

  it("is entered where a run by hand was captured after it, and chained before it", async () => {
    const accountId = newAccount();
    await writeHours(store, accountId, [0, 1]);
    // Captured in the last minute in which the slot may be served; it takes a quarter of an hour.
    await store.save(snapshotAt(accountId, 2, { capturedAt: slotAt(START + 3 * HOUR - 1000) }), []);
    const byHand = slotAt(START + 3 * HOUR + 600_000);
    await store.save(snapshotAt(accountId, 3, { slot: byHand, capturedAt: byHand }), []);
    const [unseen] = (await table.itemsUnder(accountId)).filter(({ slot }) => slot?.S === hour(2));
    await table.client.send(new DeleteItemCommand({ TableName: table.name, Key: keyOf(unseen) }));
    await store.appendMissingEntries(accountId, catchUpAt(3, { now: START + 3 * HOUR + 601_000 }));
    await table.put(unseen ?? {});

    await store.appendMissingEntries(accountId, catchUpAt(4));

    const verification = await verifyAt(table, accountId, 5);
    expect(verification).toMatchObject({ snapshots: 4, entries: 4, findings: [] });
    expect(verification.head?.slot).toBe(hour(2));
  });

  it("is entered where the limit of lateness is a day", async () => {
    const accountId = newAccount();
    await writeHours(store, accountId, [0, 24]);
    await store.save(snapshotAt(accountId, 2, { capturedAt: hour(25) }), []);

    await store.appendMissingEntries(accountId, catchUpAt(25, { latenessLimitMs: 24 * HOUR }));

    expect(await chainedHours(table, accountId)).toEqual([0, 24, 2]);
    expect((await verifyAt(table, accountId, 26)).findings).toEqual([]);
  });
});

describe("a wrong clock", () => {
  it("of one run, days ahead, does not keep others from being entered", async () => {
    const accountId = newAccount();
    await writeHours(store, accountId, [0, 1, 100]);
    await store.save(snapshotAt(accountId, 2), []);
    await store.save(snapshotAt(accountId, 3), []);

    await store.appendMissingEntries(accountId, catchUpAt(3));

    expect(await chainedHours(table, accountId)).toEqual([0, 1, 100, 2, 3]);
    // It cannot be told from one that was put in later; and one finding is enough.
    expect((await verifyAt(table, accountId, 4)).findings).toMatchObject([{ code: "chained_late", sequence: 4 }]);
  });

  it("of one run, days behind, has nothing entered that was", async () => {
    const accountId = newAccount();
    await writeHours(store, accountId, [100, 101, 102]);
    await writeHours(store, accountId, [50, 103, 104]);

    const verification = await verifyAt(table, accountId, 105);

    expect(verification.findings).toMatchObject([{ code: "chained_late", slot: hour(50) }]);
    expect(verification.snapshots).toBe(6);
  });
});

describe("older histories", () => {
  it("from before there were chains are entered whole, in the order of their capture", async () => {
    const accountId = newAccount();
    const hours = Array.from({ length: 40 }, (_, at) => at);
    for (const at of hours) await store.save(snapshotAt(accountId, at), []);
    for (const item of await table.itemsUnder(accountId)) {
      const { digest: _, ...older } = item;
      await table.put(older);
    }

    const before = await verifyAt(table, accountId, 40);
    await store.appendMissingEntries(accountId, catchUpAt(40));

    expect(before.findings).toMatchObject([{ code: "not_chained_yet", severity: "warning", slot: hour(0) }]);
    expect(await chainedHours(table, accountId)).toEqual(hours);
    expect(await verifyAt(table, accountId, 41)).toMatchObject({ snapshots: 40, entries: 40, findings: [] });
  });

  it("are entered on by the next run where the time of one was over", async () => {
    const accountId = newAccount();
    for (let at = 0; at < 20; at++) await store.save(snapshotAt(accountId, at), []);
    const client = table.anotherClient();
    const deadline = new AbortController();
    const sent = watch(client, (command, at) => {
      if (command === "PutItemCommand" && at === 8) deadline.abort(new Error("the time is over"));
      return false;
    });

    const broken = new TableStore(new Table(client, table.name)).appendMissingEntries(
      accountId,
      catchUpAt(20, { signal: deadline.signal }),
    );

    await expect(broken).rejects.toThrow("the time is over");
    expect(sent.filter((command) => command === "PutItemCommand")).toHaveLength(8);
    await store.appendMissingEntries(accountId, catchUpAt(21));
    expect(await chainedHours(table, accountId)).toHaveLength(20);
    expect((await verifyAt(table, accountId, 22)).findings).toEqual([]);
  });
});

it("a run whose time is over asks for nothing", async () => {
  const client = table.anotherClient();
  const sent = watch(client);

  const caughtUp = new TableStore(new Table(client, table.name)).appendMissingEntries(
    newAccount(),
    catchUpAt(0, { signal: AbortSignal.abort(new Error("the time is over")) }),
  );

  await expect(caughtUp).rejects.toThrow("the time is over");
  expect(sent).toEqual([]);
});

describe("a snapshot that is not as it was written", () => {
  it("is not vouched for, all others are, and the run is told", async () => {
    const accountId = newAccount();
    for (const at of [0, 1, 2]) await store.save(snapshotAt(accountId, at), []);
    const [, altered] = await table.itemsUnder(accountId);
    await table.put({ ...altered, pages: { N: "2" } });

    const caughtUp = store.appendMissingEntries(accountId, catchUpAt(2));

    await expect(caughtUp).rejects.toMatchObject({
      name: "StoreError",
      code: "snapshot_altered",
      message: expect.stringContaining(hour(1)),
    });
    expect(await chainedHours(table, accountId)).toEqual([0, 2]);
  });
});

it("a chain whose end cannot be read is not gone on with", async () => {
  const accountId = newAccount();
  await writeHours(store, accountId, [0, 1]);
  await table.put({ account: { S: `${accountId}#chain` }, slot: { S: "9999999999" } });
  await store.save(snapshotAt(accountId, 2), []);

  const caughtUp = store.appendMissingEntries(accountId, catchUpAt(2));

  await expect(caughtUp).rejects.toMatchObject({ code: "item_unreadable" });
  expect(await table.itemsUnder(`${accountId}#chain`)).toHaveLength(3);
});
