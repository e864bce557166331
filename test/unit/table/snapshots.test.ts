import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import { afterAll, beforeAll, describe, expect, it } from "../../support/jest.ts";
import { assetOf, type BalanceTexts, failureOf, SLOT, snapshotWith } from "../domain/snapshots.ts";
import { findRecord, newAccount, openWatched, startTestStore, type TestStore } from "./embedded.ts";

let { table, store, reader } = {} as TestStore;
beforeAll(async () => {
  ({ table, store, reader } = await startTestStore());
});
afterAll(() => table.close());

/** Returns a snapshot with one bitcoin of a new account. */
const newSnapshot = () => snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId: newAccount() });

/** The slot this many minutes after the first. */
function slotAfter(minutes: number): string {
  return new Date(Date.parse(SLOT) + minutes * 60_000).toISOString();
}

describe("a snapshot", () => {
  it("is stored with readable attributes, beside its catalog items", async () => {
    const accountId = newAccount();
    const balances: BalanceTexts = {
      btc: { btc: ["2.5", "3.0"], usd: ["252705.4", "303246.48"] },
      usd: { usd: ["90", "100"] },
    };
    const snapshot = snapshotWith(balances, { accountId });

    await store.save(snapshot, [assetOf("btc", { name: "Bitcoin" })]);

    expect(await table.itemsUnder(accountId)).toEqual([
      {
        account: { S: accountId },
        slot: { S: "2026-11-23T10:00:00.000Z" },
        status: { S: "complete" },
        digest: { S: expect.stringMatching(/^[0-9a-f]{64}$/) },
        schemaVersion: { N: "1" },
        trigger: { S: "schedule" },
        capturedAt: { S: "2026-11-23T10:00:01.234Z" },
        completedAt: { S: "2026-11-23T10:00:02.345Z" },
        pages: { N: "1" },
        consistency: { S: "verified" },
        passes: { N: "1" },
        assets: { N: "2" },
        denominations: { L: [{ S: "usd" }] },
        fiat: { L: [{ S: "usd" }] },
        balances: {
          M: {
            btc: { S: "2.5/3.0 252705.4/303246.48" },
            usd: { S: "90/100" },
          },
        },
        totals: {
          M: {
            usd: {
              M: { total: { S: "303346.48" }, available: { S: "252795.4" }, covers: { N: "2" }, of: { N: "2" } },
            },
          },
        },
      },
    ]);
    const catalog = await table.itemsUnder("catalog");
    expect(catalog).toContainEqual({
      account: { S: "catalog" },
      slot: { S: `${accountId} ${SLOT} start` },
      at: { S: snapshot.completedAt },
    });
    expect(catalog).toContainEqual({
      account: { S: "catalog" },
      slot: { S: "assets 0000000001" },
      assets: { M: { btc: { S: '["crypto","Bitcoin",8]' } } },
    });
  });

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
    for (let round = 0; round < 5; round++) {
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
  it("is found as it was recorded, is not a snapshot, and has readable attributes", async () => {
    const attempt = failureOf(newAccount(), { attempts: 2 });

    const recorded = await store.recordFailure(attempt);

    expect(recorded).toBe(true);
    expect(await findRecord(table, attempt.accountId, SLOT)).toEqual({ status: "failed", attempt });
    expect(await reader.latest(attempt.accountId)).toBeUndefined();
    expect(await reader.oldest(attempt.accountId)).toBeUndefined();
    expect(await table.itemsUnder(attempt.accountId)).toEqual([
      {
        account: { S: attempt.accountId },
        slot: { S: SLOT },
        status: { S: "failed" },
        schemaVersion: { N: "1" },
        trigger: { S: "schedule" },
        code: { S: "service_unavailable" },
        message: { S: attempt.message },
        suggestedFix: { S: "Check the status page." },
        correlationId: { S: "41deb8d5-IAD" },
        attempts: { N: "2" },
        lastTriedAt: { S: "2026-11-23T10:01:00.000Z" },
      },
    ]);
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

  it("skip 30 failed attempts in at most 5 requests", async () => {
    const accountId = newAccount();
    const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId, slot: slotAfter(30) });
    const minutes = Array.from({ length: 60 }, (_, at) => at).filter((at) => at !== 30);
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
