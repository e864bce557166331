import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { type Ended, jsonRows, runBalances } from "../support/history-cli.ts";
import { accountIdOf, type Facts, HOUR, MINUTE, makeFacts } from "../support/history-facts.ts";
import { instant, lastCapturedIn } from "../support/history-naive.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { AwsRefusal, type LocalAws, startAws } from "../support/world/aws.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

// The options of the commands that read the history: the messages about wrong ones, and the default ranges and steps.

const FROM = Date.parse("2026-11-01T00:00:00Z");
const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2, 2, 2, 2] });
const UNKNOWN = `${accountIdOf(1).slice(0, -1)}x`;
const EMPTY = "account_af2937b0-9846-4fe7-bfe9-ccc22d935111";
const WITH_EUROS = "account_af2937b0-9846-4fe7-bfe9-ccc22d935112";
const EUROS = { btc: { btc: ["1", "1"], usd: ["90000", "90000"], eur: ["80000", "80000"] } } as const;

let world: FactsWorld;
let aws: LocalAws;
beforeAll(async () => {
  world = await startFactsWorld(facts);
  const keys = (...names: string[]) => ({
    BillingMode: "PAY_PER_REQUEST" as const,
    KeySchema: names.map((name, at) => ({ AttributeName: name, KeyType: at === 0 ? "HASH" : "RANGE" }) as const),
    AttributeDefinitions: names.map((name) => ({ AttributeName: name, AttributeType: "S" }) as const),
  });
  await world.client.send(new CreateTableCommand({ TableName: "foreign", ...keys("id") }));
  await world.client.send(new CreateTableCommand({ TableName: "empty", ...keys("account", "slot") }));
  await world.client.send(new CreateTableCommand({ TableName: "unknown-schedule", ...keys("account", "slot") }));
  const store = new TableSnapshotStore(new Table(world.client, LOCAL_TABLE));
  const slot = new Date(Date.now() - 60_000).toISOString();
  await store.save(snapshotWith({}, { accountId: EMPTY, slot }), []);
  await store.save(snapshotWith(EUROS, { accountId: WITH_EUROS, slot }), []);
  const unknown = new TableSnapshotStore(new Table(world.client, "unknown-schedule"));
  const btc = { symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8 };
  await unknown.save(snapshotWith(EUROS, { accountId: WITH_EUROS, slot }), [btc]);
  await unknown.registerSchedule({ expression: "cron(0 9 ? NOV-FEB MON-FRI)", timezone: "UTC" }, slot);
  aws = await startAws();
  aws.reply("cloudformation:DescribeStacks", (_, { region, input: { StackName } }) =>
    region === "eu-central-1" && StackName in STACKS
      ? (STACKS[StackName] ?? new AwsRefusal("AccessDenied", "not authorized"))
      : new AwsRefusal("ValidationError", `Stack with id ${StackName} does not exist`),
  );
});
afterAll(() => Promise.all([world.close(), aws.close()]));

/** The stacks in the region. `undefined`: the caller may not read the stack. */
const STACKS: Readonly<Record<string, object | undefined>> = {
  balances: stackWith({ SecretId: "cdp-api-key", TableName: LOCAL_TABLE, FunctionName: "balances-function" }),
  foreign: stackWith({ BucketName: "pictures" }),
  secretive: undefined,
  "without-table": stackWith({ TableName: "deleted" }),
};

function stackWith(outputs: Readonly<Record<string, string>>): object {
  const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  return { Stacks: [{ StackName: "stack", StackStatus: "CREATE_COMPLETE", CreationTime: new Date(0), Outputs }] };
}

/** Runs the command line; `env` replaces variables of an environment that can read the table. */
function balances(args: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const endpoint = { AWS_ENDPOINT_URL_CLOUDFORMATION: aws.url, AWS_EC2_METADATA_DISABLED: "true" };
  return runBalances(args.split(" "), world.home, { ...world.env, ...endpoint, ...env });
}

function expectFailure({ code, stdout, stderr }: Ended, exitCode: number, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
}

