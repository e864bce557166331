import { StoreError } from "../../../core/domain/errors.ts";
import { encodeFailedRun } from "../../../core/table/failed-run-item.ts";
import { beforeAll, describe, expect, it } from "../../support/jest.ts";
import { SLOT, snapshotWith } from "../domain/snapshots.ts";
import { newAccount, newStore, type RawItem, startTestTable, tableOf } from "./embedded.ts";

const accountId = newAccount();

let intact: RawItem;
beforeAll(async () => {
  const table = tableOf([]);
  const balances = { btc: { btc: ["1", "1"], usd: ["9", "9"] }, rep: { rep: ["1", "1"] } } as const;
  await newStore(table).save(snapshotWith(balances, { accountId }), []);
  [intact = {}] = table.itemsUnder(accountId);
});

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
  return newStore(tableOf([Object.fromEntries(changed)]));
}

describe("an unreadable item", () => {
  it.each([
    ["capturedAt", { capturedAt: { N: "7" } }],
    ["assets", { assets: { N: "90071992547409931" } }],
    ["balances.btc", { balances: { M: { btc: { L: [] } } } }],
    ["balances.btc", { balances: { M: { btc: { S: "- 5" } } } }],
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
    ["slot", { slot: { S: `${SLOT}!id` } }],
    ["scope", { scope: { L: [{ N: "1" }] } }],
    ["failedAt", { failedAt: { S: "now" } }],
    ["code", { code: { N: "1" } }],
  ])("of a failed run is reported with its key and the attribute %s (%j)", async (attribute, change) => {
    const [code, message, scope] = ["key_empty", "The key is empty.", "all"] as const;
    const [item] = encodeFailedRun({ slot: SLOT, trigger: "schedule", scope, code, message, failedAt: SLOT });
    const store = newStore(tableOf([{ ...item, ...change } as RawItem]));

    const error = await errorOf(store.failedRuns(SLOT));

    expect(error.code).toBe("item_unreadable");
    expect(error.message).toMatch(new RegExp(`^Item runs / 2026-11-23.*: attribute ${attribute} `));
  });

  it("that a newer version wrote is reported as such to every reader, whatever else is in it", async () => {
    const store = read({ schemaVersion: { N: "2" }, capturedAt: { N: "7" } });

    const errors = [await errorOf(store.latest(accountId)), await errorOf(store.readSlot(accountId, SLOT))];

    for (const error of errors) {
      expect(error).toMatchObject({
        code: "item_unreadable",
        suggestedFix: expect.stringContaining("Update this program."),
      });
      expect(error.message).toMatch(
        new RegExp(`^Item ${accountId} / ${SLOT} has format 2. A newer version of this program`),
      );
    }
  });
});

// test/integration/history-cli-options.test.ts covers a table that does not exist, and one of another project.
it("a table that cannot be reached is an error that names it and the reason", async () => {
  const closed = await startTestTable();
  await closed.close();

  const error = await errorOf(newStore(closed).latest(newAccount()));

  expect(error.code).toBe("table_unavailable");
  expect(error.message).toMatch(/^The table balance-snapshots could not be read: .*ECONNREFUSED/);
  expect(error.cause).toBeInstanceOf(Error);
});
