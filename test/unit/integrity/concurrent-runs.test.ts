import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { newAccount, startTestTable, type TestTable, watch } from "../table/embedded.ts";
import { chainedHours, HOUR, newStore, START, snapshotAt, take, updateAt, verifyAt, writeHours } from "./history.ts";

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table.close());

type Run = (store: TableStore) => Promise<void>;

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
    runs.map((run, at) => run(new TableStore(new Table(clients[at] as DynamoDBClient, table.name))).finally(stop)),
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

        const runs = hours.map((at, run) => (store: TableStore) => take(store, snapshotAt(accountId, at), ofRun(run)));
        await interleave(runs, order);

        const chained = await chainedHours(table, accountId);
        expect([...chained].sort()).toEqual([0, ...new Set(hours)]);
        // Captures that are hours apart are chained in any order here, which a real clock rules out.
        const { findings } = await verifyAt(table, accountId, 5);
        expect(findings.filter(({ code }) => code !== "chained_late")).toEqual([]);
      }),
      { numRuns: 5 },
    );
  });

  it("that append the same missing entries append each of them once", async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (order) => {
        const accountId = newAccount();
        for (const at of [0, 1, 2]) await newStore(table).save(snapshotAt(accountId, at), []);

        const runs = [0, 1, 2].map((run) => (store: TableStore) => store.appendMissingEntries(accountId, ofRun(run)));
        await interleave(runs, order);

        expect(await chainedHours(table, accountId)).toEqual([0, 1, 2]);
      }),
      { numRuns: 5 },
    );
  });

  it("give up after 20 attempts if other runs always append first", async () => {
    const accountId = newAccount();
    const client = table.anotherClient();
    await newStore(table).save(snapshotAt(accountId, 0), []);
    const sent = watch(client, (command) => {
      if (command === "PutItemCommand") throw Object.assign(new Error(), { name: "ConditionalCheckFailedException" });
      return false;
    });

    const appended = new TableStore(new Table(client, table.name)).appendMissingEntries(accountId, updateAt(0));

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

    await writeHours(new TableStore(new Table(client, table.name)), accountId, [0]);

    expect(puts).toBe(1);
    expect(await chainedHours(table, accountId)).toEqual([0]);
  });
});
