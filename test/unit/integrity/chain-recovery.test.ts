import fc from "fast-check";
import type { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { beforeEach, describe, expect, it } from "../../support/jest.ts";
import { intercept, type MemoryTable, newAccount, newStore, openWatched, tableOf } from "../table/embedded.ts";
import {
  append,
  chainedHours,
  HOUR,
  hour,
  START,
  snapshotAt,
  take,
  updateAt,
  verifyAt,
  writeHours,
} from "./history.ts";

// Chains whose runs are interrupted or concurrent.

let table: MemoryTable;
/** An account with a chained snapshot of hour 0. */
let accountId: string;
/** Its puts fail while `failing` is true. */
let store: TableSnapshotStore;
let failing: boolean;
beforeEach(async () => {
  [table, accountId, failing] = [tableOf([]), newAccount(), false];
  await writeHours(newStore(table), accountId, [0]);
  store = openWatched(table, (command) => failing && command === "PutItemCommand").store;
});

const save = (at: number) => store.save(snapshotAt(accountId, at), []);

describe("a snapshot that lost its entry although the chain continued", () => {
  it("recovers at the next append after a failed one, even if the chain ends with the previous slot", async () => {
    const second = await save(1);
    failing = true;
    const appended = second && store.appendEntry(second, { slot: hour(0), trigger: "schedule" }, updateAt(1));
    await expect(appended).rejects.toThrow("the process ended");
    failing = false;

    // The third run read its previous slot before the second snapshot was saved.
    await append(store, accountId, 2, 0);

    expect(await chainedHours(table, accountId)).toEqual([0, 1, 2]);
  });

  it("recovers at the next append after a failed recovery", async () => {
    // A late slot, whose own put is found complete after a newer slot was chained.
    await append(store, accountId, 2, 0);
    await save(1);
    failing = true;
    await expect(store.appendMissingEntries(accountId, updateAt(2), hour(1))).rejects.toThrow("the process ended");
    failing = false;

    await append(store, accountId, 3, 2);

    expect(await chainedHours(table, accountId)).toEqual([0, 2, 1, 3]);
  });
});

describe("appendMissingEntries", () => {
  it("appends the snapshot of an old slot when its run is started again", async () => {
    await save(1);
    // Hours later, a chain that continued without the snapshot.
    await append(store, accountId, 20, 0);

    await store.appendMissingEntries(accountId, updateAt(21), hour(1));

    expect(await chainedHours(table, accountId)).toEqual([0, 20, 1]);
  });

  it("does not report an altered snapshot that is in the chain already", async () => {
    await writeHours(store, accountId, [1, 2]);
    table.put({ ...table.itemsUnder(accountId)[1], pages: { N: "2" } });
    await save(3);

    await store.appendMissingEntries(accountId, updateAt(3));

    expect(await chainedHours(table, accountId)).toEqual([0, 1, 2, 3]);
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
    intercept(client, async (_, send) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        stop();
      });
      return send();
    });
  }
  await Promise.all(
    runs.map((run, at) => run(newStore({ client: clients[at] ?? table.client, name: table.name })).finally(stop)),
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
        await writeHours(store, accountId, [0]);

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
      { numRuns: EXHAUSTIVE ? 500 : 10 },
    );
  });

  it("that append the same missing entries append each of them once", async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (order) => {
        const accountId = newAccount();
        for (const at of [0, 1, 2]) await store.save(snapshotAt(accountId, at), []);

        const runs = [0, 1, 2].map(
          (run) => (store: TableSnapshotStore) => store.appendMissingEntries(accountId, ofRun(run)),
        );
        await interleave(runs, order);

        expect(await chainedHours(table, accountId)).toEqual([0, 1, 2]);
      }),
      { numRuns: EXHAUSTIVE ? 500 : 10 },
    );
  });

  it("give up after 20 attempts if other runs always append first", async () => {
    await save(1);
    const { store: contended, sent } = openWatched(table, (command) => {
      if (command === "PutItemCommand") throw Object.assign(new Error(), { name: "ConditionalCheckFailedException" });
      return false;
    });

    const appended = contended.appendMissingEntries(accountId, updateAt(1));

    await expect(appended).rejects.toMatchObject({
      code: "chain_contended",
      suggestedFix: expect.stringContaining("next run"),
    });
    expect(sent.filter((command) => command === "PutItemCommand")).toHaveLength(20);
  });

  it("append an entry once if the SDK repeats a put whose response was lost", async () => {
    const client = table.anotherClient();
    let puts = 0;
    intercept(client, async ({ name, input }, send) => {
      const isEntry = input.Item?.["account"]?.S?.endsWith("#chain") && name === "PutItemCommand";
      const response = await send();
      return isEntry && ++puts === 1 ? send() : response;
    });

    await writeHours(newStore({ client, name: table.name }), accountId, [1]);

    expect(puts).toBe(1);
    expect(await chainedHours(table, accountId)).toEqual([0, 1]);
  });
});
