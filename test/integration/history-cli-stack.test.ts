import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type StandInCloudFormation, startCloudFormation } from "../support/cloudformation.ts";
import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { jsonRows, runBalances } from "../support/history-cli.ts";
import { accountIdOf, makeFacts } from "../support/history-facts.ts";

const facts = makeFacts({ seed: 1, from: Date.parse("2026-11-01T00:00:00Z"), hours: 1, assets: [2] });

let world: FactsWorld;
let cloudFormation: StandInCloudFormation;
beforeAll(async () => {
  world = await startFactsWorld(facts);
  cloudFormation = await startCloudFormation("eu-central-1", {
    balances: { SecretId: "cdp-api-key", TableName: LOCAL_TABLE, FunctionName: "balances-function" },
    foreign: { BucketName: "pictures" },
    secretive: "denied",
    "without-table": { TableName: "deleted" },
  });
});
afterAll(() => Promise.all([world.close(), cloudFormation.close()]));

function latest(options: readonly string[], env: NodeJS.ProcessEnv = world.env) {
  const endpoint = { AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url, AWS_EC2_METADATA_DISABLED: "true" };
  return runBalances(["latest", ...options], world.home, { ...endpoint, ...env });
}

describe("--stack", () => {
  it("reads the table in the stack's outputs", async () => {
    const [byStack, byTable] = [await latest(["--stack", "balances"]), await latest(["--table", LOCAL_TABLE])];

    expect(byStack).toMatchObject({ code: 0, stdout: byTable.stdout, stderr: "" });
    expect(new Set(jsonRows(byStack).map(({ accountId }) => accountId))).toEqual(new Set([accountIdOf(0)]));
  });

  const withoutRegion = () => ({ ...world.env, AWS_REGION: undefined });
  const withoutCredentials = () => ({ AWS_REGION: "eu-central-1" });
  const elsewhere = () => ({ ...world.env, AWS_REGION: "us-east-1" });

  it.each<[name: string, stack: string, env: () => NodeJS.ProcessEnv, message: RegExp]>([
    [
      "a missing stack",
      "balance",
      () => world.env,
      /^--stack: cannot describe the stack balance: ValidationError: Stack with id balance does not exist\. There is no such stack in this account and region\. Check the name and AWS_REGION\.$/m,
    ],
    [
      "a stack of another region",
      "balances",
      elsewhere,
      /^--stack: cannot describe the stack balances: ValidationError: .* does not exist\. .*Check the name and AWS_REGION\.$/m,
    ],
    [
      "a stack of another project",
      "foreign",
      () => world.env,
      /^--stack: the stack foreign has no output TableName\. Check that it is a stack of this project\.$/m,
    ],
    [
      "a stack that the caller may not describe",
      "secretive",
      () => world.env,
      /^--stack: cannot describe the stack secretive: AccessDenied: .* Allow the caller cloudformation:DescribeStacks, or name the table with --table instead\.$/m,
    ],
    [
      "a stack whose table was deleted",
      "without-table",
      () => world.env,
      /^The table deleted could not be read: .*no such table in this account and region/,
    ],
    [
      "no credentials",
      "balances",
      withoutCredentials,
      /^--stack: cannot describe the stack balances: CredentialsProviderError: .*No AWS credentials were found\. Log in, or set AWS_PROFILE\.$/m,
    ],
    [
      "no region",
      "balances",
      withoutRegion,
      /^--stack: cannot describe the stack balances: .*Region is missing\. Set AWS_REGION, or set AWS_PROFILE/,
    ],
  ])("reports %s on stderr, with a suggested fix", async (_, stack, env, message) => {
    const { code, stdout, stderr } = await latest(["--stack", stack], env());

    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("cannot be combined with --table", async () => {
    const { code, stdout, stderr } = await latest(["--stack", "balances", "--table", LOCAL_TABLE]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe("Use either --table or --stack.\n");
  });
});
