import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { SavedSnapshot } from "../../../core/domain/ports.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import type { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { afterAll, beforeAll, describe, expect, it } from "../../support/jest.ts";
import { newAccount, newStore, openWatched, startTestTable, type TestTable } from "../table/embedded.ts";
import { chainedHours, HOUR, hour, START, snapshotAt, take, updateAt, verifyAt, writeHours } from "./history.ts";

// Chains whose runs are interrupted or concurrent.

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table.close());

async function save(store: TableSnapshotStore, snapshot: Snapshot): Promise<SavedSnapshot> {
  const saved = await store.save(snapshot, []);
  if (saved === undefined) throw new Error("the slot is complete already");
  return saved;
}

/** Returns a store whose puts fail while `failing` is true, and an account with a chained snapshot of hour 0. */
async function startInstance() {
  const accountId = newAccount();
  await writeHours(newStore(table), accountId, [0]);
  const { store } = openWatched(table, (command) => instance.failing && command === "PutItemCommand");
  const instance = { accountId, store, failing: false };
  return instance;
}

describe("a snapshot that lost its entry although the chain continued", () => {
  it("recovers at the next append after a failed one, even if the chain ends with the previous slot", async () => {
    const instance = await startInstance();
    const { accountId, store } = instance;

    const second = await save(store, snapshotAt(accountId, 1));
    instance.failing = true;
    await expect(store.appendEntry(second, { slot: hour(0), trigger: "schedule" }, updateAt(1))).rejects.toThrow(
      "the process ended",
    );
    instance.failing = false;
    const third = await save(store, snapshotAt(accountId, 2));
    // The third run read its previous slot before the second snapshot was saved.
    await store.appendEntry(third, { slot: hour(0), trigger: "schedule" }, updateAt(2));

    expect(await chainedHours(table, accountId)).toEqual([0, 1, 2]);
  });

  it("recovers at the next append after a failed recovery", async () => {
    const instance = await startInstance();
    const { accountId, store } = instance;

    // A late slot, whose own put is found complete after a newer slot was chained.
    await store.appendEntry(
      await save(store, snapshotAt(accountId, 2)),
      { slot: hour(0), trigger: "schedule" },
      updateAt(2),
    );
    await save(store, snapshotAt(accountId, 1));
    instance.failing = true;
    await expect(store.appendMissingEntries(accountId, updateAt(2), hour(1))).rejects.toThrow("the process ended");
    instance.failing = false;
    await store.appendEntry(
      await save(store, snapshotAt(accountId, 3)),
      { slot: hour(2), trigger: "schedule" },
      updateAt(3),
    );

    expect(await chainedHours(table, accountId)).toEqual([0, 2, 1, 3]);
  });

  it("appends the snapshot of an old slot when its run is started again", async () => {
    const accountId = newAccount();
    const store = newStore(table);
    await writeHours(store, accountId, [0]);
    await store.save(snapshotAt(accountId, 1), []);
    // Hours later, a chain that continued without the snapshot.
    await store.appendEntry(
      await save(store, snapshotAt(accountId, 20)),
      { slot: hour(0), trigger: "schedule" },
      updateAt(20),
    );

    await store.appendMissingEntries(accountId, updateAt(21), hour(1));

    expect(await chainedHours(table, accountId)).toEqual([0, 20, 1]);
  });

  it("does not report an altered snapshot that is in the chain already", async () => {
    const accountId = newAccount();
    const store = newStore(table);
    const minute = (at: number) => slotAt(START + at * 60_000);
    for (let at = 0; at <= 30; at += 5) {
      const saved = await save(store, snapshotAt(accountId, 0, { slot: minute(at), capturedAt: minute(at) }));
      await store.appendEntry(saved, at === 0 ? undefined : { slot: minute(at - 5), trigger: "schedule" }, updateAt(1));
    }
    const altered = (await table.itemsUnder(accountId)).find(({ slot }) => slot?.S === minute(10));
    await table.put({ ...altered, pages: { N: "2" } });

    await store.save(snapshotAt(accountId, 0, { slot: minute(35), capturedAt: minute(35) }), []);
    await store.appendMissingEntries(accountId, updateAt(2));

    expect(await table.itemsUnder(`${accountId}#chain`)).toHaveLength(8);
  });
});

