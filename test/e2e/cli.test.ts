import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Report } from "../../lambda/domain/report.ts";
import type { BalanceRow } from "../../lambda/history/rows.ts";
import { TableReader } from "../../lambda/store/reader.ts";
import { TableStore } from "../../lambda/store/store.ts";
import { createMarket } from "../../local/cdp/market.ts";
import {
  type SimulatedAccount,
  type SimulatedCdp,
  startSimulatedCdp,
  type WireBalance,
} from "../../local/cdp/server.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { parseCsv } from "../unit/cli/rfc4180.ts";
import { amountsOf, snapshotWith } from "../unit/domain/snapshots.ts";
import { newAccount, startTestTable, type TestTable } from "../unit/store/embedded.ts";

// The command line as a person starts it: processes of their own, in a folder of their own, against a simulated API.

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const CLI = fileURLToPath(new URL("../../cli/balances.ts", import.meta.url));

const STRANGE = "account_00000000-0000-4000-8000-00000000abcd";
const LONG = "12345678901234567890123456789012345678.123456789012345678";

const key = makeEd25519Key();
let home = "";
let keyFile = "";
let accounts: SimulatedAccount[] = [];
let cdp: SimulatedCdp;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "cli-test-"));
  keyFile = join(home, "cdp_api_key.json");
  writeFileSync(keyFile, key.file);
  const market = createMarket({ seed: 3, ticks: 9 }).accounts();
  accounts = [...market, strangeAccount(market[0] as SimulatedAccount)];
  cdp = await startSimulatedCdp({ accounts: () => accounts, keys: () => [key] });
});
afterAll(async () => {
  await cdp.close();
  rmSync(home, { recursive: true });
});

