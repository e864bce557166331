import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Level } from "level";
import type { RunResult } from "../../core/domain/run-result.ts";
import { demoMarketIn } from "../../local/data-folder.ts";
import { type CliWorld, ROOT, STRANGE, startCliWorld } from "../support/cli-world.ts";
import { type Ended, jsonRows, LOCAL_FOLDER } from "../support/history-cli.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";

// Where the commands look for files, for the data folder, and for the accounts that a prefix stands for.

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world.close());

describe("relative paths", () => {
  const startedFrom = (folder: string) => ({
    INIT_CWD: folder,
    npm_lifecycle_event: "balances",
    npm_package_name: "cdp-balance-snapshots",
  });

  it("mean the folder from which npm was started, for every option", async () => {
    const folder = world.newFolder();
    writeFileSync(join(folder, "key.json"), world.key.file);
    const run = (line: string) => world.balances([...line.split(" "), "--data", "data"], ROOT, startedFrom(folder));

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

  it("mean that folder in BALANCES_DATA, too, but the application's folder in a script of an application", async () => {
    const folder = world.newFolder();
    const ofApplication = { ...startedFrom(join(folder, "reports")), npm_package_name: "treasury" };

    const started = await world.balances(["latest"], ROOT, { ...startedFrom(folder), BALANCES_DATA: "data" });
    const application = await world.balances(["latest", "--data", "data"], folder, ofApplication);

    const message = `No snapshots in ${join(folder, "data")}. Take one: `;
    expect(started.stderr).toContain(`${message}npm run -s balances -- snapshot `);
    expect(application.stderr).toContain(`${message}balances snapshot `);
  });

  it("are refused if the folder from which npm was started cannot be entered", async () => {
    const { code, stderr } = await world.balances(["latest"], world.newFolder(), startedFrom("/nowhere"));

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^Cannot enter \/nowhere \(ENOENT\), the/),
    });
  });
});

describe("a folder without snapshots", () => {
  const READING = [
    ...["accounts", "latest", "as-of --at now", "history --asset btc --every 1d", "totals", "changes", "gaps", "chart"],
    ...["export --out x.csv", "report --out x.html", "verify", "verify --head --out heads.json", "doctor"],
  ];

  it.each(READING)("%s names the folder and how to take some, and creates nothing", async (line) => {
    const folder = world.newFolder();

    const { code, stdout, stderr } = await world.balances([...line.split(" "), "--data", "data"], folder);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      `No snapshots in ${join(folder, "data")}. Take one: balances snapshot --key-file cdp_api_key.json --all --data data. `,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is not created by a dry run", async () => {
    const folder = world.newFolder();

    const { code, stdout } = await world.balances([...world.snapshotAll, "--dry-run"], folder);

    const accounts = { complete: world.accounts.length, failed: 0 };
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, dryRun: true, accounts });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is named by the doctor, which has nothing to check", async () => {
    const folder = world.newFolder();

    const { code, stderr } = await world.balances(["doctor"], folder);

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

    const ended = [await world.balances(["latest"], folder), await world.balances(["latest"], folder)];

    const stderr = expect.stringContaining(`No snapshots in ${join(folder, LOCAL_FOLDER)}. `);
    expect(ended).toMatchObject(Array(2).fill({ code: 2, stdout: "", stderr }));
  });
});

it("refuses to store snapshots in the demo's folder", async () => {
  const folder = world.newFolder();
  mkdirSync(join(folder, LOCAL_FOLDER));
  writeFileSync(demoMarketIn(join(folder, LOCAL_FOLDER)), "{}");

  const { code, stdout, stderr } = await world.balances(world.snapshotAll, folder);

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^\/\S+\/\.local contains demo data, .* Delete the folder, or move it/);
  expect(readdirSync(join(folder, LOCAL_FOLDER))).toEqual(["market.json"]);
});

describe("a prefix of an account id, for snapshot and doctor", () => {
  const PREFIX = STRANGE.slice(0, 14);
  const api = () => ["--key-file", world.keyFile, "--api", world.cdp.url];
  const snapshot = (...options: string[]) => ["snapshot", "--dry-run", ...api(), "--account", ...options];
  const accountsIn = ({ stdout }: Ended) => (JSON.parse(stdout) as RunResult).snapshots.map((one) => one.accountId);

  let folder = "";
  beforeAll(async () => {
    folder = world.newFolder();
    await world.balances(world.snapshotAll, folder);
  });

  it("stands for the account in the table that it matches", async () => {
    const taken = await world.balances(snapshot(PREFIX, STRANGE), folder);
    const checked = await world.balances(["doctor", ...api(), "--account", PREFIX], folder);

    const ids = jsonRows(checked).flatMap(({ accountId }) => accountId ?? []);
    expect([taken.code, checked.code]).toEqual([0, 0]);
    expect(accountsIn(taken)).toEqual([STRANGE]);
    expect(ids).toEqual([STRANGE, STRANGE]);
  });

  it("stands for an account in the job's list, in a file with a relative path", async () => {
    const empty = world.newFolder();
    writeFileSync(join(empty, "configuration.json"), JSON.stringify({ accounts: [STRANGE] }));

    const ended = await world.balances(snapshot(PREFIX), empty, { SNAPSHOT_CONFIGURATION_FILE: "configuration.json" });

    expect(accountsIn(ended)).toEqual([STRANGE]);
  });

  it("is a usage error if it matches several accounts, or none, and if no account is known", async () => {
    const empty = world.newFolder();

    const ended = [
      await world.balances(snapshot("account_"), folder),
      await world.balances(snapshot("account_ffff"), folder),
      await world.balances(
        snapshot("account_ffff").filter((arg) => arg !== "--dry-run"),
        empty,
      ),
      await world.balances(["doctor", ...api(), "--account", "account_ffff"], empty),
    ];

    const unknown = /^--account: "account_ffff" is not a whole account id, and no account is known yet\./;
    const messages = [
      /^--account: account_ is ambiguous: it matches Strange \(account_0.*and Operations \(account_/,
      /^--account: unknown account account_ffff\. Did you mean account_/,
      unknown,
      unknown,
    ];
    const expected = messages.map((message) => ({ code: 2, stdout: "", stderr: expect.stringMatching(message) }));
    expect(ended).toMatchObject(expected);
    expect(readdirSync(empty)).toEqual([]);
  });
});