describe("a usage error ends with 2 and its message on stderr", () => {
  it.each<[name: string, args: string, message: RegExp]>([
    ["an invalid --at", "as-of --at 2025-02-30 --format csv", /^--at: "2025-02-30" is not .* Expected a date/],
    ["an invalid --from", "changes --from 31.12.2025 --format csv", /^--from: "31\.12\.2025" is not a valid date/],
    ["an invalid --to", "gaps --to tomorrow --format csv", /^--to: "tomorrow" is not a valid date/],
    ...["daily", "2d", "7h", "2w", "24h"].map((every): [string, string, RegExp] => [
      `--every ${every}`,
      `history --asset btc --every ${every}`,
      new RegExp(
        `^--every: "${every}" is not a possible interval\\. Expected 1d, 1w, 1mo, 3mo, 1y, or minutes or hours that`,
      ),
    ]),
    [
      "a range of steps in the future",
      "totals --from 2100-01-01 --to 2100-02-01",
      /^--from: 2100-01-01T00:00:00\.000Z is in the future: it is now .*Z\. Give an earlier --from\.$/m,
    ],
    ["an invalid --max-age", "as-of --at now --max-age long", /^--max-age: "long" is not .* Expected a number/],
    ["an invalid --timezone", "latest --timezone Zurich", /^--timezone: "Zurich" is not .* Expected an IANA name/],
    [
      "an invalid --schedule",
      "gaps --schedule hourly",
      /^--schedule: "hourly" is not a valid schedule: not cron\(.*such as cron\(0 \* \* \* \? \*\)\.$/m,
    ],
    [
      "a range that ends before it starts",
      "history --asset btc --from 2025-03-09 --to 2025-03-07",
      /^--from \(.*\) is after --to .* Give an earlier --from\./,
    ],
    [
      "too many steps",
      "totals --every 1min --from 0020-01-01",
      /^--every: 0020-01-01T00:00:00\.000Z to .*Z is more than 1000000 steps\. Give a longer interval or a shorter/,
    ],
    ["--out in a missing folder", "report --out /nowhere/x.html", /^--out: the folder \/nowhere does not.* Create it/],
    ["--out that is a folder", `export --out ${tmpdir()}`, /^--out: .* is a folder\. Expected the path of a file\./],
    ["--out that names a folder to come", "export --out nowhere/", /^--out: nowhere\/ is a folder\. Expected the path/],
    [
      "an ending that contradicts --format",
      "export --out x.csv --format json",
      /^--out: x\.csv ends in \.csv, but --format is json\. Change the file's ending\./,
    ],
    [
      "an ending of a format that the command does not write",
      "report --out X.CSV",
      /^--out: X\.CSV ends in \.CSV, but the command writes html\. Change/,
    ],
    [
      "another format of the report",
      "report --out x.html --format csv",
      /'csv' is invalid\. Allowed choices are html\.$/m,
    ],
    [
      "a format and an ending of the report",
      "report --out x.csv --format html",
      /^--out: x\.csv ends in \.csv, but --for/,
    ],
    ["a missing --asset", "history", /--asset <symbol>.*\nRun with --help for usage\./],
    ["an unknown asset", "history --asset bct", /^--asset: unknown asset bct\. Did you mean btc or usd\?/],
    [
      "an unknown denomination",
      "latest --denomination eru",
      /^--denomination: unknown denomination eru\. Did you mean eur or usd\?$/m,
    ],
    [
      "an unknown account",
      `as-of --at now --account ${UNKNOWN}`,
      new RegExp(`^--account: unknown account ${UNKNOWN}\\. Did you mean ${accountIdOf(1)}, account_.* or account_`),
    ],
    [
      "a prefix of several account ids",
      "latest --account account_af2937b0-9846-4fe7-bfe9-ccc22d9351",
      new RegExp(
        `^--account: account_\\S* is ambiguous: it matches ${EMPTY} and ${WITH_EUROS}\\. Give more characters\\.$`,
        "m",
      ),
    ],
    ["chart with --format, which it would ignore", "chart --format csv", /unknown option '--format'/],
    [
      "chart with --asset and --denomination, of which it would ignore the second",
      "chart --asset btc --denomination usd",
      /'--asset <symbol>' cannot be used with option '--denomination <symbol>'/,
    ],
    ["an empty --out", "export --out=", /^--out: the value is empty\. Give a value, or leave the option out\./],
    ["an empty --asset", "chart --asset=", /^--asset: the value is empty\. Give a value, or leave the option out\./],
    ["an empty --account", "latest --account=", /^--account: the value is empty\./],
    ["a second --asset", "history --asset btc --asset usd", /^--asset is given more than once\. Give one value\.$/m],
    ["a second --format", "latest --format csv --format json", /^--format is given more than once\./],
    ["a second --table", "latest --table a", /^--table is given more than once\./],
    ["an option in place of a value", "export --out --verbose", /^--out: the value is missing, because --verbose is/],
    ["--table with --stack", "latest --stack balances", /^Use either --table or --stack\.$/m],
  ])("%s", async (_, args, message) => {
    expectFailure(await balances(`${args} --table ${LOCAL_TABLE}`), 2, message);
  });

  it("an empty --table, which would select the embedded table", async () => {
    const ended = await runBalances(["latest", "--table", ""], world.home, world.env);

    expectFailure(ended, 2, /^--table: the value is empty\. .* Is a shell variable not set\?$/m);
  });

  it("an empty table", async () => {
    const ended = await balances("totals --format csv --table empty");

    expectFailure(
      ended,
      2,
      /^No snapshots in the table empty \(eu-central-1, http:\/\/\S+\)\. Take one: balances snapshot .* --table empty\./,
    );
  });
});

const WITHOUT_REGION = { AWS_REGION: undefined };
const WITHOUT_CREDENTIALS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

describe("an unreadable table ends with 1 and a suggested fix on stderr", () => {
  it.each<[name: string, options: string, env: NodeJS.ProcessEnv, message: RegExp]>([
    ["a table of another project", "--table foreign", {}, /could not be read: .* has the keys account and slot\.$/m],
    ["a missing table", "--table nowhere", {}, /^The table nowhere could not be read: .* Check the name of the table/],
    [
      "no credentials",
      `--table ${LOCAL_TABLE}`,
      WITHOUT_CREDENTIALS,
      /could not be read: .* Log in to AWS, or set AWS_/,
    ],
    ["no region", `--table ${LOCAL_TABLE}`, WITHOUT_REGION, /could not be read: .*Region is missing.* Set AWS_REGION/],
    ["a missing stack", "--stack balance", {}, /^--stack: cannot describe the stack balance: .* Check the name of/],
    ["another region's stack", "--stack balances", { AWS_REGION: "us-east-1" }, /^--stack: .* Check .*AWS_REGION/],
    ["another project's stack", "--stack foreign", {}, /^--stack: the stack foreign has no output TableName\. Check/],
    ["a denied stack", "--stack secretive", {}, /AccessDenied: .* Allow cloudformation:Describe.* with --table\.$/m],
    ["a deleted table", "--stack without-table", {}, /^The table deleted could not be read: .* Check the name of the/],
    ["no credentials for --stack", "--stack balances", WITHOUT_CREDENTIALS, /^--stack: .* credentials were found\.$/m],
    ["no region for --stack", "--stack balances", WITHOUT_REGION, /^--stack: .*Region is missing\. Set AWS_REGION/],
  ])("%s", async (_, options, env, message) => {
    expectFailure(await balances(`latest ${options}`, env), 1, message);
  });
});

it("--account takes prefixes that match one id each, and selects an account once", async () => {
  const ended = await balances(
    `accounts --table ${LOCAL_TABLE} --account account_fac70001 ${accountIdOf(1)} account_fac70000-`,
  );

  expect(jsonRows(ended).map(({ accountId }) => accountId)).toEqual([accountIdOf(1), accountIdOf(0)]);
});

it("--stack reads the table in the stack's outputs", async () => {
  const byStack = await balances(`latest --stack balances --account ${WITH_EUROS}`);
  const byTable = await balances(`latest --table ${LOCAL_TABLE} --account ${WITH_EUROS}`);

  expect(byStack).toMatchObject({ code: 0, stdout: byTable.stdout, stderr: "" });
  expect(jsonRows(byStack).length).toBeGreaterThan(0);
});

/** A history that is too young for the defaults, or has no schedule. */
let example: FactsWorld;

function useExample(facts: Facts, now: number): void {
  beforeAll(async () => {
    example = await startFactsWorld(facts, now);
  });
  afterAll(() => example.close());
}

describe("a minute after the first slot", () => {
  const UP_TO =
    "Slots without a record count as gaps up to 2026-10-31T23:46:00.000Z. The run of a later slot may be in progress.\n";
  const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2], kind: "typical" });
  useExample(facts, FROM + MINUTE);

  it.each([
    { command: ["accounts"], rows: 1, notice: "" },
    { command: ["latest"], rows: 2, notice: "" },
    { command: ["history", "--asset", "btc", "--every", "1d"], rows: 1, notice: "" },
    { command: ["totals"], rows: 1, notice: "" },
    { command: ["gaps"], rows: 0, notice: UP_TO },
  ])("$command.0 shows the first snapshot and no gap", async ({ command, rows, notice }) => {
    const ended = await example.balances(...command);

    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: notice });
    expect(jsonRows(ended)).toHaveLength(rows);
    expect(ended.stdout).not.toMatch(/"gap"|"total":null/);
  });

  it.each([
    { options: [], steps: [FROM + MINUTE] },
    { options: ["--from", "2026-11-01", "--every", "1h"], steps: [FROM, FROM + MINUTE] },
  ])("report $options ends with an open step, which is now", async ({ options, steps }) => {
    const out = join(example.home, "report.html");

    const { code } = await example.balances("report", "--out", out, ...options);

    const page = readFileSync(out, "utf8");
    expect([code, /"steps":[^\]]*\],"open":true/.exec(page)?.[0]]).toEqual([
      ...[0, `"steps":${JSON.stringify(steps.map(instant))},"open":true`],
    ]);
  });

  it.each([
    ["1d", "2026-11-01"],
    ["1w", "2026-W44"],
    ["1mo", "2026-11"],
    ["3mo", "2026-Q4"],
    ["1y", "2026"],
    ["6h", instant(FROM + MINUTE)],
  ])(
    "totals and history --every %s show that %s is open, in every format, up to now if the range ends later",
    async (every, step) => {
      const shown = await Promise.all(
        [["totals"], ["history", "--asset", "btc"]].flatMap((command) =>
          ["json", "csv", "table"].map((format) =>
            example.balances(...command, "--every", every, "--to", "2026-12", "--format", format),
          ),
        ),
      );

      for (const [at, { code, stdout }] of shown.entries()) {
        const start = [`{"step":"${step}","open":true,`, `${step},open,`, `${step}  open  `][at % 3] ?? "";
        expect([code, stdout.trimEnd().split("\n").at(-1)?.slice(0, start.length)]).toEqual([0, start]);
      }
    },
  );

  it("chart starts at the first record", async () => {
    const { stdout } = await example.balances("chart");

    expect(stdout).toContain("2026-11-01T00:00:00.000Z to 2026-11-01T00:01:00.000Z");
  });
});

