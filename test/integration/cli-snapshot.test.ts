import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Level } from "level";
import type { RunResult } from "../../core/domain/run-result.ts";
import type { BalanceRow } from "../../core/history/balance-rows.ts";
import { demoMarketIn } from "../../local/data-folder.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { Fault } from "../../local/simulated-cdp/faults/fault.ts";
import { type CliWorld, heldRows, LONG, STRANGE, startCliWorld } from "../support/cli-world.ts";
import { csvRows, type Ended, jsonRows, LOCAL_FOLDER, runBalances } from "../support/history-cli.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { sawOutput } from "../support/leak-watch.ts";

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

  it("prints the amounts of the API unchanged as JSON lines and as CSV", async () => {
    const json = await balances(["latest"], folder);
    const csv = await balances(["latest", "--format", "csv"], folder);

    const shown = (jsonRows(json) as unknown as BalanceRow[]).map(({ values, ...row }) => ({
      ...row,
      valueAvailable: values["usd"]?.available ?? "",
      valueTotal: values["usd"]?.total ?? "",
    }));
    const { rows } = csvRows(csv);
    const wanted = ["accountId", "asset", "available", "total", "valueAvailable", "valueTotal"];
    const textsOf = (all: readonly object[]) =>
      all.map((row) => wanted.map((name) => (row as Record<string, string>)[name]).join(" ")).sort();
    expect([json, csv]).toMatchObject(Array(2).fill({ code: 0, stderr: "" }));
    expect(textsOf(shown)).toEqual(heldRows(world.accounts));
    expect(textsOf(rows)).toEqual(heldRows(world.accounts));
    expect(new Set(rows.map((row) => `${row["slot"]} ${row["denomination"]}`))).toEqual(new Set([`${slot} usd`]));
  });

  it("prints a table of one account with every digit", async () => {
    const { code, stdout, stderr } = await balances(["latest", "--account", STRANGE, "--format", "table"], folder);

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/, captured 20\S+Z \(\d+ seconds? ago\), 1 page, walk verified\n/);
    expect(stdout).toMatch(new RegExp(`long +The "long", inc\\. +${LONG.replace(".", "\\.")} +9{32}\\.99`));
    expect(stdout).not.toContain(world.accounts[0]?.accountId);
  });
});

describe("relative paths", () => {
  const startedFrom = (folder: string) => ({ INIT_CWD: folder, npm_lifecycle_event: "balances" });

  it("mean the folder from which npm was started, for every option", async () => {
    const folder = world.newFolder();
    writeFileSync(join(folder, "key.json"), world.key.file);
    const run = (line: string) => balances([...line.split(" "), "--data", "data"], ROOT, startedFrom(folder));

    const ended = [
      await run(`snapshot --key-file key.json --all --api ${world.cdp.url}`),
      await run("export --out x.csv"),
      await run("verify --head --out heads.json"),
      await run("verify --anchor heads.json"),
      await run(`doctor --key-file key.json --api ${world.cdp.url}`),
    ];

    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(ended.map(({ stderr }) => [0, stderr]));
    expect(ended[3]?.stderr).toContain("checked against 1 anchor; no findings");
    expect(jsonRows(ended[4] as Ended)).toContainEqual(expect.objectContaining({ check: "table", status: "passed" }));
    expect(readdirSync(folder).sort()).toEqual(["data", "heads.json", "key.json", "x.csv"]);
  });

  it("mean the folder from which npm was started, in BALANCES_DATA", async () => {
    const folder = world.newFolder();

    const { stderr } = await balances(["latest"], ROOT, { ...startedFrom(folder), BALANCES_DATA: "data" });

    expect(stderr).toContain(`No snapshots in ${join(folder, "data")}. Take one: npm run -s balances -- snapshot `);
  });

  it("are refused if the folder from which npm was started cannot be entered", async () => {
    const { code, stderr } = await balances(["latest"], world.newFolder(), startedFrom("/nowhere"));

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^Cannot enter \/nowhere \(ENOENT\), the/),
    });
  });
});

