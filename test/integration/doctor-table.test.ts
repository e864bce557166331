import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { Check } from "../../cli/doctor/check-result.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, describeTable, startDoctorWorld, statusByCheck, textOf } from "../support/doctor.ts";
import { type AwsReply, DENIED } from "../support/world/aws.ts";

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

const SKIPPED = 'skipped: not checked: the check "table" failed';

describe("the checks of the table's description", () => {
  const kmsKey = { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: "arn:key" };
  const unusableKey = { ...kmsKey, InaccessibleEncryptionDateTime: 1763848800 };
  const provisioned = { BillingMode: "PROVISIONED" };

  it.each<[string, Record<string, unknown>, Check, RegExp]>([
    ["fail if the table is inaccessible", { TableStatus: "X" }, "table", /^failed: .* is X .* → .*check "encryption"/],
    ["warn of provisioned capacity", { BillingModeSummary: provisioned }, "capacity", /^warning: .*PAY_PER_REQUEST$/],
    ["warn if no billing mode is set", { BillingModeSummary: null }, "capacity", /^warning: provisioned/],
    ["accept a KMS key", { SSEDescription: kmsKey }, "encryption", /^passed: key arn:key$/],
    ["fail if the KMS key is unusable", { SSEDescription: unusableKey }, "encryption", /^failed: .*arn:key since 2025/],
  ])("%s", async (_, changes, check, expected) => {
    world.aws.reply("dynamodb:DescribeTable", describeTable(changes));

    expect(await world.textOf(check)).toMatch(expected);
  });

  it("are not required to read records", async () => {
    world.aws.reply("dynamodb:DescribeTable", DENIED);

    const results = await world.check();

    expect(textOf(results, "table")).toMatch(/^warning: .* → Allow dynamodb:DescribeTable/);
    expect(statusByCheck(results)).toMatchObject({ "deletion protection": "skipped", "last run": "passed" });
  });
});

describe("the checks of recovery and expiry", () => {
  const [backups, expiry] = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive"];
  const recovery = "point-in-time recovery";
  const noRecovery = { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" } };
  const ttl = (TimeToLiveStatus: string, AttributeName: string) => ({
    TimeToLiveDescription: { TimeToLiveStatus, AttributeName },
  });

  it.each<[string, string, AwsReply, Check, RegExp]>([
    ["fail without recovery", backups, { ContinuousBackupsDescription: noRecovery }, recovery, /^failed: off/],
    ["accept expiry by expiresAt", expiry, ttl("ENABLED", "expiresAt"), "expiry", /^passed: on: .*expiresAt$/],
    ["fail for another attribute", expiry, ttl("ENABLED", "slot"), "expiry", /^failed: .* deleted by slot /],
    ["warn if expiry may not be read", expiry, DENIED, "expiry", /^warning: .* → Allow dynamodb:DescribeTimeToLive/],
  ])("%s", async (_, action, reply, check, expected) => {
    world.aws.reply(action, reply);

    expect(await world.textOf(check)).toMatch(expected);
  });

  it("warn if expiry is off although the newest items of an account have expiresAt", async () => {
    const closed = { ...makeAccount([]), accountId: "account_00000000-0000-4000-8000-000000000000" };
    const accounts = [closed, makeAccount(makeBalances(1))];
    const other = await startDoctorWorld(() => accounts);
    await other.runManually();
    other.clock.advance(60_000);
    accounts.shift();
    await other.runManually({ SNAPSHOT_RETENTION_DAYS: "30" });

    const text = await other.textOf("expiry");

    await other.close();
    expect(text).toMatch(/^warning: off, but stored items have expiresAt.*Enabled=true,AttributeName=expiresAt$/);
  });
});

describe("the check of the table", () => {
  it("fails if the table does not exist, and skips all checks that need it", async () => {
    world.setStack({ outputs: { TableName: "nowhere" } });

    const results = await world.check();

    expect(textOf(results, "table")).toMatch(/^failed: nowhere: does not exist.* → .*AWS_REGION/);
    const dependent = ["capacity", "encryption", "deletion protection", "point-in-time recovery", "expiry", "last run"];
    expect(dependent.map((check) => textOf(results, check as Check))).toEqual(Array(6).fill(SKIPPED));
  });

  it("fails if the table has other keys, and does not read it", async () => {
    await new DynamoDBClient({ endpoint: world.servers.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "" }).send(
      new CreateTableCommand({
        TableName: "other",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
      }),
    );

    const results = await world.check({ table: { name: "other", embedded: false } });

    expect(textOf(results, "table")).toMatch(/^failed: other has the keys id \(HASH, N\)/);
    expect(textOf(results, "last run")).toBe(SKIPPED);
  });
});