describe("a failed attempt with a suggested fix", () => {
  const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2], kind: "typical" });
  useExample(facts, FROM + 2 * HOUR);

  it.each([
    { end: FROM + 90 * MINUTE, name: "an open step whose snapshot may still come", code: 0 },
    { end: FROM + 2 * HOUR, name: "a complete step without a snapshot", code: 1 },
  ])("totals ends with $code for $name", async ({ end, code }) => {
    const ended = await example.balances(
      "totals",
      "--every",
      "1h",
      "--from",
      instant(FROM + HOUR),
      "--to",
      instant(end),
    );

    expect(ended).toMatchObject({ code, stderr: "" });
    expect(jsonRows(ended)).toMatchObject([
      { step: instant(FROM + HOUR), open: false, partial: false },
      { step: instant(end), open: code === 0, partial: true, total: null },
    ]);
  });

  it("totals shows in a table which account a figure is without, with its whole id", async () => {
    const { stdout } = await example.balances("totals", "--from", instant(FROM + 2 * HOUR), "--format", "table");

    const [header = "", , row = ""] = stdout.split("\n");
    expect(row.slice(header.indexOf("without")).split(" ")[0]).toBe(accountIdOf(0));
  });

  it("report leaves out an open step whose snapshot may still come, and ends with the newest snapshot", async () => {
    const out = join(example.home, "report.html");
    const range = ["--from", instant(FROM + HOUR), "--to", instant(FROM + 90 * MINUTE)];

    await example.balances("report", "--out", out, "--every", "1h", ...range);

    const page = readFileSync(out, "utf8");
    expect(page).toContain(`"steps":["${instant(FROM + HOUR)}"],"snapshots":[{`);
  });

  it("is listed by gaps with its message and the fix", async () => {
    const accountId = facts.accounts[0]?.accountId ?? "";
    const slot = instant(FROM + HOUR);
    const attempt = { code: "api_forbidden", message: "HTTP 403.", suggestedFix: "Give the key the permission." };
    await new TableSnapshotStore(new Table(example.client, LOCAL_TABLE)).recordFailure({
      ...{ accountId, slot, trigger: "schedule", attempts: 1, lastTriedAt: slot },
      ...attempt,
    });

    const ended = await example.balances("gaps");

    expect(jsonRows(ended)).toMatchObject([{ slot, message: "HTTP 403. Give the key the permission." }]);
  });
});