describe("a folder without snapshots", () => {
  const READING = [
    "accounts",
    "latest",
    "as-of --at now",
    "history --asset btc --every 1d",
    "totals",
    "changes",
    "gaps",
    "export --out x.csv",
    "chart",
    "report --out x.html",
    "verify",
    "verify --head --out heads.json",
    "doctor",
  ];

  it.each(READING)("%s names the folder and how to take some, and creates nothing", async (line) => {
    const folder = world.newFolder();

    const { code, stdout, stderr } = await balances([...line.split(" "), "--data", "data"], folder);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      `No snapshots in ${join(folder, "data")}. Take one: balances snapshot --key-file cdp_api_key.json --all --data data. `,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is not created by a dry run", async () => {
    const folder = world.newFolder();

    const { code, stdout } = await balances([...world.snapshotAll, "--dry-run"], folder);

    expect({ code, ...JSON.parse(stdout).accounts }).toMatchObject({ code: 0, complete: world.accounts.length });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is named by the doctor, which has nothing to check", async () => {
    const folder = world.newFolder();

    const { code, stderr } = await balances(["doctor"], folder);

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `Nothing to check: give --stack, --key-file, --secret, --table or --data. (No snapshots in ${join(folder, LOCAL_FOLDER)}, the default of --data.)\n`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is reported if it has a database without the table, which is not created", async () => {
    const folder = world.newFolder();
    const path = join(folder, LOCAL_FOLDER, "dynamodb");
    mkdirSync(path, { recursive: true });
    const database = new Level(path);
    await database.open();
    await database.close();

    const ended = [await balances(["latest"], folder), await balances(["latest"], folder)];

    const stderr = expect.stringContaining(`No snapshots in ${join(folder, LOCAL_FOLDER)}. `);
    expect(ended).toMatchObject(Array(2).fill({ code: 2, stdout: "", stderr }));
  });
});

describe("a prefix of an account id, for snapshot and doctor", () => {
  const PREFIX = STRANGE.slice(0, 14);
  const api = () => ["--key-file", world.keyFile, "--api", world.cdp.url];
  const snapshot = (...options: string[]) => ["snapshot", "--dry-run", ...api(), "--account", ...options];
  const accountsIn = ({ stdout }: Ended) => (JSON.parse(stdout) as RunResult).snapshots.map((one) => one.accountId);

  let folder = "";
  beforeAll(async () => {
    folder = world.newFolder();
    await balances(world.snapshotAll, folder);
  });

  it("stands for the account in the table that it matches", async () => {
    const taken = await balances(snapshot(PREFIX, STRANGE), folder);
    const checked = await balances(["doctor", ...api(), "--account", PREFIX], folder);

    const ids = jsonRows(checked).flatMap(({ accountId }) => accountId ?? []);
    expect([taken.code, checked.code]).toEqual([0, 0]);
    expect(accountsIn(taken)).toEqual([STRANGE]);
    expect(ids).toEqual([STRANGE, STRANGE]);
  });

  it("stands for an account in the job's list, in a file with a relative path", async () => {
    const empty = world.newFolder();
    writeFileSync(join(empty, "accounts.json"), JSON.stringify([STRANGE]));

    const ended = await balances(snapshot(PREFIX), empty, { CDP_ACCOUNTS_FILE: "accounts.json" });

    expect(accountsIn(ended)).toEqual([STRANGE]);
  });

  it("is a usage error if it matches several accounts, or none, and if no account is known", async () => {
    const empty = world.newFolder();

    const ended = [
      await balances(snapshot("account_"), folder),
      await balances(snapshot("account_ffff"), folder),
      await balances(
        snapshot("account_ffff").filter((arg) => arg !== "--dry-run"),
        empty,
      ),
      await balances(["doctor", ...api(), "--account", "account_ffff"], empty),
    ];

    const unknown = /^--account: "account_ffff" is not a whole account id, and no account is known yet\./;
    const messages = [
      /^--account: account_ is ambiguous: it matches account_/,
      /^--account: unknown account account_ffff\. Did you mean account_/,
      unknown,
      unknown,
    ];
    const expected = messages.map((message) => ({ code: 2, stdout: "", stderr: expect.stringMatching(message) }));
    expect(ended).toMatchObject(expected);
    expect(readdirSync(empty)).toEqual([]);
  });
});

