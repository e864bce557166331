import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { createTable, LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type EmbeddedFactsWorld, startEmbeddedFactsWorld } from "../support/facts-world.ts";
import { type Ended, expectFailure, jsonRows, runBalances } from "../support/history-cli.ts";
import { makeFacts } from "../support/history-facts.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { AwsRefusal, type LocalAws, startAws } from "../support/world/aws.ts";
import { assetOf, snapshotWith } from "../unit/domain/snapshots.ts";

// The options of the commands that read the history: the messages about wrong ones, and the default ranges and steps.

const FROM = Date.parse("2026-11-01T00:00:00Z");
const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2, 2, 2, 2] });
const EMPTY = "account_af2937b0-9846-4fe7-bfe9-ccc22d935111";
const WITH_EUROS = "account_af2937b0-9846-4fe7-bfe9-ccc22d935112";
const EUROS = { btc: { btc: ["1", "1"], usd: ["90000", "90000"], eur: ["80000", "80000"] } } as const;

let world: EmbeddedFactsWorld;
let aws: LocalAws;
beforeAll(async () => {
  world = await startEmbeddedFactsWorld(facts);
  await world.client.send(
    new CreateTableCommand({
      TableName: "foreign",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  for (const name of ["empty", "unknown-schedule"]) await createTable(world.client, name);
  const slot = new Date(Date.now() - 60_000).toISOString();
  const store = world.newStore();
  await store.save(snapshotWith({}, { accountId: EMPTY, slot }), []);
  await store.save(snapshotWith(EUROS, { accountId: WITH_EUROS, slot }), []);
  const unknown = new TableSnapshotStore(new Table(world.client, "unknown-schedule"));
  await unknown.save(snapshotWith(EUROS, { accountId: WITH_EUROS, slot }), [assetOf("btc")]);
  const schedule = { expression: "cron(0 9 ? NOV-FEB MON-FRI)", timezone: "UTC", latenessLimitMs: 3_600_000 };
  await unknown.registerSchedule(schedule, slot, slot);
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

describe("a usage error that depends on the table ends with 2 and its message on stderr", () => {
  it.each<[name: string, args: string, message: RegExp]>([
    [
      "too many steps",
      "totals --every 1min --from 0020-01-01",
      /^--every: 0020-01-01T00:00:00\.000Z to .*Z is more than 1000000 steps\. Give a longer interval or a shorter/,
    ],
    ["an unknown asset", "history --asset bct", /^--asset: unknown asset bct\. Did you mean btc or usd\?/],
    [
      "an unknown denomination",
      "latest --denomination eru",
      /^--denomination: unknown denomination eru\. Did you mean eur or usd\?$/m,
    ],
    [
      "a prefix of several account ids",
      "latest --account account_af2937b0-9846-4fe7-bfe9-ccc22d9351",
      new RegExp(
        `^--account: account_\\S* is ambiguous: it matches ${EMPTY} and ${WITH_EUROS}\\. Give more characters, or the id\\.$`,
        "m",
      ),
    ],
    ["--table with --stack", "latest --stack balances", /^Use either --table or --stack\.$/m],
  ])("%s", async (_, args, message) => {
    expectFailure(await balances(`${args} --table ${LOCAL_TABLE}`), 2, message);
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
  ])("%s", async (_, options, env, message) => {
    expectFailure(await balances(`latest ${options}`, env), 1, message);
  });
});

it("--stack reads the table in the stack's outputs", async () => {
  const byStack = await balances(`latest --stack balances --account ${WITH_EUROS}`);
  const byTable = await balances(`latest --table ${LOCAL_TABLE} --account ${WITH_EUROS}`);

  expect(byStack).toMatchObject({ code: 0, stdout: byTable.stdout, stderr: "" });
  expect(jsonRows(byStack).length).toBeGreaterThan(0);
});

it("verify says on stderr what it found, also if the table goes to a file", async () => {
  const out = join(world.home, "found.txt");

  const { stdout, stderr } = await balances(`verify --out ${out} --format table --table ${LOCAL_TABLE}`);

  expect(stdout).toBe("");
  expect(stderr).toMatch(/^account_\S+: \d+ snapshots?, 0 entries/m);
});

describe("a recorded schedule that cannot be understood", () => {
  const message =
    /^The schedule "cron\(0 9 \? NOV-FEB MON-FRI\)" is not valid, so its slots are unknown: cron requires six fields.*Deploy a valid schedule\. .*--schedule and --timezone\.\n$/;

  it.each([
    "gaps --table unknown-schedule",
    "as-of --at now --table unknown-schedule",
    "totals --table unknown-schedule",
    "accounts --table unknown-schedule",
    `report --out ${join(tmpdir(), "unknown-schedule.html")} --table unknown-schedule`,
  ])("is an error of balances %s", async (args) => {
    expectFailure(await balances(args), 1, message);
  });

  it.each(["export --table unknown-schedule", "history --asset btc --table unknown-schedule"])(
    "does not matter to balances %s, which asks for no slots",
    async (args) => {
      expect(await balances(args)).toMatchObject({ code: 0 });
    },
  );

  it("is replaced by --schedule, which explains what is wrong in the same words", async () => {
    const gaps = (schedule: string) =>
      runBalances(["gaps", "--table", "unknown-schedule", "--schedule", schedule], world.home, world.env);

    expect(await gaps("cron(0 0 1 1 ? *)")).toMatchObject({ code: 0, stdout: "" });
    expectFailure(await gaps("cron(0 9 ? NOV-FEB MON-FRI)"), 2, /is not a valid schedule: cron requires six fields/);
    expectFailure(await gaps("rate(5 minutes)"), 2, /"rate\(5 minutes\)" is not .*; use cron\(0\/5 \* \* \* \? \*\)\./);
    expectFailure(await gaps("rate(7 minutes)"), 2, /the nearest is cron\(0\/6 \* \* \* \? \*\)\./);
  });
});