describe("an account without a complete snapshot, and one that is retired", () => {
  const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2, 2], kind: "typical" });
  // Before the next slot: at 02:00, the snapshot of 00:00 would be too old.
  const now = FROM + 2 * HOUR - MINUTE;
  useExample(facts, now);
  const [kept, closed] = [accountIdOf(0), accountIdOf(1)];
  const failing = accountIdOf(2);
  const RETIRED = "It was retired with balances accounts retire.";
  const accountRows = async () => jsonRows(await example.balances("accounts"));

  it("is pending: accounts shows its last error, gaps names it, and no total includes it", async () => {
    const slot = instant(FROM + HOUR);
    const attempt = { trigger: "schedule", code: "api_not_found", message: "HTTP 404.", attempts: 1 } as const;
    const store = new TableSnapshotStore(new Table(example.client, LOCAL_TABLE));
    await store.recordFailure({ ...attempt, accountId: failing, slot, lastTriedAt: slot });

    const totals = await example.balances("totals");
    const gaps = await example.balances("gaps", "--to", instant(FROM));
    const latest = await example.balances("latest", "--account", failing);

    expect((await accountRows())[2]).toMatchObject({
      ...{ accountId: failing, state: "pending", since: null, lastSlot: null, lastError: "api_not_found: HTTP 404." },
    });
    expect(totals).toMatchObject({ code: 0, stderr: "" });
    expect(jsonRows(totals).at(-1)).toMatchObject({ accountId: "all", accounts: 2, partial: false, ended: [] });
    const pending = `${failing} has no complete snapshot yet. To see its last error, run accounts.\n`;
    expect(gaps).toMatchObject({ code: 1, stdout: "", stderr: pending });
    expect(latest).toMatchObject({ code: 1, stdout: "", stderr: pending });
  });

  it("leaves with accounts retire, although it never had a complete snapshot, and gaps does not name it any more", async () => {
    const [first, second] = [
      await example.balances("accounts", "retire", failing),
      await example.balances("accounts", "retire", failing),
    ];

    const gaps = await example.balances("gaps", "--to", instant(FROM));
    const latest = await example.balances("latest", "--account", failing);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^${failing} ended at ${instant(now)}\\.`),
    });
    expect(second.stdout).toBe(`${failing} already ended. It never had a complete snapshot.\n`);
    expect(gaps).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(latest).toMatchObject({ code: 1, stderr: `${failing} has ended, and never had a complete snapshot.\n` });
  });

  it("ends with accounts retire, and a second retire says that it has ended", async () => {
    const [first, second] = [
      await example.balances("accounts", "retire", closed),
      await example.balances("accounts", "retire", closed),
    ];

    const totals = jsonRows(await example.balances("totals")).at(-1);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^${closed} ended at ${instant(now)}\\.`),
    });
    expect(second).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ already ended at .*: It was retired/),
    });
    expect((await accountRows())[1]).toMatchObject({ accountId: closed, state: "ended", ended: instant(now) });
    expect(totals).toMatchObject({ accountId: "all", accounts: 1, ended: [closed], slots: { [kept]: instant(FROM) } });
    expect(jsonRows(await example.balances("latest")).every(({ accountId }) => accountId === kept)).toBe(true);
  });

  it.each(["totals", "history --asset btc", "history --asset btc --every 1d"])(
    "%s explains why it has nothing to show before the accounts start, and after one has ended",
    async (command) => {
      const [early, late] = [
        await example.balances(...command.split(" "), "--from", "2020-01-01", "--to", "2020-01-02"),
        await example.balances(...command.split(" "), "--from", instant(now), "--account", closed),
      ];

      const before = `has no snapshot before 2020-01-02T23:59:59.999Z; its history starts at ${instant(FROM)}.\n`;
      expect(early).toMatchObject({ code: 1, stderr: `${kept} ${before}${closed} ${before}` });
      expect(late).toMatchObject({ code: 1, stdout: "", stderr: `${closed} ended at ${instant(now)}: ${RETIRED}\n` });
    },
  );

  it("has its last snapshot in latest --account, which says that it has ended", async () => {
    const latest = await example.balances("latest", "--account", closed);

    const reason = "It was retired with balances accounts retire.";
    expect(latest).toMatchObject({ code: 1, stderr: `${closed} ended at ${instant(now)}: ${reason}\n` });
    expect(new Set(jsonRows(latest).map(({ accountId, slot }) => `${accountId} ${slot}`))).toEqual(
      new Set([`${closed} ${instant(FROM)}`]),
    );
  });

  it("is pending again if its first attempt after an end fails, and gaps names it", async () => {
    const slot = instant(now);
    const attempt = { trigger: "schedule", code: "api_not_found", message: "HTTP 404.", attempts: 1 } as const;
    const store = new TableSnapshotStore(new Table(example.client, LOCAL_TABLE));
    await store.recordFailure({ ...attempt, accountId: closed, slot, lastTriedAt: slot });

    const ended = [
      await example.balances("gaps", "--to", instant(FROM)),
      await example.balances("gaps", "--account", closed, "--to", instant(FROM)),
    ];

    const pending = `It is pending again since ${slot}. To see its last error, run accounts.\n`;
    expect((await accountRows())[1]).toMatchObject({ state: "pending", lastError: "api_not_found: HTTP 404." });
    expect(ended).toMatchObject(Array(2).fill({ code: 1, stdout: "", stderr: expect.stringContaining(pending) }));
  });

  it.each([
    ["an unknown account", ["retire", UNKNOWN], /^id: unknown account account_/],
    ["an empty text", ["retire", ""], /^id: unknown account ""\. Did you mean/],
    [
      "a mistyped retire",
      ["retir", accountIdOf(0)],
      /^accounts: unexpected argument "retir"\. Did you mean accounts retire\?/,
    ],
    [
      "an option that retire would not see",
      ["--format", "json", "retire", accountIdOf(0)],
      /^--format: give it after retire/,
    ],
    ["two accounts", ["retire", accountIdOf(0), accountIdOf(1)], /^accounts retire: unexpected argument/],
    ["no account", ["retire"], /missing required argument 'id'/],
  ])("retire is a usage error for %s", async (_, args, message) => {
    const { code, stdout, stderr } = await example.balances("accounts", ...args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});

describe("an account that held nothing", () => {
  const facts = makeFacts({ seed: 1, from: FROM, hours: 2, assets: [1], kind: "typical" });
  const accounts = facts.accounts.map((account) => ({
    ...account,
    records: account.records.map((record) => ({ ...record, holdings: new Map() })),
  }));
  useExample({ ...facts, accounts }, FROM + 2 * HOUR);

  it("has the total zero, in totals and in chart", async () => {
    const totals = await example.balances("totals", "--every", "1h");
    const { code, stdout } = await example.balances("chart");

    expect(jsonRows(totals)[0]).toMatchObject({ total: "0", of: 0 });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("first 0, last 0; ") });
  });
});