/** Symbols and amounts that a spreadsheet, a table and a number would each spoil in their own way. */
function strangeAccount(like: SimulatedAccount): SimulatedAccount {
  const balance = (symbol: string, available: string, total: string, usd?: string): WireBalance => ({
    asset: { symbol, type: "crypto", name: `The "${symbol}", inc.`, decimals: 18 },
    amount: { [symbol]: { available, total }, ...(usd !== undefined && { usd: { available: usd, total: usd } }) },
  });
  const balances = [
    balance("long", LONG, LONG, "99999999999999999999999999999999.99"),
    balance('a,"b"', "0.10", "1.100"),
    balance("zero", "0.000000000000000000", "0.000000000000000000", "0.00"),
    balance("debt", "-1.50", "-1.50", "-0.000000000000000001"),
  ];
  return { ...like, accountId: STRANGE, name: "Strange", balances };
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Start {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Closes stdout after so many bytes. */
  readonly closeAfter?: number;
}

async function balances(args: readonly string[], { cwd, env = {}, closeAfter }: Start = {}): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", LOADER, CLI, ...args], {
    cwd: cwd ?? newFolder(),
    env: { PATH: process.env["PATH"], HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (closeAfter !== undefined && stdout.length >= closeAfter) child.stdout.destroy();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  if (closeAfter === 0) child.stdout.destroy();
  const [code] = (await once(child, "close")) as [number | null];
  sawOutput(stdout);
  sawOutput(stderr);
  return { code, stdout, stderr };
}

function newFolder(): string {
  return mkdtempSync(join(home, "cwd-"));
}

const snapshotAll = () => ["snapshot", "--key-file", keyFile, "--all", "--api", cdp.url];

/** What the API held, row by row: `account asset available total usd-available usd-total`. */
function held(): string[] {
  const row = ({ accountId }: SimulatedAccount, { asset: { symbol }, amount }: WireBalance) =>
    [
      accountId,
      symbol,
      amount[symbol]?.available,
      amount[symbol]?.total,
      amount["usd"]?.available ?? "",
      amount["usd"]?.total ?? "",
    ].join(" ");
  return accounts.flatMap((account) => account.balances.map((balance) => row(account, balance))).sort();
}

describe("snapshot and latest, on the embedded table", () => {
  let folder = "";
  let both: Ended[] = [];
  beforeAll(async () => {
    folder = newFolder();
    both = await Promise.all([1, 2].map(() => balances(snapshotAll(), { cwd: folder })));
  });

  it("take a snapshot of every account, each of two commands at the same time on the same folder", () => {
    const reports = both.map(({ stdout }) => JSON.parse(stdout) as Report);

    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    for (const report of reports) {
      expect(report).toMatchObject({ trigger: "manual", dryRun: false });
      expect(report.accounts).toEqual({ complete: accounts.length, alreadyComplete: 0, failed: 0 });
      expect(report.snapshots.map(({ accountId }) => accountId).sort()).toEqual(
        accounts.map(({ accountId }) => accountId).sort(),
      );
    }
    expect(new Set(reports.map(({ slot }) => slot)).size).toBe(2);
  });

  it("tell on stderr how it goes, a line an account", () => {
    const told = both[0]?.stderr ?? "";

    for (const { accountId, balances: assets } of accounts) {
      expect(told).toMatch(new RegExp(`^${accountId}: complete for 20.*, ${assets.length} assets on \\d+ page`, "m"));
    }
  });

  it("keep their data in .local/ of the folder where they run", () => {
    const there = existsSync(join(folder, ".local", "dynamodb"));

    expect(there).toBe(true);
  });

  it("show in JSON what the API held, to the last character, an object a line", async () => {
    const { code, stdout, stderr } = await balances(["latest"], { cwd: folder });

    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as BalanceRow);
    const shown = rows.map(({ accountId, asset, available, total, values }) =>
      [accountId, asset, available, total, values["usd"]?.available ?? "", values["usd"]?.total ?? ""].join(" "),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(shown.sort()).toEqual(held());
    expect(rows.find(({ asset }) => asset === 'a,"b"')?.hold).toBe("1.000");
    expect(rows.find(({ asset }) => asset === "rep")?.values).toEqual({});
  });

  it("show in CSV what the API held, to the last character", async () => {
    const { code, stdout, stderr } = await balances(["latest", "--format", "csv"], { cwd: folder });

    const [header = [], ...records] = parseCsv(stdout);
    const column = (name: string) => header.indexOf(name);
    const wanted = ["accountId", "asset", "available", "total", "valueAvailable", "valueTotal"].map(column);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(wanted).not.toContain(-1);
    expect(records.map((record) => wanted.map((at) => record[at]).join(" ")).sort()).toEqual(held());
    expect(new Set(records.map((record) => record[column("denomination")]))).toEqual(new Set(["usd"]));
    const newest = both.map(({ stdout: text }) => (JSON.parse(text) as Report).slot).sort()[1];
    expect(new Set(records.map((record) => record[column("slot")]))).toEqual(new Set([newest]));
  });

  it("show one account as a table for a person, its amounts to the last digit", async () => {
    const { code, stdout, stderr } = await balances(["latest", "--account", STRANGE, "--format", "table"], {
      cwd: folder,
    });

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      new RegExp(`^${STRANGE}\nslot 20\\S+Z, captured 20\\S+Z \\(\\d+ seconds? ago\\), 1 page, walk clean\n`),
    );
    expect(stdout).toMatch(
      /long +The "long", inc\. +12345678901234567890123456789012345678\.123456789012345678 +9{32}\.99/,
    );
    expect(stdout).toMatch(/a,"b" .* 1\.100 +1\.000 +–/);
    expect(stdout).toContain('covers 3 of 4 assets; without a price: a,"b"');
    expect(stdout).not.toContain(accounts[0]?.accountId);
  });

  it("do not know an account that has no record, and say which they know", async () => {
    const unknown = "account_ffffffff-0000-4000-8000-00000000abcd";

    const { code, stdout, stderr } = await balances(["latest", "--account", unknown], { cwd: folder });

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^--account: the table does not know ${unknown}\\. The nearest that it knows: `));
    expect(stderr).toContain(STRANGE);
  });
});

describe("--table", () => {
  let table: TestTable;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    table = await startTestTable();
    env = {
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
    };
  });
  afterAll(() => table.close());

  it("with --dry-run: walks and reports, and writes nothing", async () => {
    const { code, stdout } = await balances([...snapshotAll(), "--dry-run", "--table", table.name], { env });

    const report = JSON.parse(stdout) as Report;
    expect(code).toBe(0);
    expect(report).toMatchObject({ dryRun: true, accounts: { complete: accounts.length, failed: 0 } });
    expect(await table.items()).toEqual([]);
  });

  it("stores in that table, and where one account fails all the others: exit code 1, and which failed and why", async () => {
    const cwd = newFolder();
    cdp.misbehave({ kind: "error", status: 404, on: { account: STRANGE }, correlationId: "41deb8d5-IAD" });

    const { code, stdout, stderr } = await balances([...snapshotAll(), "--table", table.name], { cwd, env });
    cdp.behave();

    const report = JSON.parse(stdout) as Report;
    const reader = new TableReader(table.client, table.name);
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
    expect(await reader.find(STRANGE, report.slot)).toMatchObject({
      status: "failed",
      attempt: { code: "api_not_found", correlationId: "41deb8d5-IAD", attempts: 1 },
    });
    expect(existsSync(join(cwd, ".local"))).toBe(false);
  });

  it("latest: a reader that has seen enough is no error", async () => {
    const assets = Array.from(
      { length: 5000 },
      (_, at) => [`a${at}`, amountsOf({ [`a${at}`]: [LONG, LONG] })] as const,
    );
    const accountId = newAccount();
    await new TableStore(table.client, table.name).save(snapshotWith(new Map(assets), { accountId }), []);

    const { code, stdout, stderr } = await balances(["latest", "--account", accountId, "--table", table.name], {
      env,
      closeAfter: 1,
    });

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout.split("\n")[0] ?? "")).toMatchObject({ accountId, total: LONG });
    expect(stdout.split("\n").length).toBeLessThan(5000);
  });

  it("snapshot: a failed account is an error for a reader that does not want the report, too", async () => {
    cdp.misbehave({ kind: "error", status: 404, on: { account: STRANGE } });

    const { code, stderr } = await balances([...snapshotAll(), "--table", table.name], { env, closeAfter: 0 });
    cdp.behave();

    expect(stderr).toContain(`${STRANGE}: api_not_found`);
    expect(code).toBe(1);
  });
});

describe("wrong use ends with exit code 2, nothing on stdout, and the remedy", () => {
  const wrong = (name: string, args: () => readonly string[], ...told: (string | RegExp)[]) => ({ name, args, told });
  const uses = [
    wrong(
      "everything that excludes or needs each other, told at once",
      () => ["snapshot", "--key-file", keyFile, "--type", "prime", "--sandbox", "--api", "https://example.com"],
      "Give --account with one or more account ids, or --all.",
      "--owner and --type go with --all.",
      "--api and --sandbox exclude each other: give one of them.",
    ),
    wrong("no key file", () => ["snapshot", "--all"], "--key-file <path>", "add --help for what is possible"),
    wrong(
      "a key file that is not there",
      () => ["snapshot", "--all", "--key-file", join(home, "nowhere.json")],
      /^--key-file: \S+nowhere\.json cannot be read \(ENOENT\)\. Give the path of the key's JSON file\.\n$/,
    ),
    wrong(
      "an API that would be sent the token over plain http: told by the option's own name",
      () => ["snapshot", "--all", "--key-file", keyFile, "--api", "http://127.0.0.1.evil.com"],
      "https",
      "--api",
    ),
    wrong("latest of a table without snapshots", () => ["latest"], "The table has no snapshots yet.", "npm start"),
    wrong(
      "a wrong account id: told by the option's own name",
      () => ["snapshot", "--account", "account_1", "--key-file", keyFile, "--api", cdp.url],
      "account_1",
      "--account",
    ),
  ];
  const ended = new Map<string, Promise<Ended>>();
  beforeAll(() => {
    for (const { name, args } of uses) ended.set(name, balances(args()));
  });

  it.each(uses)("$name", async ({ name, told }) => {
    const end = await ended.get(name);

    expect(end).toMatchObject({ code: 2, stdout: "" });
    expect(end?.stderr).not.toMatch(/^\s+at /m);
    for (const part of told) expect(end?.stderr).toMatch(part);
  });
});

it("a broken key file ends with exit code 1, what is wrong with it, and no part of the key", async () => {
  const broken = join(home, "broken.json");
  writeFileSync(broken, key.file.slice(0, -20));

  const { code, stdout, stderr } = await balances(["snapshot", "--all", "--key-file", broken, "--api", cdp.url]);

  const secret = JSON.parse(key.file).privateKey as string;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/JSON that is broken or cut/);
  expect(stderr).not.toContain(secret.slice(0, 12));
  expect(stderr).not.toMatch(/^\s+at /m);
});
