import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { newAccount, startTestTable, type TestTable, watch } from "../table/embedded.ts";
import { catchUpAt, chainedHours, HOUR, hour, newStore, START, snapshotAt, verifyAt, writeHours } from "./history.ts";

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table.close());

type Run = (store: TableStore) => Promise<void>;

/**
 * Makes runs of their own stores, of which at any time one is at work: before each request it waits for its turn.
 * @param turns whose turn it is, each time, among those that wait; when they are used up, the first one's
 */
async function interleave(runs: readonly Run[], turns: readonly number[]): Promise<void> {
  const order = turns[Symbol.iterator]();
  const waiting: (() => void)[] = [];
  let atWork = runs.length;
  const stop = () => {
    if (--atWork > 0) return;
    const { value = 0 } = order.next();
    const [next] = waiting.splice(value % waiting.length, 1);
    atWork += next === undefined ? 0 : 1;
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
    runs.map((run, at) => run(new TableStore(new Table(clients[at] as DynamoDBClient, table.name))).finally(stop)),
  );
}

const turns = fc.array(fc.nat({ max: 5 }), { minLength: 30, maxLength: 30, size: "max" });

/** The requests of a run that takes a snapshot, in their order. */
const REQUESTS_OF_A_RUN = 6;

/** How one of several runs catches up: what it writes is its own, even where it writes the same. */
const ofRun = (run: number) => catchUpAt(4, { now: START + 4 * HOUR + run });

describe("runs side by side", () => {
  // In the wrong order, and as one that wins over the other.
  const cases: [string, number[]][] = [
    ["on two slots", [2, 3]],
    ["on three slots, and one of them twice", [2, 3, 4, 2]],
  ];

  it.each(cases)(
    "%s never fork the chain, and leave none out, in whatever order their requests come",
    async (_, hours) => {
      await fc.assert(
        fc.asyncProperty(turns, async (order) => {
          const accountId = newAccount();

          const runs = hours.map((at, run) => async (store: TableStore) => {
            await store.save(snapshotAt(accountId, at), []);
            await store.appendMissingEntries(accountId, ofRun(run));
          });
          await interleave(runs, order);

          const chained = await chainedHours(table, accountId);
          expect([...chained].sort()).toEqual([...new Set(hours)]);
          // Captures that are hours apart are entered at the same time here, which no clock has them be.
          const { findings } = await verifyAt(table, accountId, 5);
          expect(findings.filter(({ code }) => code !== "chained_late")).toEqual([]);
        }),
        { numRuns: 8 },
      );
    },
  );

  it("never write over each other's entries, whoever of them reads and writes first", async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (order) => {
        const accountId = newAccount();
        for (const at of [0, 1, 2]) await newStore(table).save(snapshotAt(accountId, at), []);

        await interleave(
          [0, 1, 2].map((run) => (store) => store.appendMissingEntries(accountId, ofRun(run))),
          order,
        );

        expect(await chainedHours(table, accountId)).toEqual([0, 1, 2]);
      }),
      { numRuns: 10 },
    );
  });

  it("that enter a whole history at once enter each snapshot once", async () => {
    const accountId = newAccount();
    const hours = Array.from({ length: 12 }, (_, at) => at);
    for (const at of hours) await newStore(table).save(snapshotAt(accountId, at), []);

    const runs = [1, 2, 3].map(() => new TableStore(new Table(table.anotherClient(), table.name)));
    await Promise.allSettled(runs.map((store) => store.appendMissingEntries(accountId, catchUpAt(12))));

    expect(await chainedHours(table, accountId)).toEqual(hours);
  });

  it("without end are given up, with a word on who enters what is missing", async () => {
    const accountId = newAccount();
    const client = table.anotherClient();
    await newStore(table).save(snapshotAt(accountId, 0), []);
    const sent = watch(client, (command) => {
      if (command === "PutItemCommand") throw Object.assign(new Error(), { name: "ConditionalCheckFailedException" });
      return false;
    });

    const caughtUp = new TableStore(new Table(client, table.name)).appendMissingEntries(accountId, catchUpAt(0));

    await expect(caughtUp).rejects.toMatchObject({
      code: "chain_contended",
      message: expect.stringMatching(/next run/),
    });
    expect(sent.filter((command) => command === "PutItemCommand")).toHaveLength(20);
  });
});

describe("a run that is killed", () => {
  const kills = Array.from({ length: REQUESTS_OF_A_RUN }, (_, at) => [at + 1]);

  /** Takes the snapshot of an hour, and is killed before its nth request. @returns how many requests it made */
  async function killedAt(accountId: string, at: number, nth: number): Promise<number> {
    const client = table.anotherClient();
    const sent = watch(client, () => sent.length === nth);
    const store = new TableStore(new Table(client, table.name));
    await store
      .save(snapshotAt(accountId, at), [])
      .then(() => store.appendMissingEntries(accountId, catchUpAt(at)))
      .catch(() => {});
    return sent.length;
  }

  it("makes that many requests, if it is not", async () => {
    const accountId = newAccount();
    await writeHours(newStore(table), accountId, [0, 1]);

    expect(await killedAt(accountId, 2, 99)).toBe(REQUESTS_OF_A_RUN);
  });

  it.each(kills)("before request %d, heals when the same slot is tried again", async (nth) => {
    const accountId = newAccount();
    await writeHours(newStore(table), accountId, [0, 1]);

    expect(await killedAt(accountId, 2, nth)).toBe(nth);
    await writeHours(newStore(table), accountId, [2]);

    expect(await chainedHours(table, accountId)).toEqual([0, 1, 2]);
    expect((await verifyAt(table, accountId, 3)).findings).toEqual([]);
  });

  it.each(kills)("before request %d, heals with a later slot", async (nth) => {
    const accountId = newAccount();
    await writeHours(newStore(table), accountId, [0, 1]);

    await killedAt(accountId, 2, nth);
    const meanwhile = await verifyAt(table, accountId, 3);
    await writeHours(newStore(table), accountId, [3]);

    const kept = (await table.itemsUnder(accountId)).some(({ slot }) => slot?.S === hour(2));
    // Between the two writes there is a snapshot without an entry: known, and no finding yet.
    expect(meanwhile.findings.map(({ code }) => code)).toEqual(kept ? ["not_chained_yet"] : []);
    expect(await chainedHours(table, accountId)).toEqual(kept ? [0, 1, 2, 3] : [0, 1, 3]);
    expect((await verifyAt(table, accountId, 4)).findings).toEqual([]);
  });

  it("heals after days in which nothing ran", async () => {
    const accountId = newAccount();
    await writeHours(newStore(table), accountId, [0, 1]);

    await killedAt(accountId, 2, REQUESTS_OF_A_RUN);
    await writeHours(newStore(table), accountId, [200]);

    expect(await chainedHours(table, accountId)).toEqual([0, 1, 2, 200]);
  });

  it("by an answer that was lost after the entry was written does not enter it twice", async () => {
    const accountId = newAccount();
    const client = table.anotherClient();
    const store = new TableStore(new Table(client, table.name));
    await store.save(snapshotAt(accountId, 0), []);
    let puts = 0;
    client.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          const answer = await next(args);
          // What the SDK then does: it tries again, and its own first attempt fails the condition.
          return commandName === "PutItemCommand" && ++puts === 1 ? next(args) : answer;
        },
      { step: "initialize" },
    );

    await store.appendMissingEntries(accountId, catchUpAt(0));

    expect(puts).toBe(1);
    expect(await chainedHours(table, accountId)).toEqual([0]);
  });
});
