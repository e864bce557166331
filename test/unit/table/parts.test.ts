import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Amounts } from "../../../core/domain/balance.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { amountsOf, SLOT, snapshotWith } from "../domain/snapshots.ts";
import { findRecord, newAccount, type RawItem, startTestStore, type TestStore, watch } from "./embedded.ts";
import { bytesOfItem } from "./size.ts";

const ITEM_LIMIT_BYTES = 400 * 1024;

let { table, store, reader } = {} as TestStore;
beforeAll(async () => {
  ({ table, store, reader } = await startTestStore());
});
afterAll(() => table.close());

/** `assets` of them, each with four amounts of `digits` digits, all different. */
function balancesOfMany(assets: number, digits: number, salt = ""): Map<string, Amounts> {
  return new Map(
    Array.from({ length: assets }, (_, at) => {
      const long = (of: number) => `${salt}${at}${"9".repeat(digits)}.${String(of).padStart(18, "0")}`;
      const symbol = `0x${at.toString(16).padStart(40, "0")}`;
      return [symbol, amountsOf({ [symbol]: [long(1), long(2)], usd: [long(3), long(4)] })];
    }),
  );
}

async function itemsOf(accountId: string): Promise<RawItem[]> {
  return [...(await table.itemsUnder(accountId)), ...(await table.itemsUnder(`${accountId}#parts`))];
}

async function remove({ account, slot }: RawItem): Promise<void> {
  if (account === undefined || slot === undefined) throw new Error("an item without its key");
  await table.client.send(new DeleteItemCommand({ TableName: table.name, Key: { account, slot } }));
}

const isPart = ({ account }: RawItem) => account?.S?.endsWith("#parts") === true;

