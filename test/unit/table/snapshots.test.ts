import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Amounts } from "../../../core/domain/balance.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { anyDecimal } from "../domain/decimal.ts";
import { amountsOf, assetOf, type BalanceTexts, SLOT, snapshotWith } from "../domain/snapshots.ts";
import { findRecord, newAccount, startTestStore, type TestStore, watch } from "./embedded.ts";

let { table, store, reader } = {} as TestStore;
beforeAll(async () => {
  ({ table, store, reader } = await startTestStore());
});
afterAll(() => table.close());

const symbols = fc
  .oneof(
    fc.stringMatching(/^[a-z0-9]{2,5}$/),
    fc.string({ minLength: 1, maxLength: 42, unit: anyCharacter }),
    fc.constantFrom("constructor", "hasOwnProperty", "status", "balances", "1", "0", " ", ".", "#", "btc\n"),
  )
  .filter((symbol) => symbol !== "__proto__");

const amount = fc.tuple(anyDecimal, anyDecimal);

/** Up to 20 assets with any names, each valued in none, some or all of a few denominations. */
const anyBalances: fc.Arbitrary<Map<string, Amounts>> = fc
  .array(fc.tuple(symbols, amount, fc.dictionary(fc.constantFrom("usd", "eur", "1", "é b"), amount)), { maxLength: 20 })
  .map((held) => new Map(held.map(([symbol, own, values]) => [symbol, amountsOf({ ...values, [symbol]: own })])));

describe("a snapshot", () => {
  it("is read exactly as it was saved, for any balances", async () => {
    await fc.assert(
      fc.asyncProperty(anyBalances, async (balances) => {
        const snapshot = snapshotWith(balances, { accountId: newAccount(), pages: 3, consistency: "verified" });

        await store.save(snapshot, []);
        const read = await reader.latest(snapshot.accountId);

        expect(read).toStrictEqual(snapshot);
      }),
      { numRuns: 25, examples: [[new Map()]] },
    );
  });

  it("is stored with readable attributes, beside its catalog items", async () => {
    const accountId = newAccount();
    const balances: BalanceTexts = {
      btc: { btc: ["2.5", "3.0"], usd: ["252705.4", "303246.48"] },
      usd: { usd: ["90", "100"] },
    };
    const snapshot = snapshotWith(balances, { accountId });

    await store.save(snapshot, [assetOf("btc", { name: "Bitcoin" })]);
    const items = await table.items();

    const item = items.find(({ account, slot }) => account?.S === accountId && slot?.S === SLOT);
    expect(item).toEqual({
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
    });
    expect(items.find(({ account, slot }) => account?.S === "accounts" && slot?.S === accountId)).toEqual({
      account: { S: "accounts" },
      slot: { S: accountId },
      since: { S: SLOT },
    });
    expect(items.find(({ account, symbol }) => account?.S === "assets" && symbol?.S === "btc")).toEqual({
      account: { S: "assets" },
      slot: { S: `btc ${SLOT}` },
      symbol: { S: "btc" },
      type: { S: "crypto" },
      name: { S: "Bitcoin" },
      decimals: { N: "8" },
      since: { S: SLOT },
    });
  });

  it("is found by readSlot for its own slot only", async () => {
    const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId: newAccount() });
    const { balances: _, ...summary } = snapshot;

    await store.save(snapshot, []);
    const found = await findRecord(table, snapshot.accountId, SLOT);
    const others = [
      await findRecord(table, snapshot.accountId, "2026-11-23T10:00:00.001Z"),
      await findRecord(table, newAccount(), SLOT),
    ];

    expect(found).toEqual({ status: "complete", summary });
    expect(others).toEqual([undefined, undefined]);
  });
});

describe("save for a slot that exists", () => {
  it("returns undefined and changes nothing", async () => {
    const accountId = newAccount();
    const first = snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId });
    const second = snapshotWith({ btc: { btc: ["2", "2"] } }, { accountId, trigger: "manual" });

    const saved = [await store.save(first, []), await store.save(second, [])];
    const read = await reader.latest(accountId);

    expect(saved.map((one) => one !== undefined)).toEqual([true, false]);
    expect(read).toStrictEqual(first);
  });

  it("lets exactly one of two concurrent saves win, and stores its whole snapshot", async () => {
    const stores = [table.anotherClient(), table.anotherClient()].map(
      (client) => new TableStore(new Table(client, table.name)),
    );
    for (let round = 0; round < 5; round++) {
      const accountId = newAccount();
      const rivals = ["1", "2"].map((held) => snapshotWith({ btc: { btc: [held, held] } }, { accountId }));

      const saved = await Promise.all(rivals.map((rival, at) => stores[at]?.save(rival, [assetOf("btc")])));
      const read = await reader.latest(accountId);

      expect(saved.filter((won) => won === undefined)).toHaveLength(1);
      expect(read).toStrictEqual(rivals[saved.findIndex((won) => won !== undefined)]);
    }
  });
});

describe("latest and oldest", () => {
  it("return the snapshots of the account's newest and oldest slots, latest with one request", async () => {
    const accountId = newAccount();
    const [first, second] = ["2026-11-23T10:00:00.000Z", "2026-11-23T11:00:00.000Z"].map((slot, at) =>
      snapshotWith({ btc: { btc: ["1", `${at}`] } }, { accountId, slot }),
    );
    for (const snapshot of [second, first]) await store.save(snapshot as Snapshot, []);
    await store.save(snapshotWith({}, { accountId: newAccount(), slot: "2026-11-23T12:00:00.000Z" }), []);
    const client = table.anotherClient();
    const sent = watch(client);

    const latest = await new HistoryReader(new Table(client, table.name)).latest(accountId);

    expect(sent).toEqual(["QueryCommand"]);
    expect(latest).toStrictEqual(second);
    expect(await reader.oldest(accountId)).toStrictEqual(first);
  });

  it("return undefined for an unknown account", async () => {
    const accountId = newAccount();

    const found = [await reader.latest(accountId), await reader.oldest(accountId)];

    expect(found).toEqual([undefined, undefined]);
  });
});
