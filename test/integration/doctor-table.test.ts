import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { CheckResult, Step } from "../../cli/doctor/check-result.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { DENIED } from "../support/aws.ts";
import { type DoctorWorld, describeTable, of, startDoctorWorld } from "../support/doctor.ts";
import { composeTestJob } from "../support/job.ts";

// The doctor on the table, which is real; a stand-in answers what an embedded DynamoDB has not.

let world: DoctorWorld;
beforeAll(async () => {
  const accounts = [makeAccount(makeBalances(2))];
  world = await startDoctorWorld(() => accounts);
  await world.run("2026-11-23T09:00:00.000Z");
  world.goTo("2026-11-23T10:04:01.500Z");
});
beforeEach(() => world.restore());
afterAll(() => world.close());

async function findingsOf(step: Step): Promise<readonly CheckResult[]> {
  return of(await world.examine(), step);
}

describe("table", () => {
  it("that does not exist: everything about it is skipped", async () => {
    world.stack({ outputs: { TableName: "nowhere" } });

    const findings = await world.examine();

    expect(of(findings, "table")).toMatchObject([{ status: "failed", remedy: expect.stringContaining("AWS_REGION") }]);
    for (const step of [
      "capacity",
      "encryption",
      "deletion protection",
      "point-in-time recovery",
      "expiry",
      "last run",
    ] as const) {
      expect(of(findings, step)).toMatchObject([{ status: "skipped", found: "not checked: the step table failed" }]);
    }
  });

  it("of somebody else: it is not read", async () => {
    const client = new DynamoDBClient({ endpoint: world.servers.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "" });
    await client.send(
      new CreateTableCommand({
        TableName: "someone-elses",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
      }),
    );

    const findings = await world.examine({ table: { name: "someone-elses", embedded: false } });

    expect(of(findings, "table")).toMatchObject([
      { status: "failed", found: expect.stringContaining("the keys id (HASH, N)") },
    ]);
    expect(of(findings, "last run")).toMatchObject([
      { status: "skipped", found: "not checked: the step table failed" },
    ]);
  });

  it.each<[Step, Record<string, unknown>, string, RegExp, RegExp]>([
    ["table", { TableStatus: "INACCESSIBLE_ENCRYPTION_CREDENTIALS" }, "failed", /INACCESSIBLE/, /see encryption/],
    [
      "capacity",
      { BillingModeSummary: { BillingMode: "PROVISIONED" } },
      "warning",
      /throttled/,
      /--billing-mode PAY_PER_REQUEST/,
    ],
    ["capacity", { BillingModeSummary: null }, "warning", /throttled/, /--billing-mode PAY_PER_REQUEST/],
    ["deletion protection", { DeletionProtectionEnabled: false }, "failed", /off/, /--deletion-protection-enabled/],
    [
      "encryption",
      { SSEDescription: { Status: "ENABLED", KMSMasterKeyArn: "arn:key", InaccessibleEncryptionDateTime: 1763848800 } },
      "failed",
      /arn:key cannot be used since 2025-11-22T22:00:00\.000Z/,
      /within 7 days/,
    ],
  ])("%s: %p", async (step, changes, status, found, remedy) => {
    world.aws.reply("dynamodb:DescribeTable", describeTable(changes));

    expect(await findingsOf(step)).toMatchObject([
      { status, found: expect.stringMatching(found), remedy: expect.stringMatching(remedy) },
    ]);
  });

  it("with an own KMS key", async () => {
    const SSEDescription = { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: "arn:key" };
    world.aws.reply("dynamodb:DescribeTable", describeTable({ SSEDescription }));

    expect(await findingsOf("encryption")).toMatchObject([{ status: "ok", found: "with arn:key" }]);
  });

  it("that may not be described: cannot tell, and goes on reading", async () => {
    world.aws.reply("dynamodb:DescribeTable", DENIED);

    const findings = await world.examine();

    expect(of(findings, "table")).toMatchObject([
      { status: "warning", remedy: "Give yourself dynamodb:DescribeTable." },
    ]);
    expect(of(findings, "deletion protection")).toMatchObject([{ status: "skipped" }]);
    expect(of(findings, "last run")).toMatchObject([{ status: "ok" }]);
  });

  it("without point-in-time recovery, and where that may not be seen", async () => {
    const off = { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" } };
    world.aws.reply("dynamodb:DescribeContinuousBackups", { ContinuousBackupsDescription: off });
    const [without] = await findingsOf("point-in-time recovery");
    world.aws.reply("dynamodb:DescribeContinuousBackups", DENIED);
    const [denied] = await findingsOf("point-in-time recovery");

    expect(without).toMatchObject({
      status: "failed",
      remedy: expect.stringContaining("PointInTimeRecoveryEnabled=true"),
    });
    expect(denied).toMatchObject({ status: "warning", remedy: "Give yourself dynamodb:DescribeContinuousBackups." });
  });
});

describe("expiry", () => {
  const ttl = (TimeToLiveStatus: string, AttributeName?: string) =>
    world.aws.reply("dynamodb:DescribeTimeToLive", { TimeToLiveDescription: { TimeToLiveStatus, AttributeName } });

  it.each([
    ["ENABLED", "expiresAt", "ok", /expiresAt is deleted/],
    ["ENABLED", "slot", "failed", /by their attribute slot, which is not this project's/],
    ["DISABLED", undefined, "ok", /kept for ever/],
  ])("%s by %p", async (status, attribute, expected, found) => {
    ttl(status, attribute);

    expect(await findingsOf("expiry")).toMatchObject([{ status: expected, found: expect.stringMatching(found) }]);
  });

  it("that is off though what was stored last has an expiry", async () => {
    const closed = { ...makeAccount([]), accountId: "account_00000000-0000-4000-8000-000000000000" };
    const accounts = [closed, makeAccount(makeBalances(1))];
    const other = await startDoctorWorld(() => accounts);
    process.env["AWS_ENDPOINT_URL_DYNAMODB"] = other.servers.env["AWS_ENDPOINT_URL_DYNAMODB"];
    await composeTestJob(other.servers).run();
    other.clock.advance(60_000);
    accounts.shift();
    await composeTestJob(other.servers, { SNAPSHOT_RETENTION_DAYS: "30" }).run();

    const [expiry] = of(await other.examine(), "expiry");

    await other.close();
    expect(expiry).toMatchObject({
      status: "warning",
      remedy: expect.stringContaining("Enabled=true,AttributeName=expiresAt"),
    });
  });

  it("that may not be seen", async () => {
    world.aws.reply("dynamodb:DescribeTimeToLive", DENIED);

    expect(await findingsOf("expiry")).toMatchObject([
      { status: "warning", remedy: expect.stringContaining("dynamodb:DescribeTimeToLive") },
    ]);
  });
});