describe("snapshot --table", () => {
  const snapshot = (cwd: string, ...more: string[]) =>
    balances([...world.snapshotAll, "--table", LOCAL_TABLE, ...more], cwd, world.aws.env);

  it("with --dry-run writes nothing", async () => {
    const { code, stdout } = await snapshot(world.newFolder(), "--dry-run");

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: true,
      accounts: { complete: world.accounts.length, failed: 0 },
    });
    expect(await world.items()).toEqual([]);
  });

  it("stores every account but the one that failed, and ends with 1 and the reason", async () => {
    const { accounts, cdp } = world;
    const cwd = world.newFolder();
    cdp.addFault({ kind: "error", status: 404, on: { account: STRANGE }, correlationId: "41deb8d5-IAD" });

    const { code, stdout, stderr } = await snapshot(cwd);
    cdp.clearFaults();

    const report = JSON.parse(stdout) as RunResult;
    expect(code).toBe(1);
    expect(report.accounts).toEqual({ complete: accounts.length - 1, alreadyComplete: 0, failed: 1 });
    expect(stderr).toMatch(
      new RegExp(`^1 of ${accounts.length} accounts has no snapshot for slot ${report.slot}`, "m"),
    );
    expect(stderr).toMatch(new RegExp(`^${STRANGE}: api_not_found: .*404`, "m"));
    expect(stderr).not.toMatch(/^\s+at /m);
    for (const { accountId, balances: assets } of accounts.filter((account) => account.accountId !== STRANGE)) {
      expect((await world.reader.latest(accountId))?.assets).toBe(assets.length);
    }
    expect(await world.findRecord(STRANGE, report.slot)).toMatchObject({
      status: "failed",
      attempt: { code: "api_not_found", correlationId: "41deb8d5-IAD", attempts: 1 },
    });
    expect(existsSync(join(cwd, ".local"))).toBe(false);
  });
});

