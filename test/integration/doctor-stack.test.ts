import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { checkAlarms } from "../../cli/doctor/alarms.ts";
import type { Check } from "../../cli/doctor/check-result.ts";
import { checkSchedules } from "../../cli/doctor/schedule.ts";
import type { ListedStack } from "../../cli/doctor/stack.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import {
  type DoctorWorld,
  describeTable,
  FUNCTION_ARN,
  RESOURCES,
  resultsOf,
  STACK,
  startDoctorWorld,
  statusByCheck,
  textOf,
  WITH_ANCHOR,
} from "../support/doctor.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { AwsRefusal, type AwsReply, DENIED } from "../support/world/aws.ts";

// The checks of the deployed stack, its schedule, alarms and table, with an embedded table and a stand-in for the rest of AWS.

const closed = { ...makeAccount([]), accountId: "account_00000000-0000-4000-8000-000000000000" };
const accounts = [closed, makeAccount(makeBalances(1))];
let world: DoctorWorld;
beforeAll(async () => {
  world = await startDoctorWorld(() => accounts);
  await world.runSlot("2026-11-23T09:00:00.000Z");
  world.setTime("2026-11-23T10:04:01.500Z");
});
beforeEach(() => world.reset());
afterAll(() => world.close());

/** The stack, as the checks of schedule and alarms get it. */
const listedStack = (resources = RESOURCES, alarmTopic = "arn:aws:sns:::alarms"): ListedStack => ({
  ...{ name: STACK, status: "UPDATE_COMPLETE", idsOf: (type) => resources[type] ?? [] },
  outputs: new Map([
    [OUTPUTS.functionName, "snapshot-function"],
    [OUTPUTS.alarmTopic, alarmTopic],
  ]),
});
const without = (type: string) => ({ ...RESOURCES, [type]: [] });

const scheduleOf = async (stack = listedStack()) =>
  textOf(await resultsOf(checkSchedules(stack, [undefined], undefined, world.clock.now())), "schedule");
const alarmsOf = (stack = listedStack()) => resultsOf(checkAlarms(stack));

/** Checks the table without the stack. */
const TABLE = { table: { name: LOCAL_TABLE } };

describe("the check of the stack", () => {
  it.each([
    ["rolled back", "UPDATE_ROLLBACK_COMPLETE", {}, /^warning: .* did not succeed → .*describe-stack-events/],
    ["without outputs", "CREATE_COMPLETE", { TableName: undefined }, /^failed: .* output TableName → .*cdk deploy$/],
  ])("reports a stack that is %s", async (_, status, outputs, expected) => {
    world.setStack({ status, outputs });

    expect(await world.textOf("stack")).toMatch(expected);
  });

  it.each([
    ["does not exist", new AwsRefusal("ValidationError", `Stack with id ${STACK} does not exist`), /stage.*AWS_REGION/],
    ["may not be read", DENIED, /do not allow .* → Allow cloudformation:DescribeStacks/],
  ])("fails if the stack %s, and skips all checks that need it", async (_, refusal, expected) => {
    world.aws.reply("cloudformation:DescribeStacks", refusal);

    const results = await world.check();

    expect(textOf(results, "stack")).toMatch(/^failed: /);
    expect(textOf(results, "stack")).toMatch(expected);
    for (const check of ["key", "table", "last run", "schedule", "alarms"] as const) {
      expect(textOf(results, check)).toBe('skipped: not checked: the check "stack" failed');
    }
  });

  it("skips only the key and what needs it if the output SecretId is missing", async () => {
    world.setStack({ outputs: { SecretId: undefined } });

    const results = await world.check();

    expect(textOf(results, "key")).toBe("skipped: not checked: the stack has no output SecretId");
    expect(statusByCheck(results)).toMatchObject({ balances: "skipped", clock: "passed", schedule: "passed" });
  });

  it("warns if the stack's resources may not be listed, and skips schedule and alarms", async () => {
    world.aws.reply("cloudformation:ListStackResources", DENIED);

    const results = await world.check();

    expect(textOf(results, "stack")).toMatch(/\nwarning: resources: .* → Allow cloudformation:ListStackResources/);
    for (const check of ["schedule", "alarms", "subscribers"] as const) {
      expect(textOf(results, check)).toBe("skipped: not checked: the stack's resources could not be listed");
    }
    expect(statusByCheck(results)).toMatchObject({ "last run": "passed" });
  });
});

