import { randomUUID } from "node:crypto";
import { attemptsOf, type FailedRun } from "../../../core/domain/failed-run.ts";
import { afterAll, beforeAll, describe, expect, it } from "../../support/jest.ts";
import { failureOf, SLOT } from "../domain/snapshots.ts";
import { newStore, startTestTable, type TestTable } from "./embedded.ts";

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table.close());

describe("the record of a failed run", () => {
  it("names every account of a run of 9,000 accounts once, although they do not fit into an item", async () => {
    const scope = Array.from({ length: 9_000 }, () => `account_${randomUUID()}`);
    const { accountId: _, ...failure } = failureOf("");
    const run: FailedRun = { ...failure, scope, failedAt: failure.lastTriedAt };

    await newStore(table).recordFailedRun(run);

    const runs = await newStore(table).failedRuns(SLOT);
    expect(runs.flatMap((one) => one.scope as readonly string[]).toSorted()).toEqual(scope.toSorted());
    expect(attemptsOf(scope[8_999] ?? "", runs)).toMatchObject([{ code: failure.code, attempts: 1 }]);
  });

  it("keeps the ends of a range of accounts", async () => {
    const scope = { first: `account_${randomUUID()}`, last: `account_${randomUUID()}` };
    const { accountId: _, ...failure } = failureOf("", { slot: "2026-11-23T11:00:00.000Z" });

    await newStore(table).recordFailedRun({ ...failure, scope, failedAt: failure.lastTriedAt });

    expect(await newStore(table).failedRuns(failure.slot)).toMatchObject([{ scope }]);
  });
});
