import fc from "fast-check";
import type { Asset } from "../../../core/domain/balance.ts";
import type { JobError } from "../../../core/domain/errors.ts";
import { assetName, type Snapshot, snapshotOf } from "../../../core/domain/snapshot.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { beforeEach, describe, expect, it } from "../../support/jest.ts";
import { amountsOf, assetOf, SLOT, snapshotWith } from "../domain/snapshots.ts";
import { intercept, type MemoryTable, newAccount, tableOf, watch } from "./embedded.ts";
import { bytesOfItem } from "./size.ts";

let table: MemoryTable;
let reported: JobError[];
beforeEach(() => {
  [table, reported] = [tableOf([]), []];
});

/** Opens the table as another process does. */
function open(fails?: Parameters<typeof watch>[1]) {
  const client = table.anotherClient();
  const sent = watch(client, fails);
  const opened = new Table(client, table.name);
  const store = new TableSnapshotStore(opened, undefined, (error) => reported.push(error));
  return { store, usage: opened.usage, sent };
}

const slotAfter = (hours: number) => new Date(Date.parse(SLOT) + hours * 3_600_000).toISOString();

/** Takes a snapshot of an account that holds one of each asset. */
async function take(store: TableSnapshotStore, accountId: string, hour: number, assets: readonly Asset[]) {
  const { snapshot, assets: described } = snapshotOf(
    {
      balances: assets.map((asset) => ({ asset, amounts: amountsOf({ [asset.symbol]: ["1", "1"] }) })),
      ...{ consistency: "verified", passes: 1, pages: 1, unsettled: [], hidden: 0 },
      ...{ capturedAt: Date.parse(slotAfter(hour)), completedAt: Date.parse(slotAfter(hour)) },
    },
    { accountId, slot: slotAfter(hour), trigger: "schedule" },
  );
  await store.accounts();
  await store.save(snapshot, described);
}

/** Returns the names of the assets in each snapshot of an account, as another process reads them. */
async function namesIn(accountId: string): Promise<Record<string, string | undefined>[]> {
  const reader = new HistoryReader(new Table(table.anotherClient(), table.name));
  const catalog = await reader.assets();
  const names: Record<string, string | undefined>[] = [];
  const nameOf = (snapshot: Snapshot) => (symbol: string) => [symbol, assetName(snapshot, catalog, symbol)];
  for await (const record of reader.records(accountId, { from: 0, to: Date.parse(slotAfter(10_000)) })) {
    if (record.status === "failed") continue;
    names.push(Object.fromEntries([...record.snapshot.balances.keys()].map(nameOf(record.snapshot))));
  }
  return names;
}

const named = (symbol: string, name: string) => assetOf(symbol, { name });
const logItems = () => table.itemsUnder("catalog").filter(({ slot }) => slot?.S?.startsWith("assets "));

