import { CreateTableCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { StoreError } from "../../../core/domain/errors.ts";
import { encodeFailedRun } from "../../../core/table/failed-run-item.ts";
import { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { afterAll, beforeAll, describe, expect, it } from "../../support/jest.ts";
import { SLOT, snapshotWith } from "../domain/snapshots.ts";
import { newAccount, type RawItem, startTestTable, type TestTable, tableOf } from "./embedded.ts";

const accountId = newAccount();

let table: TestTable;
let intact: RawItem;
beforeAll(async () => {
  table = await startTestTable();
  const balances = { btc: { btc: ["1", "1"], usd: ["9", "9"] }, rep: { rep: ["1", "1"] } } as const;
  await new TableSnapshotStore(new Table(table.client, table.name)).save(snapshotWith(balances, { accountId }), []);
  [intact = {}] = await table.itemsUnder(accountId);
});
afterAll(() => table.close());

async function errorOf(work: Promise<unknown>): Promise<StoreError> {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(thrown).toBeInstanceOf(StoreError);
  return thrown as StoreError;
}

/** Reads a table in which the snapshot has changed attributes. */
function read(change: RawItem, without?: string) {
  const changed = Object.entries({ ...intact, ...change }).filter(([name]) => name !== without);
  const { client, name } = tableOf([Object.fromEntries(changed)]);
  return new TableSnapshotStore(new Table(client, name));
}

describe("an unreadable item", () => {
  it.each([
    ["capturedAt", { capturedAt: { N: "7" } }],
    ["pages", { pages: { N: "1.5" } }],
    ["assets", { assets: { N: "90071992547409931" } }],
    ["schemaVersion", { schemaVersion: { S: "one" } }],
    ["totals.usd", { totals: { M: { usd: { S: "9" } } } }],
    ["balances.btc", { balances: { M: { btc: { L: [] } } } }],
    ["balances.btc", { balances: { M: { btc: { S: "" } } } }],
    ["balances.btc", { balances: { M: { btc: { S: "- 5" } } } }],
    ["balances.btc", { balances: { M: { btc: { S: "1 2 3" } } } }],
    ["balances.btc", { balances: { M: { btc: { S: "1e5" } } } }],
    ["balances.btc", { balances: { M: { btc: { S: "1 9/" }, rep: { S: "1" } } } }],
    ["balances", { balances: { M: { rep: { S: "1" } } } }],
    ["totals.usd", { totals: { M: { usd: { M: { total: { S: "9" } } } } } }],
    ["code", { status: { S: "half" } }],
    ["denominations", { denominations: { L: [{ N: "1" }] } }],
  ] as [string, RawItem][])("is reported with its key and the attribute %s (%j)", async (attribute, change) => {
    const error = await errorOf(read(change).latest(accountId));

    expect(error.code).toBe("item_unreadable");
    expect(error.message).toContain(`Item ${accountId} / ${SLOT}: attribute ${attribute} `);
  });

  it.each(["trigger", "completedAt", "consistency", "passes", "totals", "balances", "schemaVersion"])(
    "is reported if %s is missing",
    async (attribute) => {
      const error = await errorOf(read({}, attribute).latest(accountId));

      expect(error.code).toBe("item_unreadable");
      expect(error.message).toContain(`attribute ${attribute} is missing`);
    },
  );

  it.each<[attribute: string, change: RawItem]>([
    ["slot", { slot: { S: "2026-11-23#id" } }],
    ["scope", { scope: { S: "some" } }],
    ["scope", { scope: { L: [{ N: "1" }] } }],
    ["failedAt", { failedAt: { S: "now" } }],
    ["code", { code: { N: "1" } }],
    ["schemaVersion", { schemaVersion: { N: "2" } }],
  ])("of a failed run is reported with its key and the attribute %s (%j)", async (attribute, change) => {
    const [code, message, scope] = ["key_empty", "The key is empty.", "all"] as const;
    const item = encodeFailedRun({ slot: SLOT, trigger: "schedule", scope, code, message, failedAt: SLOT });
    const { client, name } = tableOf([{ ...item, ...change } as RawItem]);

    const error = await errorOf(new TableSnapshotStore(new Table(client, name)).failedRuns(SLOT));

    expect(error.code).toBe("item_unreadable");
    expect(error.message).toMatch(new RegExp(`^Item runs / 2026-11-23.*: attribute ${attribute} `));
  });

  it("is reported to every reader as newer than this program if its schema version is higher", async () => {
    const store = read({ schemaVersion: { N: "2" } });

    const errors = [await errorOf(store.latest(accountId)), await errorOf(store.readSlot(accountId, SLOT))];

    for (const error of errors) {
      expect(error.code).toBe("item_unreadable");
      expect(error.message).toContain("attribute schemaVersion is newer than this program");
    }
  });
});

describe("a table that cannot be used", () => {
  const works: [string, (store: TableSnapshotStore) => Promise<unknown>][] = [
    ["latest", (store) => store.latest(newAccount())],
    ["readSlot", (store) => store.readSlot(newAccount(), SLOT)],
    ["accounts", (store) => store.accounts()],
    ["save", (store) => store.save(snapshotWith({}), [])],
    ["recordFailure", (store) => store.recordFailure(FAILURE)],
  ];
  const FAILURE = {
    accountId: newAccount(),
    slot: SLOT,
    trigger: "schedule",
    code: "c",
    message: "m",
    attempts: 1,
    lastTriedAt: SLOT,
  } as const;

  it.each(works)("does not exist: %s names the table and what to check", async (_, work) => {
    const store = new TableSnapshotStore(new Table(table.client, "no-such-table"));

    const error = await errorOf(work(store));

    expect(error.code).toBe("table_unavailable");
    expect(error.message).toMatch(/^The table no-such-table could not be read: ResourceNotFoundException: /);
    expect(error.suggestedFix).toMatch(/AWS_REGION/);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("has other keys: the error suggests that it is not a table of this project", async () => {
    const TableName = "other-keys";
    await table.client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      }),
    );
    const status = async () => (await table.client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
    while ((await status()) !== "ACTIVE") await new Promise((resolve) => setTimeout(resolve, 5));
    const store = new TableSnapshotStore(new Table(table.client, TableName));

    const error = await errorOf(store.latest(newAccount()));

    expect(error.code).toBe("table_unavailable");
    expect(error.message).toMatch(/^The table other-keys could not be read: ValidationException: /);
    expect(error.suggestedFix).toMatch(/account and slot/);
  });

  it("cannot be reached: the error names the table and the reason", async () => {
    const closed = await startTestTable();
    const store = new TableSnapshotStore(new Table(closed.client, closed.name));
    await closed.close();

    const error = await errorOf(store.latest(newAccount()));

    expect(error.code).toBe("table_unavailable");
    expect(error.message).toMatch(/^The table balance-snapshots could not be read: .*ECONNREFUSED/);
  });
});
