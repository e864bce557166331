import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { RunResult } from "../../core/domain/run-result.ts";
import type { BalanceRow } from "../../core/history/rows.ts";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { DEMO_MARKET, embeddedEnvironment, LOCAL_FOLDER } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type CliWorld, heldRows, STRANGE, startCliWorld } from "../support/cli-world.ts";
import { csvRows, type Ended, jsonRows, runBalances } from "../support/history-cli.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { startTestTable, type TestTable } from "../unit/table/embedded.ts";

// The commands snapshot and latest, within the tests' process. What only a process of its own can show: test/e2e/cli.test.ts

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

  it("shows in JSON what the API held, to the last character, an object a line", async () => {
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

  it("shows in CSV what the API held, to the last character", async () => {
    const ended = await balances(["latest", "--format", "csv"], folder);

    const { rows } = csvRows(ended);
    const wanted = ["accountId", "asset", "available", "total", "valueAvailable", "valueTotal"];
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(rows.map((row) => wanted.map((name) => row[name]).join(" ")).sort()).toEqual(heldRows(world.accounts));
    expect(new Set(rows.map((row) => row["denomination"]))).toEqual(new Set(["usd"]));
    expect(new Set(rows.map((row) => row["slot"]))).toEqual(new Set([slot]));
  });

  it("shows one account as a table for a person, its amounts to the last digit", async () => {
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

  it("does not know an account that has no record, and says which it knows", async () => {
    const unknown = "account_ffffffff-0000-4000-8000-00000000abcd";

    const { code, stdout, stderr } = await balances(["latest", "--account", unknown], folder);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^--account: the table does not know ${unknown}\\. The nearest that it knows: `));
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

  it("with --dry-run: walks and reports, and writes nothing", async () => {
    const { code, stdout } = await snapshot(world.newFolder(), "--dry-run");

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: true,
      accounts: { complete: world.accounts.length, failed: 0 },
    });
    expect(await table.items()).toEqual([]);
  });

  it("stores in that table, and where one account fails all the others: exit code 1, and which failed and why", async () => {
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

describe("wrong use ends with exit code 2, nothing on stdout, and the remedy", () => {
  const wrong = (name: string, args: () => readonly string[], ...told: (string | RegExp)[]) => ({ name, args, told });

  it.each([
    wrong(
      "everything that excludes or needs each other, told at once",
      () => ["snapshot", "--key-file", world.keyFile, "--type", "prime", "--sandbox", "--api", "https://example.com"],
      "Give --account with one or more account ids, or --all.",
      "--owner and --type go with --all.",
      "--api and --sandbox exclude each other: give one of them.",
    ),
    wrong("no key file", () => ["snapshot", "--all"], "--key-file <path>", "add --help for what is possible"),
    wrong(
      "a key file that is not there",
      () => ["snapshot", "--all", "--key-file", "nowhere.json"],
      /^--key-file: nowhere\.json cannot be read \(ENOENT\)\. Give the path of the key's JSON file\.\n$/,
    ),
    wrong(
      "an API that would be sent the token over plain http: told by the option's own name",
      () => ["snapshot", "--all", "--key-file", world.keyFile, "--api", "http://127.0.0.1.evil.com"],
      "https",
      "--api",
    ),
    wrong("latest of a table without snapshots", () => ["latest"], "The table has no snapshots yet.", "npm start"),
    wrong(
      "a wrong account id: told by the option's own name",
      () => ["snapshot", "--account", "account_1", "--key-file", world.keyFile, "--api", world.cdp.url],
      "account_1",
      "--account",
    ),
  ])("$name", async ({ args, told }) => {
    const ended = await balances(args());

    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    for (const part of told) expect(ended.stderr).toMatch(part);
  });
});

it("the demo's folder is refused with the remedy, and nothing is stored there: its accounts and one's own would be added up", async () => {
  const folder = world.newFolder();
  mkdirSync(join(folder, LOCAL_FOLDER));
  writeFileSync(join(folder, DEMO_MARKET), "{}");

  const { code, stdout, stderr } = await balances(world.snapshotAll, folder);

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^\.local\/ has the accounts of the demo, .* Remove the folder, or move it away/);
  expect(readdirSync(join(folder, LOCAL_FOLDER))).toEqual(["market.json"]);
});

it("a broken key file ends with exit code 1, what is wrong with it, and no part of the key", async () => {
  const broken = join(world.newFolder(), "broken.json");
  writeFileSync(broken, world.key.file.slice(0, -20));

  const { code, stdout, stderr } = await balances(["snapshot", "--all", "--key-file", broken, "--api", world.cdp.url]);

  const secret = JSON.parse(world.key.file).privateKey as string;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/JSON that is broken or cut/);
  expect(stderr).not.toContain(secret.slice(0, 12));
  expect(stderr).not.toMatch(/^\s+at /m);
});