describe("a snapshot of more than fits into an item", () => {
  it("of 5,000 assets comes back exactly as it went in, and no item is too large", async () => {
    const snapshot = snapshotWith(balancesOfMany(5000, 38), { accountId: newAccount(), pages: 50 });

    const saved = await store.save(snapshot, []);
    const read = await reader.latest(snapshot.accountId);
    const items = await itemsOf(snapshot.accountId);

    expect(saved).toBeDefined();
    expect(read).toStrictEqual(snapshot);
    expect(items.filter(isPart).length).toBeGreaterThan(3);
    expect(Math.max(...items.map(bytesOfItem))).toBeLessThan(ITEM_LIMIT_BYTES);
  });

  it.each([
    ["just within one item", 1300, 1],
    ["just above", 1500, 3],
  ])("is in as few items as it takes: %s", async (_, assets, count) => {
    const snapshot = snapshotWith(balancesOfMany(assets, 20), { accountId: newAccount() });

    await store.save(snapshot, []);
    const items = await itemsOf(snapshot.accountId);

    expect(items).toHaveLength(count);
    expect(Math.max(...items.map(bytesOfItem))).toBeLessThan(ITEM_LIMIT_BYTES);
    expect(await reader.latest(snapshot.accountId)).toStrictEqual(snapshot);
  });

  it("has balances in its parts alone, which are readable too", async () => {
    const snapshot = snapshotWith(balancesOfMany(1500, 20), { accountId: newAccount() });

    await store.save(snapshot, []);
    const items = await itemsOf(snapshot.accountId);

    const head = items.find((item) => !isPart(item));
    const [first, ...more] = items.filter(isPart);
    expect(head).toMatchObject({
      status: { S: "complete" },
      assets: { N: "1500" },
      parts: { N: String(more.length + 1) },
    });
    expect(head).not.toHaveProperty("balances");
    expect(Object.keys(first ?? {}).sort()).toEqual(["account", "balances", "slot"]);
    expect(first?.["slot"]?.S).toBe(`${SLOT}#${head?.["partsId"]?.S}#0000`);
  });

  it.each([
    ["one part", 1],
    ["all parts", 99],
  ])("is not shown as a smaller one where %s are gone: an error says what is missing", async (_, gone) => {
    const snapshot = snapshotWith(balancesOfMany(1500, 20), { accountId: newAccount() });
    await store.save(snapshot, []);
    const parts = (await itemsOf(snapshot.accountId)).filter(isPart);

    for (const part of parts.slice(0, gone)) await remove(part);
    const read = reader.latest(snapshot.accountId);

    await expect(read).rejects.toMatchObject({
      name: "StoreError",
      code: "snapshot_parts_missing",
      message: expect.stringMatching(
        new RegExp(
          `${snapshot.accountId} for ${SLOT} has ${parts.length - Math.min(gone, parts.length)} of its ${parts.length} parts.*Restore`,
        ),
      ),
    });
  });

  it("is not shown where its parts are all there, but lost some of their assets", async () => {
    const snapshot = snapshotWith(balancesOfMany(1500, 20), { accountId: newAccount() });
    await store.save(snapshot, []);
    const [part] = (await itemsOf(snapshot.accountId)).filter(isPart);
    const [, ...kept] = Object.entries(part?.["balances"]?.M ?? {});
    await table.put({ ...part, balances: { M: Object.fromEntries(kept) } });

    const read = reader.latest(snapshot.accountId);

    await expect(read).rejects.toMatchObject({ code: "snapshot_parts_missing" });
  });

  it("whose head is not there is seen by no reader", async () => {
    const snapshot = snapshotWith(balancesOfMany(1500, 20), { accountId: newAccount() });
    await store.save(snapshot, []);
    const head = (await itemsOf(snapshot.accountId)).find((item) => !isPart(item));
    await remove(head ?? {});

    const seen = {
      latest: await reader.latest(snapshot.accountId),
      oldest: await reader.oldest(snapshot.accountId),
      find: await findRecord(table, snapshot.accountId, SLOT),
      accounts: [...(await reader.accounts()).keys()].filter((account) => account.includes("#")),
    };

    expect(seen).toEqual({ latest: undefined, oldest: undefined, find: undefined, accounts: [] });
  });

  it("is not mixed with the parts that an earlier attempt at the slot left behind", async () => {
    const accountId = newAccount();
    const client = table.anotherClient();
    const puts = watch(client, (command, at) => command === "PutItemCommand" && at === 3);
    const snapshot = snapshotWith(balancesOfMany(1500, 20, "2"), { accountId });
    await new TableStore(new Table(client, table.name))
      .save(snapshotWith(balancesOfMany(1500, 20, "1"), { accountId }), [])
      .catch(() => {});

    const saved = await store.save(snapshot, []);
    const read = await reader.latest(accountId);

    expect(puts.filter((command) => command === "PutItemCommand")).toHaveLength(3);
    expect(await table.itemsUnder(`${accountId}#parts`)).toHaveLength(3);
    expect(saved).toBeDefined();
    expect(read).toStrictEqual(snapshot);
  });

  it("is not mixed with the parts of another attempt at the slot at the same time", async () => {
    const stores = [table.anotherClient(), table.anotherClient()].map(
      (client) => new TableStore(new Table(client, table.name)),
    );
    for (let round = 0; round < 3; round++) {
      const accountId = newAccount();
      const rivals = ["1", "2"].map((salt): Snapshot => snapshotWith(balancesOfMany(1500, 20, salt), { accountId }));

      const saved = await Promise.all(rivals.map((rival, at) => stores[at]?.save(rival, [])));
      const read = await reader.latest(accountId);

      expect(saved.filter((won) => won === undefined)).toHaveLength(1);
      expect(read).toStrictEqual(rivals[saved.findIndex((won) => won !== undefined)]);
    }
  });

  it("may be beside another slot's in the same account", async () => {
    const accountId = newAccount();
    const [first, second] = ["2026-11-23T10:00:00.000Z", "2026-11-23T11:00:00.000Z"].map((slot, at) =>
      snapshotWith(balancesOfMany(1500, 20, String(at)), { accountId, slot }),
    );

    for (const snapshot of [first, second]) if (snapshot) await store.save(snapshot, []);

    expect(await reader.oldest(accountId)).toStrictEqual(first);
    expect(await reader.latest(accountId)).toStrictEqual(second);
  });
});
