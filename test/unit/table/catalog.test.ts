import type { Asset } from "../../../core/domain/balance.ts";
import type { HistoryReader } from "../../../core/table/history-reader.ts";
import type { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { afterEach, beforeEach, describe, expect, it } from "../../support/jest.ts";
import { assetOf, snapshotWith } from "../domain/snapshots.ts";
import { newAccount, openWatched, startTestTable, type TestTable } from "./embedded.ts";

const [FIRST, SECOND, THIRD] = ["2026-11-23T10:00:00.000Z", "2026-11-23T11:00:00.000Z", "2026-11-23T12:00:00.000Z"];

let table: TestTable;
let reader: HistoryReader;
beforeEach(async () => {
  table = await startTestTable();
  reader = openWatched(table).reader;
});
afterEach(() => table.close());

/** Returns a store as another process has. */
const newStore = () => openWatched(table).store;

async function saveWith(store: TableSnapshotStore, slot: string, assets: readonly Asset[], accountId = newAccount()) {
  await store.save(snapshotWith({}, { accountId, slot }), assets);
}

describe("the schedules of the catalog", () => {
  const hourly = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: 3_600_000 };
  const daily = { expression: "cron(0 9 * * ? *)", timezone: "UTC", latenessLimitMs: 3_600_000 };

  it.each([
    ["its slot", THIRD, THIRD],
    ["now if the previous one came into force after its slot", "2026-11-23T09:00:00.000Z", SECOND],
    ["now if the previous one came into force with its slot", FIRST, SECOND],
  ])("are in force from %s", async (_, slot, since) => {
    await newStore().registerSchedule(hourly, FIRST, FIRST);

    await newStore().registerSchedule(daily, slot, SECOND);
    await newStore().registerSchedule(daily, THIRD, THIRD);

    expect(await reader.schedules()).toEqual([
      { ...hourly, since: FIRST },
      { ...daily, since },
    ]);
  });
});

describe("the accounts of the catalog", () => {
  const periodsOf = async (accountId: string) => (await reader.accounts()).get(accountId)?.periods;

  it("keep their start if another process registers it again", async () => {
    const accountId = newAccount();
    const late = newStore();
    await late.accounts();
    // `late` has read the catalog before the account was registered.
    await saveWith(newStore(), SECOND, [], accountId);

    await saveWith(late, THIRD, [], accountId);

    expect(await periodsOf(accountId)).toMatchObject([{ since: SECOND }]);
  });

  it("end and start again, whichever process registers it, and a second end changes nothing", async () => {
    const [accountId, warm] = [newAccount(), newStore()];
    await saveWith(warm, FIRST, [], accountId);

    await newStore().registerEnd(accountId, SECOND, SECOND, "It was closed.");
    await newStore().registerEnd(accountId, "2026-11-23T11:30:00.000Z", THIRD, "Again.");
    const ended = await periodsOf(accountId);
    // Every run reads the accounts.
    await warm.accounts();
    await saveWith(warm, THIRD, [], accountId);

    expect(ended).toMatchObject([{ since: FIRST, until: SECOND, reason: "It was closed." }]);
    expect(await periodsOf(accountId)).toMatchObject([{ until: SECOND }, { since: THIRD }]);
  });

  it("and assets that are known are not written again", async () => {
    const accountId = newAccount();
    await saveWith(newStore(), FIRST, [assetOf("btc"), assetOf("eth")], accountId);
    const { store, sent } = openWatched(table);

    await saveWith(store, SECOND, [assetOf("btc"), assetOf("eth")], accountId);
    await saveWith(store, THIRD, [assetOf("btc"), assetOf("eth")], accountId);

    expect(sent.filter((command) => command === "PutItemCommand")).toHaveLength(2);
    expect(sent.filter((command) => command === "QueryCommand")).toHaveLength(2);
  });

  it("start later if the start of a stored snapshot cannot be registered", async () => {
    const accountId = newAccount();
    // The first query reads the assets, the second one the accounts.
    const { store } = openWatched(table, (command, at) => command === "QueryCommand" && at === 2);
    const save = (slot: string) => store.save(snapshotWith({}, { accountId, slot }), []);

    const saved = [await save(FIRST), await save(SECOND)];

    expect(saved).toMatchObject([{ slot: FIRST, startError: { code: "table_unavailable" } }, { slot: SECOND }]);
    expect(await periodsOf(accountId)).toMatchObject([{ since: FIRST }]);
  });

  it("and assets are read again if the first read failed", async () => {
    const { store } = openWatched(table, (command, at) => command === "QueryCommand" && at === 1);
    const accountId = newAccount();

    const attempts = [
      await saveWith(store, FIRST, [assetOf("btc")], accountId).catch((thrown) => thrown.code),
      await saveWith(store, FIRST, [assetOf("btc")], accountId),
    ];

    expect(attempts).toEqual(["table_unavailable", undefined]);
    expect([...(await reader.accounts()).keys()]).toEqual([accountId]);
  });
});

describe("the assets of the catalog", () => {
  it("have their newest description if any attribute changes, and the table keeps the older ones", async () => {
    const changes = [{}, { type: "fiat" }, { name: "Other" }, { decimals: 6 }, {}];
    const newest: (Asset | undefined)[] = [];

    for (const [hour, change] of changes.entries()) {
      await saveWith(newStore(), `2026-11-23T1${hour}:00:00.000Z`, [assetOf("btc", change)]);
      newest.push((await reader.assets()).get("btc"));
    }

    expect(newest).toEqual(changes.map((change) => assetOf("btc", change)));
    const versions = await table.itemsUnder("assets");
    expect(versions.map(({ name }) => name?.S)).toEqual(["BTC", "BTC", "Other", "BTC", "BTC"]);
  });
});
