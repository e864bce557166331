import { slotAt } from "../../../core/domain/slot.ts";
import type { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { beforeEach, describe, expect, it } from "../../support/jest.ts";
import { failureOf } from "../domain/snapshots.ts";
import { intercept, type MemoryTable, newAccount, newStore, openWatched, tableOf } from "../table/embedded.ts";
import {
  append,
  chainedHours,
  HOUR,
  HOURLY,
  hour,
  START,
  snapshotAt,
  take,
  text,
  updateAt,
  verifyAt,
  writeHours,
} from "./history.ts";

let table: MemoryTable;
let store: TableSnapshotStore;
let accountId: string;
beforeEach(async () => {
  [table, accountId] = [tableOf([]), newAccount()];
  store = newStore(table);
  await store.registerSchedule({ ...HOURLY, latenessLimitMs: 24 * HOUR }, hour(0), hour(0));
});

describe("appendEntry", () => {
  it("reads only the last entry", async () => {
    await writeHours(store, accountId, [0]);
    const { store: watched, sent } = openWatched(table);

    await append(watched, accountId, 1, 0);

    expect(sent.slice(-2)).toEqual(["QueryCommand", "PutItemCommand"]);
    expect(await chainedHours(table, accountId)).toEqual([0, 1]);
  });

  it("neither forks the chain nor omits the snapshot if the last entry that it reads is outdated", async () => {
    await writeHours(store, accountId, [0, 1]);
    const [outdated] = table.itemsUnder(`${accountId}#chain`);
    const client = table.anotherClient();
    intercept(client, async ({ input }, send) => {
      const response = await send();
      return input.ConsistentRead === false ? { ...response, Items: [outdated] } : response;
    });

    await append(newStore({ client, name: table.name }), accountId, 2, 0);

    expect(await chainedHours(table, accountId)).toEqual([0, 1, 2]);
  });

  it("records the snapshot's expiry in an entry that never expires", async () => {
    await writeHours(newStore(table, 400), accountId, [0]);

    const [entry] = table.itemsUnder(`${accountId}#chain`);
    expect(text(entry, "keptUntil")).toBe(slotAt(START + 400 * 24 * HOUR));
    expect(entry).not.toHaveProperty("expiresAt");
  });
});

describe("appendMissingEntries", () => {
  it("sends one query if the chain ends with the expected slot", async () => {
    await writeHours(store, accountId, [0, 1]);
    const { store: watched, sent } = openWatched(table);

    await watched.appendMissingEntries(accountId, updateAt(1), hour(1));

    expect(sent).toEqual(["QueryCommand"]);
  });

  it("appends snapshots, not failed attempts, in the order of capture, not of slots", async () => {
    await store.recordFailure(failureOf(accountId, { slot: hour(3) }));
    const captured = (at: number, capturedAt: string) => store.save(snapshotAt(accountId, at, { capturedAt }), []);
    await captured(1, "2026-11-01T01:50:00.000Z");
    await captured(2, "2026-11-01T02:00:01.000Z");
    await captured(0, "2026-11-01T01:55:00.000Z");

    await store.appendMissingEntries(accountId, updateAt(2));

    expect(await chainedHours(table, accountId)).toEqual([1, 0, 2]);
  });

  it("continues in the next run if the deadline interrupts it", async () => {
    for (let at = 0; at < 10; at++) await store.save(snapshotAt(accountId, at), []);
    const deadline = new AbortController();
    const { store: watched, sent } = openWatched(table, (command, at) => {
      if (command === "PutItemCommand" && at === 4) deadline.abort(new Error("deadline"));
      return false;
    });

    const interrupted = watched.appendMissingEntries(accountId, updateAt(10, { signal: deadline.signal }));

    await expect(interrupted).rejects.toThrow("deadline");
    expect(sent.filter((command) => command === "PutItemCommand")).toHaveLength(4);
    await store.appendMissingEntries(accountId, updateAt(11));
    expect(await chainedHours(table, accountId)).toHaveLength(10);
    // Each of the two runs was late.
    expect((await verifyAt(table, accountId, 12)).findings).toMatchObject([
      { code: "chained_late", sequence: 1 },
      { code: "chained_late", sequence: 5 },
    ]);
  });

  it("does not chain a snapshot that does not match its digest, but chains all others", async () => {
    for (const at of [0, 1, 2]) await store.save(snapshotAt(accountId, at), []);
    const [, altered] = table.itemsUnder(accountId);
    table.put({ ...altered, pages: { N: "2" } });

    const appended = store.appendMissingEntries(accountId, updateAt(2));

    await expect(appended).rejects.toMatchObject({
      name: "StoreError",
      code: "snapshot_altered",
      message: expect.stringContaining(hour(1)),
    });
    expect(await chainedHours(table, accountId)).toEqual([0, 2]);
  });

  it("does not continue a chain whose last entry is unreadable", async () => {
    await writeHours(store, accountId, [0, 1]);
    table.put({ account: { S: `${accountId}#chain` }, slot: { S: "9999999999" } });
    await store.save(snapshotAt(accountId, 2), []);

    const appended = store.appendMissingEntries(accountId, updateAt(2));

    await expect(appended).rejects.toMatchObject({ code: "item_unreadable" });
    expect(table.itemsUnder(`${accountId}#chain`)).toHaveLength(3);
  });
});

describe("a slot that is captured after newer slots", () => {
  it("is appended after any number of manual runs", async () => {
    await writeHours(store, accountId, [0, 1]);
    // Manual runs in the minutes after two o'clock; then the scheduled slot of two o'clock, at its third attempt.
    for (const minute of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      const slot = slotAt(START + 2 * HOUR + minute * 60_000);
      const update = updateAt(2, { now: Date.parse(slot) + 1000 });
      await take(store, snapshotAt(accountId, 2, { slot, capturedAt: slot }), update);
    }

    await take(
      store,
      snapshotAt(accountId, 2, { capturedAt: slotAt(START + 2 * HOUR + 11 * 60_000) }),
      updateAt(2, { now: START + 2 * HOUR + 12 * 60_000 }),
    );

    const verification = await verifyAt(table, accountId, 3);
    expect(verification).toMatchObject({ snapshots: 13, entries: 13, findings: [] });
    expect(verification.head?.slot).toBe(hour(2));
  });

  it("is appended if the lateness limit is a day", async () => {
    await writeHours(store, accountId, [0, 24]);
    await store.save(snapshotAt(accountId, 2, { capturedAt: hour(25) }), []);

    await store.appendMissingEntries(accountId, updateAt(25, { latenessLimitMs: 24 * HOUR }));

    expect(await chainedHours(table, accountId)).toEqual([0, 24, 2]);
    expect((await verifyAt(table, accountId, 26)).findings).toEqual([]);
  });
});

describe("a wrong clock", () => {
  it("of one run, days ahead, does not prevent later entries", async () => {
    await writeHours(store, accountId, [0, 1, 100]);
    await store.save(snapshotAt(accountId, 2), []);

    await writeHours(store, accountId, [3]);

    expect(await chainedHours(table, accountId)).toEqual([0, 1, 100, 2, 3]);
    // It cannot be distinguished from a snapshot that was inserted later. One cause gives one finding.
    expect((await verifyAt(table, accountId, 4)).findings).toMatchObject([{ code: "chained_late", sequence: 4 }]);
  });

  it("of one run, days behind, gives one finding and no duplicate entry", async () => {
    await writeHours(store, accountId, [100, 101, 102, 50, 103, 104]);

    expect(await verifyAt(table, accountId, 105)).toMatchObject({
      snapshots: 6,
      entries: 6,
      findings: [{ code: "chained_late", slot: hour(50) }],
    });
  });
});
