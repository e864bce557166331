import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  type EmbeddedDynamo,
  embeddedEnvironment,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";
import { type StandInCloudFormation, startCloudFormation } from "../support/cloudformation.ts";
import { type Ended, jsonRows, runBalances } from "../support/history-cli.ts";
import { accountIdOf, makeFacts } from "../support/history-facts.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";

// `--stack` finds the table by the outputs of a deployed stack, as CloudFormation tells them.

const facts = makeFacts({ seed: 1, from: Date.parse("2026-11-01T00:00:00Z"), hours: 1, assets: [2] });
const home = mkdtempSync(join(tmpdir(), "stack-"));

let dynamo: EmbeddedDynamo;
let cloudFormation: StandInCloudFormation;
beforeAll(async () => {
  dynamo = await startEmbeddedDynamo();
  const client = patientClient(dynamo.url);
  await writeFacts(client, LOCAL_TABLE, facts);
  client.destroy();
  cloudFormation = await startCloudFormation("eu-central-1", {
    balances: { SecretId: "cdp-api-key", TableName: LOCAL_TABLE, FunctionName: "balances-function" },
    "someone-elses": { BucketName: "pictures" },
    secretive: "denied",
    // The stack is there, and its table was deleted.
    "without-table": { TableName: "deleted" },
  });
});
afterAll(async () => {
  await Promise.all([dynamo.close(), cloudFormation.close()]);
  rmSync(home, { recursive: true });
});

function latest(options: readonly string[], env: NodeJS.ProcessEnv = embeddedEnvironment(dynamo)): Promise<Ended> {
  const endpoint = { AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url, AWS_EC2_METADATA_DISABLED: "true" };
  return runBalances(["latest", ...options], home, { ...endpoint, ...env });
}

describe("--stack", () => {
  it("reads the table that the stack names", async () => {
    const [byStack, byTable] = [await latest(["--stack", "balances"]), await latest(["--table", LOCAL_TABLE])];

    expect(byStack).toMatchObject({ code: 0, stdout: byTable.stdout, stderr: "" });
    expect(new Set(jsonRows(byStack).map(({ accountId }) => accountId))).toEqual(new Set([accountIdOf(0)]));
  });

  const inFrankfurt = () => embeddedEnvironment(dynamo);
  const { AWS_REGION: _, ...nowhere } = { ...embeddedEnvironment({ url: "http://127.0.0.1:1" }) };
  const refused: readonly [name: string, stack: string, env: () => NodeJS.ProcessEnv, told: RegExp][] = [
    [
      "no such stack",
      "balance",
      inFrankfurt,
      /^--stack: balance cannot be described: ValidationError: Stack with id balance does not exist\. There is no such stack in this account and region\. Check the name and AWS_REGION\.$/m,
    ],
    [
      "a stack of another region",
      "balances",
      () => ({ ...inFrankfurt(), AWS_REGION: "us-east-1" }),
      /^--stack: balances cannot be described: ValidationError: .* does not exist\. .*Check the name and AWS_REGION\.$/m,
    ],
    [
      "a stack without our output",
      "someone-elses",
      inFrankfurt,
      /^--stack: someone-elses has no output TableName\. Is it a stack of this project\?$/m,
    ],
    [
      "a stack that the caller may not describe",
      "secretive",
      inFrankfurt,
      /^--stack: secretive cannot be described: AccessDenied: .* Give the caller cloudformation:DescribeStacks, or name the table itself with --table\.$/m,
    ],
    [
      "a stack whose table is gone",
      "without-table",
      inFrankfurt,
      /^The table deleted could not be read: .*There is no such table in this account and region\./,
    ],
    [
      "no credentials",
      "balances",
      () => ({ AWS_REGION: "eu-central-1" }),
      /^--stack: balances cannot be described: CredentialsProviderError: .*No AWS credentials were found\. Log in, or set AWS_PROFILE\.$/m,
    ],
    [
      "no region",
      "balances",
      () => nowhere,
      /^--stack: balances cannot be described: .*Region is missing\. Set AWS_REGION, or AWS_PROFILE/,
    ],
  ];

  it.each(refused)("%s: is told with the remedy, on stderr alone", async (_, stack, env, told) => {
    const { code, stdout, stderr } = await latest(["--stack", stack], env());

    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("and --table exclude each other", async () => {
    const { code, stdout, stderr } = await latest(["--stack", "balances", "--table", LOCAL_TABLE]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe("--table and --stack exclude each other: give one of them.\n");
  });
});
