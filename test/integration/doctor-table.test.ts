import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { Check, Status } from "../../cli/doctor/check-result.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { DENIED } from "../support/aws.ts";
import {
  type DoctorWorld,
  describeTable,
  resultLike,
  resultsOf,
  startDoctorWorld,
  statusByCheck,
} from "../support/doctor.ts";

// The checks of the table: an embedded one, and a stand-in for the requests that it does not support.

let world: DoctorWorld;
beforeAll(async () => {
  const accounts = [makeAccount(makeBalances(2))];
  world = await startDoctorWorld(() => accounts);
  await world.runSlot("2026-11-23T09:00:00.000Z");
  world.setTime("2026-11-23T10:04:01.500Z");
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const ttl = (TimeToLiveStatus: string, AttributeName?: string) => ({
  TimeToLiveDescription: { TimeToLiveStatus, AttributeName },
});
const kmsKey = { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: "arn:key" };
const noRecovery = { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" } };

describe("a table's description", () => {
  it.each<[string, Record<string, unknown>, Check, Status, RegExp, RegExp?]>([
    [
      "rejects a table that cannot be read",
      { TableStatus: "INACCESSIBLE_ENCRYPTION_CREDENTIALS" },
      "table",
      "failed",
      /INACCESSIBLE/,
      /see the check "encryption"/,
    ],
    [
      "warns about provisioned capacity",
      { BillingModeSummary: { BillingMode: "PROVISIONED" } },
      "capacity",
      "warning",
      /throttles/,
      /--billing-mode PAY_PER_REQUEST/,
    ],
    [
      "warns if no billing mode is set, which means provisioned",
      { BillingModeSummary: null },
      "capacity",
      "warning",
      /^/,
    ],
    [
      "rejects a table without deletion protection",
      { DeletionProtectionEnabled: false },
      "deletion protection",
      "failed",
      /^off/,
      /--deletion-protection-enabled/,
    ],
    [
      "rejects a KMS key that DynamoDB cannot use",
      { SSEDescription: { ...kmsKey, InaccessibleEncryptionDateTime: 1763848800 } },
      "encryption",
      "failed",
      /arn:key since 2025-11-22T22:00:00\.000Z/,
      /within 7 days/,
    ],
    ["accepts a KMS key", { SSEDescription: kmsKey }, "encryption", "passed", /^key arn:key$/],
  ])("%s", async (_title, changes, check, status, message, suggestedFix) => {
    world.aws.reply("dynamodb:DescribeTable", describeTable(changes));

    expect(await world.resultsOf(check)).toMatchObject([resultLike(status, message, suggestedFix)]);
  });

  it("is not required to read records", async () => {
    world.aws.reply("dynamodb:DescribeTable", DENIED);

    const results = await world.check();

    expect(resultsOf(results, "table")).toMatchObject([resultLike("warning", /do not allow dynamodb:DescribeTable$/)]);
    expect(statusByCheck(results)).toMatchObject({ "deletion protection": "skipped", "last run": "passed" });
  });
});

describe("point-in-time recovery and expiry", () => {
  it.each<[string, string, object, Check, Status, RegExp, RegExp?]>([
    [
      "rejects a table without point-in-time recovery",
      "dynamodb:DescribeContinuousBackups",
      { ContinuousBackupsDescription: noRecovery },
      "point-in-time recovery",
      "failed",
      /^off/,
      /PointInTimeRecoveryEnabled=true/,
    ],
    [
      "warns if backups may not be described",
      "dynamodb:DescribeContinuousBackups",
      DENIED,
      "point-in-time recovery",
      "warning",
      /do not allow dynamodb:DescribeContinuousBackups$/,
    ],
    [
      "accepts expiry by expiresAt",
      "dynamodb:DescribeTimeToLive",
      ttl("ENABLED", "expiresAt"),
      "expiry",
      "passed",
      /after their expiresAt$/,
    ],
    [
      "rejects expiry by another attribute",
      "dynamodb:DescribeTimeToLive",
      ttl("ENABLED", "slot"),
      "expiry",
      "failed",
      /deleted by slot instead of expiresAt/,
      /Enabled=false,AttributeName=slot/,
    ],
    [
      "accepts a history that is kept forever",
      "dynamodb:DescribeTimeToLive",
      ttl("DISABLED"),
      "expiry",
      "passed",
      /kept forever/,
    ],
    [
      "warns if expiry may not be described",
      "dynamodb:DescribeTimeToLive",
      DENIED,
      "expiry",
      "warning",
      /do not allow dynamodb:DescribeTimeToLive/,
    ],
  ])("%s", async (_title, action, reply, check, status, message, suggestedFix) => {
    world.aws.reply(action, reply);

    expect(await world.resultsOf(check)).toMatchObject([resultLike(status, message, suggestedFix)]);
  });

  it("warns if expiry is off although the newest items of an account have expiresAt", async () => {
    const closed = { ...makeAccount([]), accountId: "account_00000000-0000-4000-8000-000000000000" };
    const accounts = [closed, makeAccount(makeBalances(1))];
    const other = await startDoctorWorld(() => accounts);
    await other.runManually();
    other.clock.advance(60_000);
    accounts.shift();
    await other.runManually({ SNAPSHOT_RETENTION_DAYS: "30" });

    const results = await other.resultsOf("expiry");

    await other.close();
    expect(results).toMatchObject([
      resultLike("warning", /^off, but stored items have expiresAt/, /Enabled=true,AttributeName=expiresAt/),
    ]);
  });
});

describe("a table that is not this project's", () => {
  const skipped = { status: "skipped", message: 'not checked: the check "table" failed' };

  it("skips all checks of a table that does not exist", async () => {
    world.setStack({ outputs: { TableName: "nowhere" } });

    const results = await world.check();

    expect(resultsOf(results, "table")).toMatchObject([resultLike("failed", /nowhere does not exist/, /AWS_REGION/)]);
    const dependent = ["capacity", "encryption", "deletion protection", "point-in-time recovery", "expiry", "last run"];
    expect(results.filter(({ check }) => dependent.includes(check))).toMatchObject(dependent.map(() => skipped));
  });

  it("does not read a table with other keys", async () => {
    await new DynamoDBClient({ endpoint: world.servers.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "" }).send(
      new CreateTableCommand({
        TableName: "other",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
      }),
    );

    const results = await world.check({ table: { name: "other", embedded: false } });

    expect(resultsOf(results, "table")).toMatchObject([resultLike("failed", /the keys id \(HASH, N\)/)]);
    expect(resultsOf(results, "last run")).toMatchObject([skipped]);
  });
});
