import { tmpdir } from "node:os";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { runBalances } from "../support/history-cli.ts";
import { accountIdOf, makeFacts } from "../support/history-facts.ts";

// The messages of the commands that read the history.

const facts = makeFacts({ seed: 1, from: Date.parse("2026-11-01T00:00:00Z"), hours: 1, assets: [2, 2, 2, 2] });
const UNKNOWN = accountIdOf(1).slice(0, -1);

let world: FactsWorld;
let empty: FactsWorld;
beforeAll(async () => {
  world = await startFactsWorld(facts);
  empty = await startFactsWorld({ ...facts, accounts: [] });
  await world.client.send(
    new CreateTableCommand({
      TableName: "foreign",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
});
afterAll(() => Promise.all([world.close(), empty.close()]));

describe("a usage error ends with 2 and its message on stderr", () => {
  it.each<[name: string, args: string, message: RegExp]>([
    [
      "an invalid --at, in CSV",
      "as-of --at 2025-02-30 --format csv",
      /^--at: "2025-02-30" is not a valid date or time\. Expected a date \(2025-12-31\)/,
    ],
    [
      "an invalid --from, in CSV",
      "changes --from 31.12.2025 --format csv",
      /^--from: "31\.12\.2025" is not a valid date or time\./,
    ],
    ["an invalid --to, in CSV", "gaps --to tomorrow --format csv", /^--to: "tomorrow" is not a valid date or time\./],
    [
      "an invalid --every, in CSV",
      "history --asset btc --every daily --format csv",
      /^--every: "daily" is not a valid interval\. Expected a number and a unit: 15min,/,
    ],
    [
      "an invalid --max-age",
      "as-of --at now --max-age long",
      /^--max-age: "long" is not a valid duration\. Expected a number and a unit: 15min,/,
    ],
    [
      "an invalid --timezone",
      "latest --timezone Zurich",
      /^--timezone: "Zurich" is not a valid time zone\. Expected an IANA name/,
    ],
    [
      "an invalid --schedule",
      "gaps --schedule hourly",
      /^--schedule: "hourly" is not a valid schedule\. Expected a rate such as rate\(1 hour\)/,
    ],
    [
      "a range that ends before it starts",
      "history --asset btc --from 2025-03-09 --to 2025-03-07",
      /^--from \(.*\) is after --to .* Give an earlier --from\./,
    ],
    [
      "too many steps",
      "totals --every 1min --from 0020-01-01",
      /^--every: 0020-01-01T00:00:00\.000Z to .*Z is more than 1000000 steps\. Give a longer interval or a shorter range\./,
    ],
    [
      "--out in a missing folder",
      "report --out /nowhere/report.html",
      /^--out: the folder \/nowhere does not exist\. Create it, or choose another folder\./,
    ],
    ["--out that is a folder", `export --out ${tmpdir()}`, /^--out: .* is a folder\. Expected the path of a file\./],
    ["a missing --asset", "history", /--asset <symbol>.*\nRun with --help for usage\./],
    [
      "an unknown asset, with suggestions",
      "history --asset bct",
      /^--asset: unknown asset bct\. Did you mean btc or usd\?/,
    ],
    ["an asset in capitals, with the right one first", "chart --asset USD", /^--asset: .* Did you mean usd or btc\?/],
    [
      "an unknown account, with suggestions",
      `as-of --at now --account ${UNKNOWN}`,
      new RegExp(
        `^--account: unknown account ${UNKNOWN}\\. Did you mean ${accountIdOf(1)}, account_.* or account_.*\\?`,
      ),
    ],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await world.balances(...args.split(" "));

    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("an empty table", async () => {
    const { code, stdout, stderr } = await empty.balances("totals", "--format", "csv");

    expect(stderr).toMatch(/^The table has no snapshots yet\. Take one with the command snapshot/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});

describe("an unreadable table ends with 1 and a suggested fix on stderr", () => {
  const withoutRegion = { AWS_EC2_METADATA_DISABLED: "true" };

  it.each<[name: string, table: string, env: object, message: RegExp]>([
    ["a table of another project", "foreign", {}, /^The table foreign could not be read: .*keys account and slot/],
    [
      "a missing table",
      "nowhere",
      {},
      /^The table nowhere could not be read: .*no such table in this account and region/,
    ],
    [
      "no credentials",
      LOCAL_TABLE,
      { ...withoutRegion, AWS_REGION: "eu-central-1" },
      /^The table balance-snapshots could not be read: .*No AWS credentials were found\. Log in, or set AWS_PROFILE\./,
    ],
    [
      "neither credentials nor a region",
      LOCAL_TABLE,
      withoutRegion,
      /^The table balance-snapshots could not be read: .*Region is missing.*AWS_REGION/,
    ],
  ])("%s", async (_, table, env, message) => {
    const own = Object.keys(env).length > 0 ? { ...env } : world.env;

    const { code, stdout, stderr } = await runBalances(["latest", "--table", table], world.home, own);

    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });
});