describe("manual runs every three hours, without a schedule", () => {
  const hourly = makeFacts({ seed: 1, from: FROM, hours: 96, assets: [2], kind: "typical" });
  const accounts = hourly.accounts.map((account) => ({
    ...account,
    records: account.records.filter(({ slot }) => (slot - FROM) % (3 * HOUR) === 0),
  }));
  useExample({ ...hourly, accounts, schedules: [] }, FROM + 96 * HOUR);

  it("report has a step for each snapshot, and no gaps", async () => {
    const out = join(example.home, "report.html");

    await example.balances("report", "--out", out);

    const page = readFileSync(out, "utf8");
    const steps = Array.from({ length: 32 }, (_, at) => instant(FROM + 3 * HOUR * (at + 1)));
    expect(page).toContain(`"steps":${JSON.stringify(steps)}`);
    expect(/"snapshots":\[[^\]]*null/.test(page)).toBe(false);
  });

  it("chart draws a column per step, with marks for steps without a snapshot", async () => {
    const to = FROM + 80 * HOUR;

    const { stdout } = await example.balances("chart", "--asset", "btc", "--from", instant(FROM), "--to", instant(to));

    // The step of the start of the range, and one every three hours, which is the time between snapshots.
    const amounts = Array.from({ length: 28 }, (_, at) => {
      const end = Math.min(FROM + at * 3 * HOUR, to);
      const fact = lastCapturedIn(accounts[0]?.records ?? [], FROM + (at - 1) * 3 * HOUR, end);
      return fact?.holdings.get("btc")?.total;
    });
    const known = amounts.filter((amount) => amount !== undefined);
    const lines = stdout.split("\n");
    const [axis = "", marks = ""] = lines.slice(-5);
    expect(lines[0]).toBe(`${accounts[0]?.accountId}: btc, ${instant(FROM)} to ${instant(to)}, one column every 3h`);
    expect(lines.at(-3)).toContain(`first ${known[0]}, last ${known.at(-1)};`);
    expect(amounts.map((_, at) => marks[axis.indexOf("└") + 1 + at] === "·")).toEqual(
      amounts.map((amount) => amount === undefined),
    );
    expect(stdout.split("●")).toHaveLength(known.length + 1);
  });

  it("gaps asks for a schedule", async () => {
    const { code, stderr } = await example.balances("gaps");

    expect([code, stderr]).toEqual([2, expect.stringContaining("--schedule 'cron(0 * * * ? *)'")]);
  });
});

