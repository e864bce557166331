import { type PartitionQuery, Table } from "../../../core/table/table.ts";
import { afterAll, beforeAll, describe, expect, it } from "../../support/jest.ts";
import { startTestTable, type TestTable } from "./embedded.ts";

// The conditions of requests, which a table in memory does not evaluate.

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
  for (const slot of ["1", "2", "3", "30"]) await table.put({ account: { S: "some" }, slot: { S: slot } });
  await table.put({ account: { S: "other" }, slot: { S: "2" } });
});
afterAll(() => table.close());

async function slotsOf(query: Omit<PartitionQuery, "partition">): Promise<(string | undefined)[]> {
  const items = await new Table(table.client, table.name).queryAll({ partition: "some", ...query });
  return items.map(({ slot }) => slot?.S);
}

describe("a query", () => {
  it.each<[string, Omit<PartitionQuery, "partition">, string[]]>([
    ["its partition", {}, ["1", "2", "3", "30"]],
    ["from a sort key on", { from: "2" }, ["2", "3", "30"]],
    ["up to a sort key", { to: "2" }, ["1", "2"]],
    ["between two sort keys", { from: "2", to: "3" }, ["2", "3"]],
    ["nothing if the range ends before it starts", { from: "3", to: "2" }, []],
    ["what begins with a prefix", { prefix: "3" }, ["3", "30"]],
    ["in descending order", { to: "3", descending: true }, ["3", "2", "1"]],
    ["all pages", { pageSize: () => 1 }, ["1", "2", "3", "30"]],
  ])("returns %s", async (_, query, slots) => {
    expect(await slotsOf(query)).toEqual(slots);
  });

  it("is strongly consistent on request, at twice the cost", async () => {
    const costs: number[] = [];
    for (const consistent of [false, true]) {
      const opened = new Table(table.client, table.name);
      await opened.queryAll({ partition: "some", consistent });
      costs.push(opened.usage.capacityUnits);
    }

    expect(costs).toEqual([0.5, 1]);
  });
});