describe("the check of the schedule", () => {
  const zurich = { ScheduleExpression: "cron(30 12 * * ? *)", ScheduleExpressionTimezone: "Europe/Zurich" };
  const target = { Arn: FUNCTION_ARN, RoleArn: "r", Input: "{}" };
  const hourly = "cron\\(0 \\* \\* \\* \\? \\*\\) UTC";

  it("names the next slot in local time, and the recorded schedule if it differs", async () => {
    world.setSchedule(zurich);

    expect(await world.textOf("schedule")).toMatch(
      new RegExp(`^passed: .*; next slot 2026-11-23 12:30:00 \\+01:00, in 1 hour; .* configured with ${hourly}$`),
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      "fails if the slots cannot be computed",
      { ...zurich, ScheduleExpressionTimezone: "Mars/Olympus" },
      '^failed: .* is ENABLED; the next slot is unknown: .* time zone "Mars/Olympus".* → Use a newer version of Node',
    ],
    ["finds no further slot", { ScheduleExpression: "cron(0 0 1 1 ? 2020)" }, "^passed: .*no further slot within"],
    ["fails if it has ended", { EndDate: 1763848800 }, "^failed: .* ended at 2025-11-22T22:00:00.000Z → .*cdk deploy"],
    ["fails if it has not started", { StartDate: 1800000000 }, "^failed: .* does not start until 2027"],
    ["fails for another function", { Target: { ...target, Arn: "old" } }, "^failed: .* invokes old instead of the"],
    ["fails if the slot is not passed", { Target: target }, "^failed: .* does not pass the slot"],
    ["warns of flexible windows", { FlexibleTimeWindow: { Mode: "FLEXIBLE" } }, "^warning: .* flexible time window"],
  ])("%s", async (_, changes, expected) => {
    world.setSchedule(changes);

    expect(await scheduleOf()).toMatch(new RegExp(expected));
  });

  it.each([
    ["fails if it was deleted", new AwsRefusal("ResourceNotFoundException"), /^failed: .*deleted.* → .*cdk deploy/],
    ["warns if it may not be read", DENIED, /^warning: .* do not allow .* → Allow scheduler:GetSchedule/],
  ])("%s", async (_, refusal, expected) => {
    world.aws.reply("scheduler:GetSchedule", refusal);

    expect(await scheduleOf()).toMatch(expected);
  });

  it("ignores the schedule of the chain heads, which a stack with anchor lists first", async () => {
    expect(await scheduleOf(listedStack(WITH_ANCHOR))).toMatch(new RegExp(`^passed: ${hourly} is ENABLED`));
  });

  it("fails if the stack has no schedule", async () => {
    const stack = listedStack(without("AWS::Scheduler::Schedule"));

    expect(await scheduleOf(stack)).toMatch(/^failed: the stack has no schedule.* → .*cdk deploy/);
  });
});

describe("the check of the alarms", () => {
  it.each<[string, Record<string, unknown> | undefined, RegExp]>([
    ["warns if one has no data", { StateValue: "INSUFFICIENT_DATA" }, /^warning: insufficient data: account-failed →/],
    ["fails if actions are disabled", { ActionsEnabled: false }, /^failed: .*: account-failed → .*enable-alarm/],
    ["fails if actions are missing", { AlarmActions: [] }, /^failed: cannot notify anyone .*: account-failed →/],
    ["fails if one was deleted", undefined, /^failed: deleted: account-failed → .*cdk deploy$/],
  ])("%s", async (_, changes, expected) => {
    world.setAlarms({ "account-failed": changes });

    expect(textOf(await alarmsOf(), "alarms")).toMatch(expected);
  });

  it("warns if they may not be read", async () => {
    world.aws.reply("cloudwatch:DescribeAlarms", DENIED);

    expect(textOf(await alarmsOf(), "alarms")).toMatch(/^warning: .* → Allow cloudwatch:DescribeAlarms/);
  });

  it("does not know the subscribers of a topic outside the stack", async () => {
    expect(textOf(await alarmsOf(listedStack(without("AWS::SNS::Topic"))), "subscribers")).toMatch(
      /^skipped: not checked: the alarms notify arn:aws:sns:.*:alarms, a topic outside the stack; to check .*runbook\.md#check/,
    );
  });

  it("is skipped if the configuration has no alarms", async () => {
    const results = await alarmsOf(listedStack(without("AWS::CloudWatch::Alarm"), "none: rehearsal"));

    expect(textOf(results, "alarms")).toBe("skipped: not checked: the stack has no alarms (none: rehearsal)");
  });
});

