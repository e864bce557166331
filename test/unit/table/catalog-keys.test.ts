import { keyOf } from "../../../core/domain/account-activity.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { failureOf, snapshotWith } from "../domain/snapshots.ts";
import { type MemoryTable, newAccount, newStore, tableOf } from "./embedded.ts";

// What the catalog keeps per API key.

const [FIRST, SECOND, THIRD] = ["2026-11-23T10:00:00.000Z", "2026-11-23T11:00:00.000Z", "2026-11-23T12:00:00.000Z"];
const hourly = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: 3_600_000 };
const daily = { ...hourly, expression: "cron(0 9 * * ? *)" };

const sortKeysOf = (table: MemoryTable) =>
  table.items().flatMap(({ account, slot }) => (account?.S === "catalog" && slot?.S ? slot.S : []));
const activityOf = async (table: MemoryTable, accountId: string) => (await newStore(table).accounts()).get(accountId);

describe("the schedules of several keys", () => {
  /** Registers schedules, each by another process, and returns the sort keys of what the table then has. */
  async function register(
    ...given: readonly (readonly [key: string | undefined, schedule: typeof hourly, slot: string])[]
  ) {
    const table = tableOf([]);
    for (const [key, schedule, slot] of given) await newStore(table).registerSchedule({ ...schedule, key }, slot, slot);
    return sortKeysOf(table);
  }

  it("change independently of each other", async () => {
    const schedules = await register(
      ["emea", hourly, FIRST],
      ["us", hourly, FIRST],
      ["us", daily, SECOND],
      ["emea", hourly, THIRD],
    );

    expect(schedules).toEqual([`schedule ${FIRST} emea`, `schedule ${FIRST} us`, `schedule ${SECOND} us`]);
  });
});

describe("the refresh of names", () => {
  it("is due once a day for each key", async () => {
    const table = tableOf([]);
    const due: boolean[] = [];
    for (const key of ["emea", "us", undefined, "emea", "us", undefined]) {
      due.push(await newStore(table).startNamesRefresh(FIRST, key));
    }

    expect(due).toEqual([true, true, true, false, false, false]);
    expect(sortKeysOf(table).sort()).toEqual(["names", "names emea", "names us"]);
  });
});