type Run = (store: TableSnapshotStore) => Promise<unknown>;

/**
 * Executes runs so that only one of them is active at a time: each waits for its turn before each request.
 * @param turns which of the waiting runs continues, each time; when the list is used up, the first one continues
 */
async function interleave(runs: readonly Run[], turns: readonly number[]): Promise<void> {
  const order = turns[Symbol.iterator]();
  const waiting: (() => void)[] = [];
  let active = runs.length;
  const stop = () => {
    if (--active > 0) return;
    const { value = 0 } = order.next();
    const [next] = waiting.splice(value % waiting.length, 1);
    active += next === undefined ? 0 : 1;
    next?.();
  };
  const clients = runs.map(() => table.anotherClient());
  for (const client of clients) {
    client.middlewareStack.add(
      (next) => async (args) => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          stop();
        });
        return next(args);
      },
      { step: "initialize" },
    );
  }
  await Promise.all(
    runs.map((run, at) => run(newStore({ client: clients[at] as DynamoDBClient, name: table.name })).finally(stop)),
  );
}

const turns = fc.array(fc.nat({ max: 5 }), { minLength: 30, maxLength: 30, size: "max" });

/** The update of one of several runs. The time differs, so that no two runs write the same item. */
const ofRun = (run: number) => updateAt(4, { now: START + 4 * HOUR + run });

describe("concurrent runs", () => {
  it("of three slots, one of them twice, never fork the chain or omit a snapshot, in any order of requests", async () => {
    const hours = [2, 3, 4, 2];
    await fc.assert(
      fc.asyncProperty(turns, async (order) => {
        const accountId = newAccount();
        await writeHours(newStore(table), accountId, [0]);

        const runs = hours.map(
          (at, run) => (store: TableSnapshotStore) => take(store, snapshotAt(accountId, at), ofRun(run)),
        );
        await interleave(runs, order);

        const chained = await chainedHours(table, accountId);
        expect([...chained].sort()).toEqual([0, ...new Set(hours)]);
        // Captures that are hours apart are chained in any order here, which a real clock rules out.
        const { findings } = await verifyAt(table, accountId, 5);
        expect(findings.filter(({ code }) => code !== "chained_late")).toEqual([]);
      }),
      { numRuns: EXHAUSTIVE ? 50 : 3 },
    );
  });

  it("that append the same missing entries append each of them once", async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (order) => {
        const accountId = newAccount();
        for (const at of [0, 1, 2]) await newStore(table).save(snapshotAt(accountId, at), []);

        const runs = [0, 1, 2].map(
          (run) => (store: TableSnapshotStore) => store.appendMissingEntries(accountId, ofRun(run)),
        );
        await interleave(runs, order);

        expect(await chainedHours(table, accountId)).toEqual([0, 1, 2]);
      }),
      { numRuns: EXHAUSTIVE ? 50 : 3 },
    );
  });

  it("give up after 20 attempts if other runs always append first", async () => {
    const accountId = newAccount();
    await newStore(table).save(snapshotAt(accountId, 0), []);
    const { store, sent } = openWatched(table, (command) => {
      if (command === "PutItemCommand") throw Object.assign(new Error(), { name: "ConditionalCheckFailedException" });
      return false;
    });

    const appended = store.appendMissingEntries(accountId, updateAt(0));

    await expect(appended).rejects.toMatchObject({
      code: "chain_contended",
      suggestedFix: expect.stringContaining("next run"),
    });
    expect(sent.filter((command) => command === "PutItemCommand")).toHaveLength(20);
  });

  it("append an entry once if the SDK repeats a put whose response was lost", async () => {
    const accountId = newAccount();
    const client = table.anotherClient();
    let puts = 0;
    client.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          const isEntry = JSON.stringify(args.input).includes("#chain") && commandName === "PutItemCommand";
          const response = await next(args);
          return isEntry && ++puts === 1 ? next(args) : response;
        },
      { step: "initialize" },
    );

    await writeHours(newStore({ client, name: table.name }), accountId, [0]);

    expect(puts).toBe(1);
    expect(await chainedHours(table, accountId)).toEqual([0]);
  });
});
