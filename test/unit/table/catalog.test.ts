import type { HistoryReader } from "../../../core/table/history-reader.ts";
import type { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { beforeEach, describe, expect, it } from "../../support/jest.ts";
import { assetOf, snapshotWith } from "../domain/snapshots.ts";
import { type MemoryTable, newAccount, openWatched, tableOf } from "./embedded.ts";

const [FIRST, SECOND, THIRD] = ["2026-11-23T10:00:00.000Z", "2026-11-23T11:00:00.000Z", "2026-11-23T12:00:00.000Z"];

let table: MemoryTable;
let reader: HistoryReader;
beforeEach(() => {
  table = tableOf([]);
  reader = openWatched(table).reader;
});

/** Returns a store as another process has. */
const newStore = () => openWatched(table).store;

async function saveWith(store: TableSnapshotStore, slot: string, accountId: string) {
  await store.save(snapshotWith({}, { accountId, slot }), []);
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
    await saveWith(newStore(), SECOND, accountId);

    await saveWith(late, THIRD, accountId);

    expect(await periodsOf(accountId)).toMatchObject([{ since: SECOND }]);
  });

  it("end and start again, whichever process registers it, and a second end changes nothing", async () => {
    const [accountId, warm] = [newAccount(), newStore()];
    await saveWith(warm, FIRST, accountId);

    await newStore().registerEnd(accountId, SECOND, SECOND, "It was closed.");
    await newStore().registerEnd(accountId, "2026-11-23T11:30:00.000Z", THIRD, "Again.");
    const ended = await periodsOf(accountId);
    // Every run reads the accounts.
    await warm.accounts();
    await saveWith(warm, THIRD, accountId);

    expect(ended).toMatchObject([{ since: FIRST, until: SECOND, reason: "It was closed." }]);
    expect(await periodsOf(accountId)).toMatchObject([{ until: SECOND }, { since: THIRD }]);
  });

  it("start again after their end, although they have a snapshot of the slot in which they ended", async () => {
    const accountId = newAccount();
    for (const slot of [FIRST, SECOND]) await saveWith(newStore(), slot, accountId);
    await newStore().registerEnd(accountId, SECOND, SECOND, "It was closed.");

    await saveWith(newStore(), THIRD, accountId);

    expect(await periodsOf(accountId)).toMatchObject([{ since: FIRST, until: SECOND }, { since: THIRD }]);
  });

  it("start later if the start of a stored snapshot cannot be registered", async () => {
    const accountId = newAccount();
    // The first query reads the catalog, the second one looks for the first snapshot.
    const { store } = openWatched(table, (command, at) => command === "QueryCommand" && at === 2);
    const save = (slot: string) => store.save(snapshotWith({}, { accountId, slot }), []);

    const saved = [await save(FIRST), await save(SECOND)];

    expect(saved).toMatchObject([{ slot: FIRST, startError: { code: "table_unavailable" } }, { slot: SECOND }]);
    expect(await periodsOf(accountId)).toMatchObject([{ since: FIRST }]);
  });
});

it("a run registers again what was deleted from the catalog, although its process has registered it before", async () => {
  const [accountId, warm] = [newAccount(), newStore()];
  const schedule = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: 3_600_000 };
  const run = async (slot: string) => {
    await warm.accounts();
    await warm.registerSchedule(schedule, slot, slot);
    await warm.save(snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId, slot }), [assetOf("btc")]);
  };
  await run(FIRST);
  const items = table.itemsUnder("catalog");
  for (const item of items) table.remove(item);

  await run(SECOND);

  expect(items).toHaveLength(3);
  expect((await reader.accounts()).get(accountId)?.periods).toMatchObject([{ since: FIRST }]);
  expect(await reader.schedules()).toEqual([{ ...schedule, since: SECOND }]);
  expect(await reader.assets()).toEqual(new Map([["btc", assetOf("btc")]]));
});
