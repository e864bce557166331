import { KEY_NOT_STORED, KeyError, StoreError } from "../../../core/domain/errors.ts";
import type { SnapshotStore } from "../../../core/domain/ports.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { errorOf } from "../coinbase/harness.ts";
import { HOURLY, hour, newStore, snapshotAt } from "../integrity/history.ts";
import { type MemoryTable, newAccount, type RawItem, tableOf } from "../table/embedded.ts";
import { type RunOptions, runSlot, sourceWith } from "./runs.ts";

const NOT_STORED = new KeyError(KEY_NOT_STORED, "The secret x has no value yet.", { suggestedFix: "Store it." });
const ACCOUNT = newAccount();

/** Runs a slot whose secret cannot be read. */
function runWithout(table: MemoryTable, error: KeyError, options: Partial<RunOptions> = {}) {
  const checkKey = () => Promise.reject(error);
  return runSlot(1, [ACCOUNT], { store: newStore(table), source: { ...sourceWith(), checkKey }, ...options });
}

const failedRunsIn = (table: MemoryTable) => table.items().filter(({ account }) => account?.S === "runs");

/** Returns the items of a table to which `write` has written. */
async function written(write: (store: SnapshotStore) => Promise<unknown>): Promise<readonly RawItem[]> {
  const table = tableOf([]);
  await write(newStore(table));
  return table.items();
}

const ATTEMPT = { accountId: ACCOUNT, slot: hour(0), trigger: "schedule", code: "x", message: "x" } as const;
const RECORDED = { attempts: 1, lastTriedAt: hour(0) };

describe("a run before the first key", () => {
  it.each<[string, NonNullable<RunOptions["request"]>]>([
    ["a scheduled run", {}],
    ["a manual run", { trigger: "manual" }],
    ["a run of all accounts that the API lists", { accounts: "all" }],
  ])("reports that and succeeds, without a record: %s", async (_, request) => {
    const table = tableOf([]);

    const { result, warnings, oldestCompleteMs } = await runWithout(table, NOT_STORED, { request });

    const { code, message, suggestedFix } = NOT_STORED;
    expect(result).toMatchObject({ slot: hour(1), noKey: { code, message, suggestedFix }, snapshots: [] });
    expect(result.accounts).toEqual({ complete: 0, alreadyComplete: 0, failed: 0 });
    expect({ warnings, oldestCompleteMs, items: table.items() }).toEqual({
      ...{ warnings: [], oldestCompleteMs: undefined, items: [] },
    });
  });

  it("reports it again for the next slot, although the table has a schedule", async () => {
    const table = tableOf(await written((store) => store.registerSchedule(HOURLY, hour(0), hour(0))));

    const { result } = await runWithout(table, NOT_STORED);

    expect(result.noKey?.code).toBe(KEY_NOT_STORED);
  });

  it("is followed by a usual one when the key is stored", async () => {
    const table = tableOf([]);
    await runWithout(table, NOT_STORED);

    const { result } = await runSlot(1, [ACCOUNT], { store: newStore(table) });

    expect(result).toMatchObject({ accounts: { complete: 1, failed: 0 } });
    expect(result).not.toHaveProperty("noKey");
  });
});

describe("a run without a value in the secret fails, and is recorded,", () => {
  const unreadable: RawItem = { account: { S: "catalog" }, slot: { S: `${ACCOUNT} ${hour(0)} start` } };

  it.each<[string, (store: SnapshotStore) => Promise<unknown>, RawItem[]]>([
    ["if an account has a snapshot", (store) => store.save(snapshotAt(ACCOUNT, 0), []), []],
    ["if an account is pending", (store) => store.recordFailure({ ...ATTEMPT, ...RECORDED }), []],
    ["if an account has ended", (store) => store.registerEnd(ACCOUNT, hour(0), hour(0), "It was closed."), []],
    ["if the record of the only account is damaged", async () => undefined, [unreadable]],
  ])("%s", async (_, write, more) => {
    const table = tableOf([...(await written(write)), ...more]);

    const error = await errorOf(runWithout(table, NOT_STORED));

    expect(error).toBe(NOT_STORED);
    expect(failedRunsIn(table)).toMatchObject([{ code: { S: KEY_NOT_STORED } }]);
  });

  it("if the catalog cannot be read", async () => {
    const table = tableOf([]);
    const unavailable = () => Promise.reject(new StoreError("table_unavailable", "The table could not be read."));
    const store = Object.assign(newStore(table), { hasAccounts: unavailable });

    const error = await errorOf(runWithout(table, NOT_STORED, { store }));

    expect(error).toBe(NOT_STORED);
    expect(failedRunsIn(table)).toHaveLength(1);
  });

  it("if it is a dry run, which writes no record", async () => {
    const table = tableOf([]);

    const error = await errorOf(runWithout(table, NOT_STORED, { request: { dryRun: true } }));

    expect({ error, items: table.items() }).toEqual({ error: NOT_STORED, items: [] });
  });

  it.each(["key_secret_unavailable", "key_empty"])("if the reason is another one: %s", async (code) => {
    const table = tableOf([]);
    const other = new KeyError(code, "The secret x could not be read.");

    const error = await errorOf(runWithout(table, other));

    expect(error).toBe(other);
    expect(failedRunsIn(table)).toHaveLength(1);
  });
});