describe("the key of an account", () => {
  it("is known from its first failed attempt or its start, and is kept when the list says nothing about it", async () => {
    const [table, [pending, started]] = [tableOf([]), [newAccount(), newAccount()]];
    await newStore(table).recordFailure(failureOf(pending), "us");
    await newStore(table).save(snapshotWith({}, { accountId: started, slot: FIRST }), [], {
      accountId: started,
      key: "us",
    });

    await newStore(table).registerDescription({ accountId: started, name: "Vault" }, SECOND);

    const activities = await Promise.all([pending, started].map((accountId) => activityOf(table, accountId)));
    expect(activities.map((activity) => activity && keyOf(activity))).toEqual(["us", "us"]);
    expect(activities[0]?.periods).toEqual([]);
  });

  it("changes with one event, which does not change when it counts", async () => {
    const [table, accountId] = [tableOf([]), newAccount()];
    const snapshot = snapshotWith({}, { accountId, slot: FIRST });
    await newStore(table).save(snapshot, [], { accountId, name: "Vault", key: "emea" });

    for (let times = 0; times < 2; times++) {
      await newStore(table).registerKey(snapshot, { accountId, key: "us" }, SECOND);
    }

    expect(sortKeysOf(table)).toEqual([`${accountId} ${FIRST} start`, `${accountId} ${SECOND} described`]);
    expect(await activityOf(table, accountId)).toMatchObject({
      periods: [{ since: FIRST }],
      descriptions: [{ key: "emea" }, { name: "Vault", key: "us" }],
    });
  });

  it("changes together with a start if another process has ended it since this one read the catalog", async () => {
    const [table, accountId] = [tableOf([]), newAccount()];
    const late = newStore(table);
    await newStore(table).save(snapshotWith({}, { accountId, slot: FIRST }), [], { accountId, key: "emea" });
    await late.accounts();
    await newStore(table).registerEnd(accountId, SECOND, SECOND, "The API does not find it.");

    const taken = snapshotWith({}, { accountId, slot: SECOND });
    await late.save(taken, [], { accountId, key: "us" });
    await late.registerKey(taken, { accountId, key: "us" }, THIRD);

    const activity = await activityOf(table, accountId);
    expect(activity?.periods).toEqual([{ since: FIRST, from: expect.any(Number) }]);
    expect(activity && keyOf(activity)).toBe("us");
  });

  it.each([
    ["with a name", "Vault"],
    ["without any description", undefined],
  ])(
    "is none from the slot on in which it was given up, until a key takes it over: an account %s",
    async (_, before) => {
      const [table, accountId] = [tableOf([]), newAccount()];
      const snapshot = snapshotWith({}, { accountId, slot: FIRST });
      await newStore(table).save(snapshot, [], { accountId, name: before });
      const states: unknown[] = [];

      for (const [at, change] of [
        [SECOND, { key: "", noKeySince: FIRST }],
        [THIRD, { name: "Safe" }],
        ["2026-11-23T13:00:00.000Z", { key: "us" }],
      ] as const) {
        await newStore(table).registerDescription({ accountId, ...change }, at);
        const { name, key, noKeySince } = (await activityOf(table, accountId))?.descriptions?.at(-1) ?? {};
        states.push([name, key, noKeySince]);
      }

      expect(states).toEqual([
        [before, undefined, FIRST],
        ["Safe", undefined, FIRST],
        ["Safe", "us", undefined],
      ]);
    },
  );

  it("is registered also at the instant at which another run has registered another description", async () => {
    const [table, accountId] = [tableOf([]), newAccount()];
    await newStore(table).save(snapshotWith({}, { accountId, slot: FIRST }), [], { accountId, key: "emea" });
    const [one, other] = [newStore(table), newStore(table)];
    for (const store of [one, other]) await store.accounts();

    await one.registerDescription({ accountId, key: "", noKeySince: SECOND }, SECOND);
    await other.registerDescription({ accountId, key: "us" }, SECOND);

    expect((await activityOf(table, accountId))?.descriptions?.map(({ key }) => key)).toEqual([
      "emea",
      undefined,
      "us",
    ]);
  });

  it("decides whether a key waits for its first value: also current accounts of an unknown key may be its own", async () => {
    const [table, [one, other, ended]] = [tableOf([]), [newAccount(), newAccount(), newAccount()]];
    const answers = async () => [
      ...(await Promise.all(["emea", "us", undefined].map((key) => newStore(table).hasAccounts(key)))),
    ];
    const none = await answers();
    await newStore(table).save(snapshotWith({}, { accountId: one, slot: FIRST }), [], { accountId: one, key: "us" });
    await newStore(table).registerDescription({ accountId: one, key: "", noKeySince: SECOND }, SECOND);
    await newStore(table).registerEnd(one, SECOND, SECOND, "It was closed.");
    await newStore(table).save(snapshotWith({}, { accountId: ended, slot: FIRST }), []);
    await newStore(table).registerEnd(ended, SECOND, SECOND, "It was closed.");
    const own = await answers();
    await newStore(table).save(snapshotWith({}, { accountId: other, slot: FIRST }), []);
    const unknown = await answers();

    expect([none, own, unknown]).toEqual([Array(3).fill(false), [false, true, true], Array(3).fill(true)]);
  });
});

describe("the list of a key", () => {
  it("is what its last run has registered, for other processes and for this one", async () => {
    const table = tableOf([]);
    expect([...(await newStore(table).keyLists())]).toEqual([]);
    await newStore(table).registerKeyList("us", { readAt: FIRST, lacksAll: true });
    await newStore(table).registerKeyList("emea", { readAt: SECOND, lacksAll: false });
    const last = newStore(table);
    await last.registerKeyList("us", { readAt: THIRD, lacksAll: false });

    const lists = await Promise.all([last, newStore(table)].map((one) => one.keyLists()));

    const expected = [
      ["emea", { readAt: SECOND, lacksAll: false }],
      ["us", { readAt: THIRD, lacksAll: false }],
    ];
    expect(lists.map((list) => [...list].sort())).toEqual([expected, expected]);
  });

  it("is unknown if its item is damaged", async () => {
    const table = tableOf([{ account: { S: "catalog" }, slot: { S: "list us" }, readAt: { S: "yesterday" } }]);

    expect([...(await newStore(table).keyLists())]).toEqual([]);
  });
});