describe("the descriptions of assets", () => {
  it("are stored once, and read with one query, if they do not change", async () => {
    const accountId = newAccount();
    await take(open().store, accountId, 0, [assetOf("btc"), assetOf("eth")]);
    const { store, sent } = open();

    await take(store, accountId, 1, [assetOf("btc"), assetOf("eth")]);

    expect(sent).toEqual(["QueryCommand", "PutItemCommand"]);
    expect(logItems()).toHaveLength(1);
  });

  it("of two accounts that name an asset differently need one item, and each snapshot has its own name", async () => {
    const [one, other] = [newAccount(), newAccount()];

    for (const hour of [0, 1, 2]) {
      await take(open().store, one, hour, [named("usdc", "USD Coin")]);
      await take(open().store, other, hour, [named("usdc", "Circle Dollar")]);
    }

    expect(logItems()).toHaveLength(1);
    expect(await namesIn(one)).toEqual(Array(3).fill({ usdc: "USD Coin" }));
    expect(await namesIn(other)).toEqual(Array(3).fill({ usdc: "Circle Dollar" }));
  });

  it("stay those of their time if any part of them changes", async () => {
    const accountId = newAccount();
    const changes = [{}, { type: "fiat" }, { name: "Other [1]" }, { decimals: 6 }, {}];

    for (const [hour, change] of changes.entries()) {
      await take(open().store, accountId, hour, [assetOf("btc", change)]);
    }

    const items = table.itemsUnder(accountId);
    const suffixes = ["", ' ["fiat","BTC",8]', ' ["crypto","Other [1]",8]', ' ["crypto","BTC",6]', ""];
    expect(items.map(({ balances }) => balances?.M?.["btc"]?.S)).toEqual(suffixes.map((suffix) => `1${suffix}`));
    expect((await namesIn(accountId)).map(({ btc }) => btc)).toEqual(["BTC", "BTC", "Other [1]", "BTC", "BTC"]);
  });

  it("of more new assets than the catalog has room for are in the snapshot, which is reported with their number", async () => {
    const accountId = newAccount();
    const invented = (hour: number) =>
      Array.from({ length: 300 }, (_, at) => named(`${hour}-${at}-`.padEnd(999, "y"), `Asset ${at}`));

    for (let hour = 0; hour < 7; hour++) await take(open().store, accountId, hour, invented(hour));

    const items = logItems();
    expect(Math.max(...items.map(bytesOfItem))).toBeLessThan(210_000);
    expect(items.reduce((bytes, item) => bytes + bytesOfItem(item), 0)).toBeLessThan(1_001_000);
    expect(reported.map(({ code }) => code)).toEqual(Array(7).fill("catalog_full"));
    expect(reported.at(-1)?.message).toMatch(/^The catalog has no room for the descriptions of 300 new assets\./);
    const expected = Array.from({ length: 300 }, (_, at) => `Asset ${at}`);
    for (const names of await namesIn(accountId)) expect(Object.values(names).sort()).toEqual(expected.sort());
  });

  it.each([
    ["put", (command: string, at: number) => command === "PutItemCommand" && at === 1],
    ["read", (command: string) => command === "QueryCommand"],
  ])("that cannot be %s cost no snapshot, which holds them", async (_, fails) => {
    const accountId = newAccount();
    const { store } = open(fails);
    const btc = assetOf("btc", { name: "Bitcoin" });
    const balances = [{ asset: btc, amounts: amountsOf({ btc: ["1", "1"] }) }];
    const walked = { balances, consistency: "verified", passes: 1, pages: 1, unsettled: [], hidden: 0 } as const;
    const times = { capturedAt: Date.parse(SLOT), completedAt: Date.parse(SLOT) };
    const { snapshot, assets } = snapshotOf({ ...walked, ...times }, { accountId, slot: SLOT, trigger: "schedule" });

    const saved = await store.save(snapshot, assets);

    expect(saved?.slot).toBe(SLOT);
    expect(reported).toMatchObject([{ code: "table_unavailable" }]);
    expect(await namesIn(accountId)).toEqual([{ btc: "Bitcoin" }]);
  });
});

const anySnapshot = fc.record({
  process: fc.nat(2),
  names: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom("x", "y", "z")),
});

it("each snapshot has the names of its time, however processes that know different parts of the catalog take turns", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anySnapshot, { maxLength: 8 }), async (snapshots) => {
      const processes = [open(), open(), open()];
      const accountId = newAccount();
      // Concurrent, as runs of different slots can be.
      await Promise.all(
        snapshots.map(({ process, names }, hour) => {
          const { store } = processes[process] as ReturnType<typeof open>;
          return take(
            store,
            accountId,
            hour,
            Object.entries(names).map(([symbol, name]) => named(symbol, name)),
          );
        }),
      );

      expect(await namesIn(accountId)).toEqual(snapshots.map(({ names }) => names));
      for (const item of logItems()) table.remove(item);
    }),
    { numRuns: EXHAUSTIVE ? 500 : 10 },
  );
});

it("a catalog that does not answer costs no snapshot, and a run only one attempt: each account would wait", async () => {
  const client = table.anotherClient();
  let attempts = 0;
  intercept(client, ({ input }, send) => {
    if (!JSON.stringify(input).includes('"catalog"')) return send();
    attempts++;
    throw new Error("The table does not answer.");
  });
  const store = new TableSnapshotStore(new Table(client, table.name), undefined, (error) => reported.push(error));
  await store.accounts().catch(() => {});
  const accounts = [newAccount(), newAccount()];

  for (const accountId of accounts) {
    const held = { ...snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId }), descriptions: new Map() };
    await store.save(held, [assetOf("btc")]);
  }

  expect(attempts).toBe(1);
  expect(reported).toHaveLength(1);
  for (const accountId of accounts) expect(await namesIn(accountId)).toEqual([{ btc: assetOf("btc").name }]);
});
