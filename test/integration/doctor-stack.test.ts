import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import {
  type DoctorWorld,
  FUNCTION_ARN,
  RESOURCES,
  STACK,
  startDoctorWorld,
  statusByCheck,
  textOf,
} from "../support/doctor.ts";
import { AwsRefusal, DENIED } from "../support/world/aws.ts";

// The checks of the deployed stack, its schedule and its alarms, with a stand-in for AWS.

let world: DoctorWorld;
beforeAll(async () => {
  const accounts = [makeAccount(makeBalances(2))];
  world = await startDoctorWorld(() => accounts);
  await world.runSlot("2026-11-23T09:00:00.000Z");
  world.setTime("2026-11-23T10:04:01.500Z");
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const without = (type: string) => ({ resources: { ...RESOURCES, [type]: [] } });

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
  const hourly = "rate\\(1 hour\\) UTC";

  it.each<[string, Record<string, unknown>, string]>([
    ["names the next slot in local time", zurich, "^passed: .*; next slot 2026-11-23 12:30:00 \\+01:00, in 1 hour;"],
    ["names the recorded schedule if it differs", zurich, `; the last run was configured with ${hourly}$`],
    ["finds no further slot", { ScheduleExpression: "cron(0 0 1 1 ? 2020)" }, "^passed: .*no further slot within"],
    ["fails if it has ended", { EndDate: 1763848800 }, "^failed: .* ended at 2025-11-22T22:00:00.000Z → .*cdk deploy"],
    ["fails if it has not started", { StartDate: 1800000000 }, "^failed: .* does not start until 2027"],
    ["fails for another function", { Target: { ...target, Arn: "old" } }, "^failed: .* invokes old instead of the"],
    ["fails if the slot is not passed", { Target: target }, "^failed: .* does not pass the slot"],
    ["warns of flexible windows", { FlexibleTimeWindow: { Mode: "FLEXIBLE" } }, "^warning: .* flexible time window"],
  ])("%s", async (_, changes, expected) => {
    world.setSchedule(changes);

    expect(await world.textOf("schedule")).toMatch(new RegExp(expected));
  });

  it.each([
    ["fails if it was deleted", new AwsRefusal("ResourceNotFoundException"), /^failed: .*deleted.* → .*cdk deploy/],
    ["warns if it may not be read", DENIED, /^warning: .* do not allow .* → Allow scheduler:GetSchedule/],
  ])("%s", async (_, refusal, expected) => {
    world.aws.reply("scheduler:GetSchedule", refusal);

    expect(await world.textOf("schedule")).toMatch(expected);
  });

  it("fails if the stack has no schedule", async () => {
    world.setStack(without("AWS::Scheduler::Schedule"));

    expect(await world.textOf("schedule")).toMatch(/^failed: the stack has no schedule.* → .*cdk deploy/);
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

    expect(await world.textOf("alarms")).toMatch(expected);
  });

  it("warns if they may not be read", async () => {
    world.aws.reply("cloudwatch:DescribeAlarms", DENIED);

    expect(await world.textOf("alarms")).toMatch(/^warning: .* → Allow cloudwatch:DescribeAlarms/);
  });

  it("is skipped if the configuration has no alarms", async () => {
    world.setStack({ outputs: { AlarmTopic: "none: rehearsal" }, ...without("AWS::CloudWatch::Alarm") });

    expect(await world.textOf("alarms")).toBe("skipped: not checked: the stack has no alarms (none: rehearsal)");
  });
});
