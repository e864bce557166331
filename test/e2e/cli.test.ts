import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { RunResult } from "../../core/domain/run-result.ts";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type CliWorld, LONG, STRANGE, startCliWorld } from "../support/cli-world.ts";
import { type Ended, startBalances } from "../support/history-cli.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { amountsOf, snapshotWith } from "../unit/domain/snapshots.ts";
import { newAccount, startTestTable, type TestTable } from "../unit/table/embedded.ts";

// The command line in separate processes and folders, with a simulated API.

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world.close());

describe("two concurrent snapshot commands in the same folder", () => {
  let folder = "";
  let both: Ended[] = [];
  beforeAll(async () => {
    folder = world.newFolder();
    both = await Promise.all([1, 2].map(() => startBalances(world.snapshotAll, folder, {})));
    for (const { stdout } of both) sawOutput(stdout);
  });

  it("both take a snapshot of every account", () => {
    const reports = both.map(({ stdout }) => JSON.parse(stdout) as RunResult);

    const ids = world.accounts.map(({ accountId }) => accountId).sort();
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    for (const report of reports) {
      expect(report).toMatchObject({ trigger: "manual", dryRun: false });
      expect(report.accounts).toEqual({ complete: ids.length, alreadyComplete: 0, failed: 0 });
      expect(report.snapshots.map(({ accountId }) => accountId).sort()).toEqual(ids);
    }
    expect(new Set(reports.map(({ slot }) => slot)).size).toBe(2);
  });

  it("print a line per account on stderr", () => {
    const stderr = both[0]?.stderr ?? "";

    for (const { accountId, balances } of world.accounts) {
      expect(stderr).toMatch(
        new RegExp(`^${accountId}: complete for 20.*, ${balances.length} assets on \\d+ page`, "m"),
      );
    }
  });

  it("store their data in .local/ of the current folder", () => {
    expect(existsSync(join(folder, ".local", "dynamodb"))).toBe(true);
  });
});

describe("a closed pipe", () => {
  let table: TestTable;
  beforeAll(async () => {
    table = await startTestTable();
  });
  afterAll(() => table.close());

  const start = (args: readonly string[], closeAfter: number) =>
    startBalances([...args, "--table", table.name], world.newFolder(), embeddedEnvironment(table), closeAfter);

  it("is not an error for latest", async () => {
    const assets = Array.from(
      { length: 5000 },
      (_, at) => [`a${at}`, amountsOf({ [`a${at}`]: [LONG, LONG] })] as const,
    );
    const accountId = newAccount();
    await new TableStore(new Table(table.client, table.name)).save(snapshotWith(new Map(assets), { accountId }), []);

    const { code, stdout, stderr } = await start(["latest", "--account", accountId], 1);

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout.split("\n")[0] ?? "")).toMatchObject({ accountId, total: LONG });
    expect(stdout.split("\n").length).toBeLessThan(5000);
  });

  it("does not change the exit code of a failed snapshot", async () => {
    world.cdp.misbehave({ kind: "error", status: 404, on: { account: STRANGE } });

    const { code, stderr } = await start(world.snapshotAll, 0);
    world.cdp.behave();

    expect(stderr).toContain(`${STRANGE}: api_not_found`);
    expect(code).toBe(1);
  });
});
