import type { Amounts } from "../../../core/domain/balance.ts";
import { EXPIRES_AT } from "../../../core/names/table-keys.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { amountsOf, assetOf, failureOf, SLOT, snapshotWith } from "../domain/snapshots.ts";
import { newAccount, newStore, openWatched, tableOf } from "./embedded.ts";
import { bytesOfItem } from "./size.ts";

// How many items a snapshot has, how large they are, and when they expire.

const ITEM_LIMIT_BYTES = 400 * 1024;

const table = tableOf([]);
const { store, reader } = openWatched(table);

/** Returns balances of about 6 KB per asset. */
function balancesOfMany(assets: number, salt = ""): Map<string, Amounts> {
  return new Map(
    Array.from({ length: assets }, (_, at) => {
      const digits = `${salt}${at}${"9".repeat(3000)}`;
      return [`a${at}`, amountsOf({ [`a${at}`]: [`${digits}.1`, `${digits}.2`] })];
    }),
  );
}

/** Stores a snapshot that needs several items, and returns it with its items. */
async function saveLarge(assets = 60) {
  const snapshot = snapshotWith(balancesOfMany(assets), { accountId: newAccount() });
  await store.save(snapshot, []);
  const [head] = table.itemsUnder(snapshot.accountId);
  return { snapshot, head, parts: table.itemsUnder(`${snapshot.accountId}#parts`) };
}

describe("the size of an item", () => {
  it("of 100 typical assets is at most 4.6 KB: 5 write units", async () => {
    const accountId = newAccount();
    const assets = Array.from({ length: 100 }, (_, at) => {
      const symbol = `a${String(at).padStart(2, "0")}`;
      return [symbol, amountsOf({ [symbol]: ["12.34567", "12.34568"], usd: ["12345.67", "12345.68"] })] as const;
    });
    await store.save(snapshotWith(new Map(assets), { accountId }), []);

    const [item = {}] = table.itemsUnder(accountId);
    expect(bytesOfItem(item)).toBeGreaterThan(100 * 32);
    expect(bytesOfItem(item)).toBeLessThanOrEqual(4.7 * 1024);
  });
});

// test/integration/crash covers parts that a killed run left behind.
describe("a snapshot too large for one item", () => {
  it.each([
    ["48 assets in one item", 48, 1],
    ["190 assets in five items", 190, 5],
  ])("is split only as far as needed, into items without other attributes: %s", async (_, assets, count) => {
    const { snapshot, head = {}, parts } = await saveLarge(assets);

    expect(parts).toHaveLength(count - 1);
    expect(Math.max(...[head, ...parts].map(bytesOfItem))).toBeLessThan(ITEM_LIMIT_BYTES);
    expect(await reader.latest(snapshot.accountId)).toStrictEqual(snapshot);
    expect(head).toMatchObject({ status: { S: "complete" }, assets: { N: String(assets) } });
    expect(Object.hasOwn(head, "balances")).toBe(count === 1);
    expect(head["parts"]?.N).toBe(count === 1 ? undefined : String(parts.length));
    for (const [at, part] of parts.entries()) {
      expect(Object.keys(part).sort()).toEqual(["account", "balances", "slot"]);
      expect(part["slot"]?.S).toBe(`${SLOT}#${head["partsId"]?.S}#000${at}`);
    }
  });

  it.each([
    ["one part is", 1],
    ["all parts are", 99],
  ])("is an error, not a smaller snapshot, if %s missing", async (_, missing) => {
    const { snapshot, parts } = await saveLarge();

    for (const part of parts.slice(0, missing)) table.remove(part);
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

  it("does not include parts of a concurrent attempt at the slot", async () => {
    const stores = [store, openWatched(table).store];
    for (let round = 0; round < 2; round++) {
      const accountId = newAccount();
      const rivals = ["1", "2"].map((salt) => snapshotWith(balancesOfMany(60, salt), { accountId }));

      const saved = await Promise.all(rivals.map((rival, at) => stores[at]?.save(rival, [])));
      const read = await reader.latest(accountId);

      expect(saved.filter((won) => won === undefined)).toHaveLength(1);
      expect(read).toStrictEqual(rivals[saved.findIndex((won) => won !== undefined)]);
    }
  });
});

describe("the expiry", () => {
  const DAYS = 400;
  const DAY_SECONDS = 86_400;
  const afterSlot = Date.parse(SLOT) / 1000 + DAYS * DAY_SECONDS;

  async function expiriesUnder(partition: string): Promise<(number | undefined)[]> {
    const items = table.itemsUnder(partition);
    return items.map(({ [EXPIRES_AT]: at }) => (at === undefined ? undefined : Number(at.N)));
  }

  it("of a snapshot is the configured days after its slot, not its capture; the catalog never expires", async () => {
    const accountId = newAccount();
    const snapshot = { ...snapshotWith({}, { accountId }), capturedAt: "2026-11-23T10:59:00.000Z" };

    await newStore(table, DAYS).save(snapshot, [assetOf("btc")]);

    expect(await expiriesUnder(accountId)).toEqual([afterSlot]);
    const catalog = await expiriesUnder("catalog");
    expect([catalog.length > 1, new Set(catalog)]).toEqual([true, new Set([undefined])]);
  });

  it("of parts is a month after their snapshot's", async () => {
    const accountId = newAccount();

    await newStore(table, DAYS).save(snapshotWith(balancesOfMany(60), { accountId }), []);

    const parts = await expiriesUnder(`${accountId}#parts`);
    expect(parts).toEqual(Array(2).fill(afterSlot + 30 * DAY_SECONDS));
    expect(await expiriesUnder(accountId)).toEqual([afterSlot]);
  });

  it("of a failed attempt is that of a snapshot of its slot, in whole seconds", async () => {
    const accountId = newAccount();

    await newStore(table, DAYS).recordFailure(failureOf(accountId, { slot: SLOT.replace(".000Z", ".001Z") }));

    expect(await expiriesUnder(accountId)).toEqual([afterSlot + 1]);
  });
});