describe("a recorded schedule that cannot be understood", () => {
  const message =
    /^The schedule "cron\(0 9 \? NOV-FEB MON-FRI\)" is not valid, so its slots are unknown: cron requires six fields.*Deploy a valid schedule\. .*--schedule and --timezone\.\n$/;

  it.each([
    "gaps --table unknown-schedule",
    "gaps --coverage --format csv --table unknown-schedule",
    "as-of --at now --table unknown-schedule",
    "latest --table unknown-schedule",
    "totals --table unknown-schedule",
    "history --asset btc --table unknown-schedule",
    "changes --from -1d --table unknown-schedule",
    "chart --asset btc --table unknown-schedule",
    "accounts --table unknown-schedule",
    `report --out ${join(tmpdir(), "unknown-schedule.html")} --table unknown-schedule`,
  ])("is an error of balances %s", async (args) => {
    expectFailure(await balances(args), 1, message);
  });

  it("is replaced by --schedule, which explains what is wrong in the same words", async () => {
    const gaps = (schedule: string) =>
      runBalances(["gaps", "--table", "unknown-schedule", "--schedule", schedule], world.home, world.env);

    expect(await gaps("cron(0 0 1 1 ? *)")).toMatchObject({ code: 0, stdout: "" });
    expectFailure(await gaps("cron(0 9 ? NOV-FEB MON-FRI)"), 2, /is not a valid schedule: cron requires six fields/);
    expectFailure(await gaps("rate(5 minutes)"), 2, /"rate\(5 minutes\)" is not .*; use cron\(0\/5 \* \* \* \? \*\)\./);
    expectFailure(await gaps("rate(7 minutes)"), 2, /the nearest is cron\(0\/6 \* \* \* \? \*\)\./);
  });
});