describe("snapshot --schedule", () => {
  const DAILY = ["--schedule", "cron(0 0 * * ? *)"];

  it("takes the latest slot once, and gaps then works without --schedule, as with the deployed function", async () => {
    const folder = world.newFolder();

    const first = await balances([...world.snapshotAll, ...DAILY], folder);
    const second = await balances([...world.snapshotAll, ...DAILY], folder);
    const gaps = await balances(["gaps", "--from", "-2d"], folder);
    const zoned = await balances([...world.snapshotAll, ...DAILY, "--timezone", "Asia/Kathmandu", "--dry-run"], folder);

    const [taken, repeated, inKathmandu] = [first, second, zoned].map(({ stdout }) => JSON.parse(stdout) as RunResult);
    const count = world.accounts.length;
    expect([first, second, zoned].map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(taken).toMatchObject({ trigger: "schedule", accounts: { complete: count, alreadyComplete: 0, failed: 0 } });
    expect(taken?.slot).toMatch(/T00:00:00\.000Z$/);
    expect(Date.now() - Date.parse(taken?.slot ?? "")).toBeLessThan(25 * 3_600_000);
    expect(repeated).toMatchObject({ slot: taken?.slot, accounts: { complete: 0, alreadyComplete: count, failed: 0 } });
    expect(second.stderr).toMatch(`: already complete for ${taken?.slot}, `);
    expect(second.stderr).toMatch(`The slot ${taken?.slot} was complete for ${count} accounts: nothing to do.\n`);
    expect(first.stderr).not.toContain("nothing to do");
    expect(gaps).toMatchObject({ code: 0, stdout: "" });
    expect(inKathmandu?.slot).toMatch(/T18:15:00\.000Z$/);
  });

  /** Takes snapshots for a slot some months ago, so that the accounts count since then. Returns the data's folder. */
  async function startedMonthsAgo(): Promise<string> {
    const folder = world.newFolder();
    const month = ((new Date().getUTCMonth() + 6) % 12) + 1;
    const env = { SLOT_LATENESS_LIMIT_SECONDS: String(365 * 86_400) };
    await balances([...world.snapshotAll, "--schedule", `cron(0 0 1 ${month} ? *)`], folder, env);
    return folder;
  }

  it("records a run without a usable key file under its slot, so that the gap is explained", async () => {
    const folder = await startedMonthsAgo();
    writeFileSync(join(folder, "damaged.json"), world.key.file.slice(0, -20));
    const snapshot = (keyFile: string, ...more: string[]) =>
      balances(["snapshot", "--all", "--api", world.cdp.url, "--key-file", keyFile, ...DAILY, ...more], folder);

    const missing = await snapshot("nowhere.json");
    const [gapOfMissing] = jsonRows(await balances(["gaps", "--account", STRANGE], folder));
    const damaged = await snapshot("damaged.json");
    const dryRun = await snapshot("damaged.json", "--dry-run");
    const gaps = await balances(["gaps", "--account", STRANGE], folder);

    expect([missing.code, damaged.code, dryRun.code]).toEqual([2, 1, 1]);
    expect(gapOfMissing).toMatchObject({ attempts: 1, code: "key_file_unreadable" });
    expect(missing.stderr).toMatch(/^--key-file: cannot read nowhere\.json \(ENOENT\)\./);
    expect(damaged.stderr).toMatch(/^--key-file damaged\.json: The key is incomplete or damaged JSON/);
    expect(jsonRows(gaps)).toMatchObject([
      {
        ...{ accountId: STRANGE, trigger: "schedule", attempts: 2, code: expect.stringMatching(/^key_/) },
        slot: expect.stringMatching(/T00:00:00\.000Z$/),
        message: expect.stringMatching(/^--key-file damaged\.json: The key is incomplete/),
      },
    ]);
  });

  it("creates nothing without a usable key file if there is no table", async () => {
    const folder = world.newFolder();

    const { code } = await balances(["snapshot", "--all", "--key-file", "nowhere.json", ...DAILY], folder);

    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("ends no account if it names some", async () => {
    const folder = await startedMonthsAgo();
    const args = world.snapshotAll.filter((arg) => arg !== "--all");

    const named = await balances([...args, "--account", STRANGE, ...DAILY], folder);
    const accounts = jsonRows(await balances(["accounts"], folder));

    expect(JSON.parse(named.stdout)).toMatchObject({ trigger: "schedule", accounts: { complete: 1, failed: 0 } });
    expect(JSON.parse(named.stdout)).not.toHaveProperty("ended");
    expect(accounts.map(({ state }) => state)).toEqual(world.accounts.map(() => "active"));
  });

  it("refuses a slot beyond the lateness limit, which stays an explained gap", async () => {
    const folder = await startedMonthsAgo();
    const env = { SLOT_LATENESS_LIMIT_SECONDS: "1" };

    const late = await balances([...world.snapshotAll, ...DAILY], folder, env);
    const gaps = await balances(["gaps", "--account", STRANGE], folder);

    expect(late.code).toBe(1);
    expect(late.stderr).toMatch(/slot_too_late: The slot \S+T00:00:00.000Z is .* old and the lateness limit is 1 s/);
    expect(late.stderr).toMatch(/or balances snapshot without --schedule\./);
    expect(gaps.code).toBe(1);
    expect(jsonRows(gaps)).toMatchObject([{ accountId: STRANGE, code: "slot_too_late", trigger: "schedule" }]);
  });

  it.each([
    [["--schedule", "rate(1 hour)"], {}, /^--schedule: "rate\(1 hour\)" is not .*; use cron\(0 \* \* \* \? \*\)\./],
    [["--schedule", "cron(0 0 30 2 ? *)"], {}, /^--schedule: .* no day matches/],
    [["--schedule", "cron(0 0 1 1 ? 2051)"], {}, /^--schedule: cron\(0 0 1 1 \? 2051\) has no slot before 20/],
    [[...DAILY, "--timezone", "Mars"], {}, /^--timezone: "Mars" is not a valid time zone/],
    [["--timezone", "UTC"], {}, /--timezone requires --schedule/],
    [
      DAILY,
      { SLOT_LATENESS_LIMIT_SECONDS: "86401" },
      /^SLOT_LATENESS_LIMIT_SECONDS: is 86401\. Expected at most 86400/,
    ],
  ])("with %j and %j is a usage error", async (args, env, message) => {
    const { code, stdout, stderr } = await balances([...world.snapshotAll, ...args], world.newFolder(), env);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});

describe("a usage error ends with 2 and its message on stderr", () => {
  /** `KEY_FILE` is a valid key file, `KEY` its private key. */
  it.each<[name: string, args: string, ...parts: RegExp[]]>([
    [
      "every conflict between options, in one message",
      "snapshot --key-file KEY_FILE --type prime --sandbox --api https://example.com",
      /--account with one or more account ids, or --all/,
      /--owner and --type require --all/,
      /Use either --api or --sandbox/,
    ],
    ["a missing --key-file", "snapshot --all", /--key-file <path>/, /Run with --help for usage\./],
    [
      "a key file that does not exist",
      "snapshot --all --key-file nowhere.json",
      /^--key-file: cannot read nowhere\.json \(ENOENT\)\. Expected the path/,
    ],
    [
      "an API without TLS, by the name of its option",
      "snapshot --all --key-file KEY_FILE --api http://127.0.0.1.evil.com",
      /--api.*https/,
    ],
    [
      "a key instead of a key file, without any part of it",
      "snapshot --all --key-file KEY",
      /^--key-file: the value is a key, not a path\. Expected the path/,
    ],
    ["latest without snapshots", "latest", /^No snapshots in \/\S+\/\.local\. Take one: .*npm start/],
    ["--data with --table", "latest --data a --table b", /^Use either --data or --table\.$/m],
    [
      "--data with --stack",
      "snapshot --all --key-file KEY_FILE --data a --stack b",
      /^Use either --data or --stack\.$/m,
    ],
    ["--data with --secret", "doctor --data a --secret b", /^Use either --secret or --data: /m],
    ["a file as --data", "latest --data KEY_FILE", /cdp_api_key\.json is not a folder\. Expected the data folder/],
    [
      "an invalid account id, by the name of its option",
      "snapshot --account account_1 --key-file KEY_FILE",
      /--account.*account_1/,
    ],
  ])("%s", async (_, args, ...parts) => {
    const key = JSON.parse(world.key.file).privateKey as string;
    const values: Record<string, string> = { KEY_FILE: world.keyFile, KEY: key };

    const ended = await balances(args.split(" ").map((arg) => values[arg] ?? arg));

    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).not.toContain(key.slice(0, 12));
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    for (const part of parts) expect(ended.stderr).toMatch(part);
  });
});

describe("a suggested fix names the options that are given, not the settings of the function", () => {
  const FUNCTION_ONLY = /CDP_API_BASE_URL|the secret/;
  const snapshot = ["snapshot", "--all", "--dry-run", "--key-file"];

  it.each<[name: string, fault: Fault | undefined, fix: RegExp]>([
    ["an API that cannot be reached", undefined, /Check --api and the network/],
    ["a redirect", { kind: "redirect", location: "https://x.example" }, /HTTP 30\d, .* Check --api\.$/m],
    ["a rejected key", { kind: "error", status: 401 }, /rotated \(give the file of the new one with --key-file\)/],
  ])("%s", async (_, fault, fix) => {
    if (fault !== undefined) world.cdp.addFault(fault);
    const api = fault === undefined ? "http://127.0.0.1:1" : world.cdp.url;

    const args = [...snapshot, world.keyFile, "--api", api];
    const ended = await balances(args, world.newFolder(), { CDP_MAX_ATTEMPTS: "1" });
    world.cdp.clearFaults();

    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(fix);
    expect(ended.stderr).not.toMatch(FUNCTION_ONLY);
    expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("an API without an option is that of the variable", async () => {
    const env = { CDP_MAX_ATTEMPTS: "1", CDP_API_BASE_URL: "http://127.0.0.1:1" };

    const { stderr } = await balances([...snapshot, world.keyFile], world.newFolder(), env);

    expect(stderr).toMatch(/Check CDP_API_BASE_URL and the network/);
  });
});

it("refuses to store snapshots in the demo's folder", async () => {
  const folder = world.newFolder();
  mkdirSync(join(folder, LOCAL_FOLDER));
  writeFileSync(demoMarketIn(join(folder, LOCAL_FOLDER)), "{}");

  const { code, stdout, stderr } = await balances(world.snapshotAll, folder);

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^\/\S+\/\.local contains demo data, .* Delete the folder, or move it/);
  expect(readdirSync(join(folder, LOCAL_FOLDER))).toEqual(["market.json"]);
});

it("a damaged key file ends with 1 and the reason, without any part of the key, before a table is created", async () => {
  const folder = world.newFolder();
  const damaged = join(world.newFolder(), "damaged.json");
  writeFileSync(damaged, world.key.file.slice(0, -20));

  const args = ["snapshot", "--all", "--key-file", damaged, "--api", world.cdp.url];
  const { code, stdout, stderr } = await balances(args, folder);

  const secret = JSON.parse(world.key.file).privateKey as string;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    /^--key-file \/.*\/damaged\.json: The key is incomplete or damaged JSON .* Use the JSON key file/,
  );
  expect(stderr).not.toContain(secret.slice(0, 12));
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(readdirSync(folder)).toEqual([]);
});

it("a key file in UTF-16, as PowerShell writes it, takes snapshots, and doctor accepts it", async () => {
  const file = join(world.newFolder(), "powershell.json");
  writeFileSync(file, `\uFEFF${world.key.file}\r\n`, "utf16le");
  const options = ["--key-file", file, "--api", world.cdp.url];

  const snapshot = await balances(["snapshot", "--all", "--dry-run", ...options]);
  const doctor = await balances(["doctor", "--account", STRANGE, ...options]);

  expect(snapshot.code).toBe(0);
  expect(JSON.parse(snapshot.stdout).accounts).toMatchObject({ complete: world.accounts.length, failed: 0 });
  expect(jsonRows(doctor)).toContainEqual(expect.objectContaining({ check: "key", status: "passed" }));
});
