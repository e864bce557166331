import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { runBalances } from "../support/history-cli.ts";
import { accountIdOf, makeFacts } from "../support/history-facts.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";

// What goes wrong when the history is asked for: each a message that a person understands.

const facts = makeFacts({ seed: 1, from: Date.parse("2026-11-01T00:00:00Z"), hours: 1, assets: [2, 2, 2, 2] });
const home = mkdtempSync(join(tmpdir(), "messages-"));

let dynamo: Awaited<ReturnType<typeof startEmbeddedDynamo>>;
let empty: typeof dynamo;
beforeAll(async () => {
  [dynamo, empty] = await Promise.all([startEmbeddedDynamo(), startEmbeddedDynamo()]);
  const client = patientClient(dynamo.url);
  await client.send(
    new CreateTableCommand({
      TableName: "someone-elses",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  await writeFacts(client, LOCAL_TABLE, facts);
  client.destroy();
});
afterAll(async () => {
  await Promise.all([dynamo.close(), empty.close()]);
  rmSync(home, { recursive: true });
});

interface Wrong {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly told: RegExp;
  readonly table?: string;
  readonly env?: () => NodeJS.ProcessEnv;
}

const WRONG: readonly Wrong[] = [
  {
    name: "a date that there is none of",
    args: ["as-of", "--at", "2025-02-30", "--format", "csv"],
    code: 2,
    told: /^--at: "2025-02-30" is no moment\. Give a date \(2025-12-31\)/,
  },
  {
    name: "a wrong --from of changes, in CSV",
    args: ["changes", "--from", "31.12.2025", "--format", "csv"],
    code: 2,
    told: /^--from: "31\.12\.2025" is no moment\./,
  },
  {
    name: "a wrong --to of gaps, in CSV",
    args: ["gaps", "--to", "tomorrow", "--format", "csv"],
    code: 2,
    told: /^--to: "tomorrow" is no moment\./,
  },
  {
    name: "a wrong --every, in CSV",
    args: ["history", "--asset", "btc", "--every", "daily", "--format", "csv"],
    code: 2,
    told: /^--every: "daily" is no distance in time\. Give one like/,
  },
  {
    name: "a wrong --max-age",
    args: ["as-of", "--at", "now", "--max-age", "long"],
    code: 2,
    told: /^--max-age: "long" is no duration\. Give one like/,
  },
  {
    name: "a wrong --timezone",
    args: ["latest", "--timezone", "Zurich"],
    code: 2,
    told: /^--timezone: "Zurich" is no time zone\. Give an IANA name like/,
  },
  {
    name: "a range that ends before it starts",
    args: ["history", "--asset", "btc", "--from", "2025-03-09", "--to", "2025-03-07"],
    code: 2,
    told: /^--from \(.*\) is after --to/,
  },
  {
    name: "a schedule that is none",
    args: ["gaps", "--schedule", "hourly"],
    code: 2,
    told: /^--schedule: "hourly" is none\. Give one like rate\(1 hour\)/,
  },
  {
    name: "more steps than can be meant",
    args: ["totals", "--every", "1min", "--from", "0020-01-01"],
    code: 2,
    told: /^--every: from 0020-01-01T00:00:00\.000Z to .*Z are more than 1000000 steps\. Give a longer distance, or a shorter range\./,
  },
  {
    name: "a report in a folder that there is none of, before it is made",
    args: ["report", "--out", "/nowhere/report.html"],
    code: 2,
    told: /^--out: there is no folder \/nowhere\. Make it, or give a file in another one\./,
  },
  {
    name: "an export in place of a folder",
    args: ["export", "--out", tmpdir()],
    code: 2,
    told: /^--out: .* is a folder\. Give a file in it\./,
  },
  { name: "no asset", args: ["history"], code: 2, told: /--asset <symbol>.*\n.*--help/ },
  {
    name: "an asset that was never held: the nearest that were are named",
    args: ["history", "--asset", "bct"],
    code: 2,
    told: /^--asset: no snapshot ever held bct\. The nearest that were held: btc/,
  },
  {
    name: "an asset in capitals: the one that was meant is named first",
    args: ["chart", "--asset", "USD"],
    code: 2,
    told: /^--asset: no snapshot ever held USD\. The nearest that were held: usd,/,
  },
  {
    name: "an unknown account: the nearest known are named",
    args: ["as-of", "--at", "now", "--account", accountIdOf(1).slice(0, -1)],
    code: 2,
    told: new RegExp(
      `^--account: the table does not know ${accountIdOf(1).slice(0, -1)}\\. The nearest that it knows: ${accountIdOf(1)}, `,
    ),
  },
  {
    name: "an empty table",
    args: ["totals", "--format", "csv"],
    code: 2,
    told: /^The table has no snapshots yet\. Take one with the command snapshot/,
    env: () => embeddedEnvironment(empty),
  },
  {
    name: "a table that is not ours",
    args: ["latest"],
    code: 1,
    told: /^The table someone-elses could not be read: .*Is it a table of this project, with the keys account and slot\?/,
    table: "someone-elses",
  },
  {
    name: "a table that does not exist",
    args: ["accounts"],
    code: 1,
    told: /^The table nowhere could not be read: .*There is no such table in this account and region\./,
    table: "nowhere",
  },
  {
    name: "no credentials",
    args: ["latest"],
    code: 1,
    told: /^The table balance-snapshots could not be read: .*No AWS credentials were found\. Log in, or set AWS_PROFILE\./,
    env: () => ({ AWS_REGION: "eu-central-1", AWS_EC2_METADATA_DISABLED: "true" }),
  },
  {
    name: "neither credentials nor a region",
    args: ["latest"],
    code: 1,
    told: /^The table balance-snapshots could not be read: .*Region is missing.*AWS_REGION/,
    env: () => ({ AWS_EC2_METADATA_DISABLED: "true" }),
  },
];

describe("is told to a person, on stderr alone:", () => {
  it.each(WRONG)("$name", async ({ args, code, told, table = LOCAL_TABLE, env }) => {
    const ended = await runBalances([...args, "--table", table], home, env?.() ?? embeddedEnvironment(dynamo));

    expect(ended.stderr).toMatch(told);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: "" });
  });
});
