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

// The command line as a person starts it: processes of their own, in a folder of their own, against a simulated API.

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world.close());

describe("snapshot, by two commands at the same time on the same folder", () => {
  let folder = "";
  let both: Ended[] = [];
  beforeAll(async () => {
    folder = world.newFolder();
    both = await Promise.all([1, 2].map(() => startBalances(world.snapshotAll, folder, {})));
    for (const { stdout } of both) sawOutput(stdout);
  });

  it("is taken of every account by each of them", () => {
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

  it("tells on stderr how it goes, a line an account", () => {
    const told = both[0]?.stderr ?? "";

    for (const { accountId, balances } of world.accounts) {
      expect(told).toMatch(new RegExp(`^${accountId}: complete for 20.*, ${balances.length} assets on \\d+ page`, "m"));
    }
  });

  it("keeps its data in .local/ of the folder where it runs", () => {
    expect(existsSync(join(folder, ".local", "dynamodb"))).toBe(true);
  });
});

describe("a reader that has seen enough", () => {
  let table: TestTable;
  beforeAll(async () => {
    table = await startTestTable();
  });
  afterAll(() => table.close());

  const start = (args: readonly string[], closeAfter: number) =>
    startBalances([...args, "--table", table.name], world.newFolder(), embeddedEnvironment(table), closeAfter);

  it("is no error of latest", async () => {
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

  it("does not hide from it that an account failed", async () => {
    world.cdp.misbehave({ kind: "error", status: 404, on: { account: STRANGE } });

    const { code, stderr } = await start(world.snapshotAll, 0);
    world.cdp.behave();

    expect(stderr).toContain(`${STRANGE}: api_not_found`);
    expect(code).toBe(1);
  });
});