describe("the checks of the table", () => {
  const [description, backups, expiry] = [
    ...["dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive"],
  ] as const;
  const recovery = "point-in-time recovery";
  const kmsKey = { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: "arn:key" };
  const unusableKey = { ...kmsKey, InaccessibleEncryptionDateTime: 1763848800 };
  const provisioned = { BillingModeSummary: { BillingMode: "PROVISIONED" } };
  const noRecovery = { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" } };
  const ttl = (TimeToLiveStatus: string, AttributeName: string) => ({
    TimeToLiveDescription: { TimeToLiveStatus, AttributeName },
  });

  it.each<[string, string, AwsReply, Partial<Record<Check, RegExp>>]>([
    [
      "fail if the table is inaccessible, and warn if no billing mode is set",
      description,
      describeTable({ TableStatus: "X", BillingModeSummary: null }),
      { table: /^failed: .* is X .* → .*check "encryption"/, capacity: /^warning: provisioned/ },
    ],
    [
      "warn of provisioned capacity, and accept a KMS key",
      description,
      describeTable({ ...provisioned, SSEDescription: kmsKey }),
      { capacity: /^warning: .*PAY_PER_REQUEST$/, encryption: /^passed: key arn:key$/ },
    ],
    [
      "fail if the KMS key is unusable",
      description,
      describeTable({ SSEDescription: unusableKey }),
      { encryption: /^failed: .*arn:key since 2025/ },
    ],
    [
      "are not required to read records",
      description,
      DENIED,
      {
        table: /^warning: .* → Allow dynamodb:DescribeTable/,
        "deletion protection": /^skipped/,
        "last run": /^passed/,
      },
    ],
    ["fail without recovery", backups, { ContinuousBackupsDescription: noRecovery }, { [recovery]: /^failed: off/ }],
    ["accept expiry by expiresAt", expiry, ttl("ENABLED", "expiresAt"), { expiry: /^passed: on: .*expiresAt$/ }],
    ["fail for another attribute", expiry, ttl("ENABLED", "slot"), { expiry: /^failed: .* deleted by slot / }],
    ["warn if expiry may not be read", expiry, DENIED, { expiry: /^warning: .* → Allow dynamodb:DescribeTimeToLive/ }],
  ])("%s", async (_, action, reply, expected) => {
    world.aws.reply(action, reply);

    const results = await world.check(TABLE);

    for (const [check, text] of Object.entries(expected)) expect(textOf(results, check as Check)).toMatch(text);
  });

  it("warn if expiry is off although the newest items of an account have expiresAt", async () => {
    accounts.shift();
    await world.runManually({ SNAPSHOT_RETENTION_DAYS: "30" });

    expect(await world.textOf("expiry", TABLE)).toMatch(
      /^warning: off, but stored items have expiresAt.*Enabled=true,AttributeName=expiresAt$/,
    );
  });

  const SKIPPED = 'skipped: not checked: the check "table" failed';

  it("fail if the table does not exist, and are skipped if they need it", async () => {
    const results = await world.check({ table: { name: "nowhere" } });

    expect(textOf(results, "table")).toMatch(/^failed: nowhere: does not exist.* → .*AWS_REGION/);
    const dependent = ["capacity", "encryption", "deletion protection", recovery, "expiry", "last run"];
    expect(dependent.map((check) => textOf(results, check as Check))).toEqual(Array(6).fill(SKIPPED));
  });

  it("fail if the table has other keys, and do not read it", async () => {
    await world.servers.table.send(
      new CreateTableCommand({
        TableName: "other",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
      }),
    );

    const results = await world.check({ table: { name: "other" } });

    expect(textOf(results, "table")).toMatch(/^failed: other has the keys id \(HASH, N\)/);
    expect(textOf(results, "last run")).toBe(SKIPPED);
  });
});
