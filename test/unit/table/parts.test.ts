import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Amounts } from "../../../core/domain/balance.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { amountsOf, SLOT, snapshotWith } from "../domain/snapshots.ts";
import { newAccount, type RawItem, startTestStore, type TestStore } from "./embedded.ts";
import { bytesOfItem } from "./size.ts";

const ITEM_LIMIT_BYTES = 400 * 1024;

let { table, store, reader } = {} as TestStore;
beforeAll(async () => {
  ({ table, store, reader } = await startTestStore());
});
afterAll(() => table.close());

/** Returns balances of about 6 KB per asset. */
function balancesOfMany(assets: number, salt = ""): Map<string, Amounts> {
  return new Map(
    Array.from({ length: assets }, (_, at) => {
      const digits = `${salt}${at}${"9".repeat(3000)}`;
      return [`a${at}`, amountsOf({ [`a${at}`]: [`${digits}.1`, `${digits}.2`] })];
    }),
  );
}

async function itemsOf(accountId: string): Promise<RawItem[]> {
  return [...(await table.itemsUnder(accountId)), ...(await table.itemsUnder(`${accountId}#parts`))];
}

async function remove({ account, slot }: RawItem): Promise<void> {
  if (account === undefined || slot === undefined) throw new Error("The item has no key.");
  await table.client.send(new DeleteItemCommand({ TableName: table.name, Key: { account, slot } }));
}

const isPart = ({ account }: RawItem) => account?.S?.endsWith("#parts") === true;

// test/integration/crash covers parts that a killed run left behind.
describe("a snapshot too large for one item", () => {
  it.each([
    ["48 assets in one item", 48, 1],
    ["60 assets in three items", 60, 3],
    ["190 assets in five items", 190, 5],
  ])("is split only as far as needed, into items without other attributes: %s", async (_, assets, count) => {
    const snapshot = snapshotWith(balancesOfMany(assets), { accountId: newAccount() });

    await store.save(snapshot, []);
    const items = await itemsOf(snapshot.accountId);

    const [head, ...parts] = items;
    expect(items).toHaveLength(count);
    expect(Math.max(...items.map(bytesOfItem))).toBeLessThan(ITEM_LIMIT_BYTES);
    expect(await reader.latest(snapshot.accountId)).toStrictEqual(snapshot);
    expect(head).toMatchObject({ status: { S: "complete" }, assets: { N: String(assets) } });
    expect(Object.hasOwn(head ?? {}, "balances")).toBe(count === 1);
    expect(head?.["parts"]?.N).toBe(count === 1 ? undefined : String(parts.length));
    for (const [at, part] of parts.entries()) {
      expect(Object.keys(part).sort()).toEqual(["account", "balances", "slot"]);
      expect(part["slot"]?.S).toBe(`${SLOT}#${head?.["partsId"]?.S}#000${at}`);
    }
  });

  it.each([
    ["one part is", 1],
    ["all parts are", 99],
  ])("is an error, not a smaller snapshot, if %s missing", async (_, missing) => {
    const snapshot = snapshotWith(balancesOfMany(60), { accountId: newAccount() });
    await store.save(snapshot, []);
    const parts = (await itemsOf(snapshot.accountId)).filter(isPart);

    for (const part of parts.slice(0, missing)) await remove(part);
    const read = reader.latest(snapshot.accountId);

    await expect(read).rejects.toMatchObject({
      name: "StoreError",
      code: "snapshot_parts_missing",
      message: expect.stringContaining(
        `${snapshot.accountId} for ${SLOT} has ${Math.max(0, parts.length - missing)} of its ${parts.length} parts`,
      ),
      suggestedFix: expect.stringContaining("Restore"),
    });
  });

  it("is an error if a part lacks an asset", async () => {
    const snapshot = snapshotWith(balancesOfMany(60), { accountId: newAccount() });
    await store.save(snapshot, []);
    const [part] = (await itemsOf(snapshot.accountId)).filter(isPart);
    const [, ...kept] = Object.entries(part?.["balances"]?.M ?? {});
    await table.put({ ...part, balances: { M: Object.fromEntries(kept) } });

    const read = reader.latest(snapshot.accountId);

    await expect(read).rejects.toMatchObject({ code: "item_unreadable" });
  });

  it("does not include parts of a concurrent attempt at the slot", async () => {
    const stores = [table.anotherClient(), table.anotherClient()].map(
      (client) => new TableStore(new Table(client, table.name)),
    );
    for (let round = 0; round < 2; round++) {
      const accountId = newAccount();
      const rivals = ["1", "2"].map((salt): Snapshot => snapshotWith(balancesOfMany(60, salt), { accountId }));

      const saved = await Promise.all(rivals.map((rival, at) => stores[at]?.save(rival, [])));
      const read = await reader.latest(accountId);

      expect(saved.filter((won) => won === undefined)).toHaveLength(1);
      expect(read).toStrictEqual(rivals[saved.findIndex((won) => won !== undefined)]);
    }
  });
});
