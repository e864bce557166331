import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import type { HistoryReader } from "../../../core/table/history-reader.ts";
import type { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { afterAll, beforeAll, describe, expect, it } from "../../support/jest.ts";
import { assetOf, type BalanceTexts, failureOf, SLOT, snapshotWith } from "../domain/snapshots.ts";
import { findRecord, newAccount, openWatched, startTestTable, type TestTable } from "./embedded.ts";

let table: TestTable;
let store: TableSnapshotStore;
let reader: HistoryReader;
beforeAll(async () => {
  table = await startTestTable();
  ({ store, reader } = openWatched(table));
});
afterAll(() => table.close());

/** Returns a snapshot with one bitcoin of a new account. */
const newSnapshot = () => snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId: newAccount() });

/** The slot this many minutes after the first. */
function slotAfter(minutes: number): string {
  return new Date(Date.parse(SLOT) + minutes * 60_000).toISOString();
}

describe("a snapshot", () => {
  it("is read in the order of its symbols, in whatever order DynamoDB returns the entries of a map", async () => {
    const price = { usd: ["2", "2"], eur: ["1", "1"] } as const;
    const texts = Object.fromEntries(["c", "a", "b"].map((symbol) => [symbol, { [symbol]: ["1", "1"], ...price }]));
    const { accountId } = snapshotWith({}, { accountId: newAccount() });
    await store.save(snapshotWith(texts as BalanceTexts, { accountId }), []);
    const item = (await table.items()).find(({ account }) => account?.S === accountId) ?? {};
    const reversed = ({ M = {} }: AttributeValue) => ({ M: Object.fromEntries(Object.entries(M).reverse()) });

    for (const order of [(value: AttributeValue) => value, reversed]) {
      await table.put({
        ...item,
        balances: order(item["balances"] as AttributeValue),
        totals: order(item["totals"] as AttributeValue),
      });
      const read = await reader.latest(accountId);

      expect([[...(read?.balances.keys() ?? [])], [...(read?.totals.keys() ?? [])]]).toEqual([
        ["a", "b", "c"],
        ["eur", "usd"],
      ]);
    }
  });
});

describe("save for a slot that exists", () => {
  it("lets exactly one of two concurrent saves win, and stores its whole snapshot", async () => {
    const stores = [openWatched(table).store, openWatched(table).store];
    for (let round = 0; round < 2; round++) {
      const accountId = newAccount();
      const rivals = ["1", "2"].map((held) => snapshotWith({ btc: { btc: [held, held] } }, { accountId }));

      const saved = await Promise.all(
        rivals.map((rival, at) => stores[at]?.save(rival, [assetOf("btc", { name: "Bitcoin" })])),
      );
      const read = await reader.latest(accountId);

      expect(saved.filter((won) => won === undefined)).toHaveLength(1);
      expect(read).toStrictEqual(rivals[saved.findIndex((won) => won !== undefined)]);
    }
  });
});

describe("a failed attempt", () => {
  it("is found as it was recorded, and is not a snapshot", async () => {
    const attempt = failureOf(newAccount(), { attempts: 2 });

    const recorded = await store.recordFailure(attempt);

    expect(recorded).toBe(true);
    expect(await findRecord(table, attempt.accountId, SLOT)).toEqual({ status: "failed", attempt });
    expect(await reader.latest(attempt.accountId)).toBeUndefined();
    expect(await reader.oldest(attempt.accountId)).toBeUndefined();
  });

  it("is replaced completely by a later success for the slot, which no later attempt replaces", async () => {
    const snapshot = newSnapshot();
    await store.recordFailure(failureOf(snapshot.accountId));

    const saved = await store.save(snapshot, []);
    const recorded = await store.recordFailure(failureOf(snapshot.accountId));

    expect([saved !== undefined, recorded]).toEqual([true, false]);
    expect(await reader.latest(snapshot.accountId)).toStrictEqual(snapshot);
    const [item] = await table.itemsUnder(snapshot.accountId);
    for (const name of ["code", "message", "suggestedFix"]) expect(item).not.toHaveProperty(name);
  });
});

describe("latest and oldest", () => {
  it("return the snapshots of the account's newest and oldest slots, latest with one request", async () => {
    const accountId = newAccount();
    const before = [await reader.latest(accountId), await reader.oldest(accountId)];
    const [first, second] = [0, 60].map((minutes) => snapshotWith({}, { accountId, slot: slotAfter(minutes) }));
    for (const snapshot of [second, first]) await store.save(snapshot as Snapshot, []);
    await store.save(snapshotWith({}, { accountId: newAccount(), slot: slotAfter(120) }), []);
    const { reader: watched, sent } = openWatched(table);

    const latest = await watched.latest(accountId);

    expect(before).toEqual([undefined, undefined]);
    expect(sent).toEqual(["QueryCommand"]);
    expect(latest).toStrictEqual(second);
    expect(await reader.oldest(accountId)).toStrictEqual(first);
  });

  it("skip 20 failed attempts in at most 5 requests", async () => {
    const accountId = newAccount();
    const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId, slot: slotAfter(20) });
    const minutes = Array.from({ length: 41 }, (_, at) => at).filter((at) => at !== 20);
    await Promise.all(minutes.map((at) => store.recordFailure(failureOf(accountId, { slot: slotAfter(at) }))));
    const { reader: watched, sent } = openWatched(table);
    const before = [await reader.latest(accountId), await reader.oldest(accountId)];

    await store.save(snapshot, []);
    const after = [await watched.latest(accountId), await watched.oldest(accountId)];

    expect(before).toEqual([undefined, undefined]);
    expect(after).toStrictEqual(Array(2).fill(snapshot));
    expect(sent.length).toBeLessThanOrEqual(2 * 5);
  });
});
