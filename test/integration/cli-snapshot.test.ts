import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { RunResult } from "../../core/domain/run-result.ts";
import type { BalanceRow } from "../../core/history/balance-rows.ts";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { DEMO_MARKET, embeddedEnvironment, LOCAL_FOLDER } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type CliWorld, heldRows, STRANGE, startCliWorld } from "../support/cli-world.ts";
import { csvRows, type Ended, jsonRows, runBalances } from "../support/history-cli.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { startTestTable, type TestTable } from "../unit/table/embedded.ts";

// The commands snapshot and latest in this process. test/e2e/cli.test.ts runs them in separate processes.

const ROOT = process.cwd();
let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(async () => {
  process.chdir(ROOT);
  await world.close();
});

async function balances(args: readonly string[], cwd = world.newFolder(), env = {}): Promise<Ended> {
  process.chdir(cwd);
  const ended = await runBalances(args, cwd, env);
  sawOutput(ended.stdout);
  return ended;
}

describe("latest, on the embedded table", () => {
  let folder = "";
  let slot = "";
  beforeAll(async () => {
    folder = world.newFolder();
    await balances(world.snapshotAll, folder);
    slot = (JSON.parse((await balances(world.snapshotAll, folder)).stdout) as RunResult).slot;
  });

  it("prints the amounts of the API unchanged as JSON lines", async () => {
    const ended = await balances(["latest"], folder);

    const rows = jsonRows(ended) as unknown as BalanceRow[];
    const shown = rows.map(({ accountId, asset, available, total, values }) =>
      [accountId, asset, available, total, values["usd"]?.available ?? "", values["usd"]?.total ?? ""].join(" "),
    );
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(shown.sort()).toEqual(heldRows(world.accounts));
    expect(rows.find(({ asset }) => asset === 'a,"b"')?.hold).toBe("1.000");
    expect(rows.find(({ asset }) => asset === "rep")?.values).toEqual({});
  });

  it("prints the amounts of the API unchanged as CSV", async () => {
    const ended = await balances(["latest", "--format", "csv"], folder);

    const { rows } = csvRows(ended);
    const wanted = ["accountId", "asset", "available", "total", "valueAvailable", "valueTotal"];
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(rows.map((row) => wanted.map((name) => row[name]).join(" ")).sort()).toEqual(heldRows(world.accounts));
    expect(new Set(rows.map((row) => row["denomination"]))).toEqual(new Set(["usd"]));
    expect(new Set(rows.map((row) => row["slot"]))).toEqual(new Set([slot]));
  });

  it("prints a table of one account with every digit", async () => {
    const { code, stdout, stderr } = await balances(["latest", "--account", STRANGE, "--format", "table"], folder);

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      new RegExp(`^${STRANGE}\nslot 20\\S+Z, captured 20\\S+Z \\(\\d+ seconds? ago\\), 1 page, walk verified\n`),
    );
    expect(stdout).toMatch(
      /long +The "long", inc\. +12345678901234567890123456789012345678\.123456789012345678 +9{32}\.99/,
    );
    expect(stdout).toMatch(/a,"b" .* 1\.100 +1\.000 +–/);
    expect(stdout).toContain('covers 3 of 4 assets; without a price: a,"b"');
    expect(stdout).not.toContain(world.accounts[0]?.accountId);
  });

  it("refuses an unknown account, with suggestions", async () => {
    const unknown = "account_ffffffff-0000-4000-8000-00000000abcd";

    const { code, stdout, stderr } = await balances(["latest", "--account", unknown], folder);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^--account: unknown account ${unknown}\\. Did you mean `));
    expect(stderr).toContain(STRANGE);
  });
});

describe("snapshot --table", () => {
  let table: TestTable;
  beforeAll(async () => {
    table = await startTestTable();
  });
  afterAll(() => table.close());

  const snapshot = (cwd: string, ...more: string[]) =>
    balances([...world.snapshotAll, "--table", table.name, ...more], cwd, embeddedEnvironment(table));

  it("with --dry-run writes nothing", async () => {
    const { code, stdout } = await snapshot(world.newFolder(), "--dry-run");

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: true,
      accounts: { complete: world.accounts.length, failed: 0 },
    });
    expect(await table.items()).toEqual([]);
  });

  it("stores every account but the one that failed, and ends with 1 and the reason", async () => {
    const { accounts, cdp } = world;
    const cwd = world.newFolder();
    cdp.misbehave({ kind: "error", status: 404, on: { account: STRANGE }, correlationId: "41deb8d5-IAD" });

    const { code, stdout, stderr } = await snapshot(cwd);
    cdp.behave();

    const report = JSON.parse(stdout) as RunResult;
    const reader = new HistoryReader(new Table(table.client, table.name));
    expect(code).toBe(1);
    expect(report.accounts).toEqual({ complete: accounts.length - 1, alreadyComplete: 0, failed: 1 });
    expect(stderr).toMatch(
      new RegExp(`^1 of ${accounts.length} accounts have no snapshot for the slot ${report.slot}`, "m"),
    );
    expect(stderr).toMatch(new RegExp(`^${STRANGE}: api_not_found: .*404`, "m"));
    expect(stderr).not.toMatch(/^\s+at /m);
    for (const { accountId, balances: assets } of accounts.filter((account) => account.accountId !== STRANGE)) {
      const amounts = assets.map(({ asset: { symbol }, amount }) => [symbol, new Map(Object.entries(amount))] as const);
      expect((await reader.latest(accountId))?.balances).toEqual(new Map(amounts));
    }
    expect(await reader.latest(STRANGE)).toBeUndefined();
    expect(
      (await new TableStore(new Table(table.client, table.name)).readSlot(STRANGE, report.slot)).current,
    ).toMatchObject({
      status: "failed",
      attempt: { code: "api_not_found", correlationId: "41deb8d5-IAD", attempts: 1 },
    });
    expect(existsSync(join(cwd, ".local"))).toBe(false);
  });
});

describe("a usage error ends with 2 and its message on stderr", () => {
  const usageError = (name: string, args: () => readonly string[], ...parts: (string | RegExp)[]) => ({
    name,
    args,
    parts,
  });

  it.each([
    usageError(
      "every conflict between options, in one message",
      () => ["snapshot", "--key-file", world.keyFile, "--type", "prime", "--sandbox", "--api", "https://example.com"],
      "Give --account with one or more account ids, or --all.",
      "--owner and --type require --all.",
      "Use either --api or --sandbox.",
    ),
    usageError("a missing --key-file", () => ["snapshot", "--all"], "--key-file <path>", "Run with --help for usage."),
    usageError(
      "a key file that does not exist",
      () => ["snapshot", "--all", "--key-file", "nowhere.json"],
      /^--key-file: cannot read nowhere\.json \(ENOENT\)\. Expected the path of the API key's JSON file\.\n$/,
    ),
    usageError(
      "an API without TLS, by the name of its option",
      () => ["snapshot", "--all", "--key-file", world.keyFile, "--api", "http://127.0.0.1.evil.com"],
      "https",
      "--api",
    ),
    usageError("latest without snapshots", () => ["latest"], "The table has no snapshots yet.", "npm start"),
    usageError(
      "an invalid account id, by the name of its option",
      () => ["snapshot", "--account", "account_1", "--key-file", world.keyFile, "--api", world.cdp.url],
      "account_1",
      "--account",
    ),
  ])("$name", async ({ args, parts }) => {
    const ended = await balances(args());

    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    for (const part of parts) expect(ended.stderr).toMatch(part);
  });
});

it("refuses to store snapshots in the demo's folder", async () => {
  const folder = world.newFolder();
  mkdirSync(join(folder, LOCAL_FOLDER));
  writeFileSync(join(folder, DEMO_MARKET), "{}");

  const { code, stdout, stderr } = await balances(world.snapshotAll, folder);

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^\.local\/ contains demo data, .* Delete the folder, or move it/);
  expect(readdirSync(join(folder, LOCAL_FOLDER))).toEqual(["market.json"]);
});

it("a broken key file ends with 1 and the problem, without any part of the key", async () => {
  const broken = join(world.newFolder(), "broken.json");
  writeFileSync(broken, world.key.file.slice(0, -20));

  const { code, stdout, stderr } = await balances(["snapshot", "--all", "--key-file", broken, "--api", world.cdp.url]);

  const secret = JSON.parse(world.key.file).privateKey as string;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/JSON that is broken or cut/);
  expect(stderr).not.toContain(secret.slice(0, 12));
  expect(stderr).not.toMatch(/^\s+at /m);
});
