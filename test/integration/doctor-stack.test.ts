import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { Check, Status } from "../../cli/doctor/check-result.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { AwsRefusal, DENIED } from "../support/aws.ts";
import {
  type DoctorWorld,
  FUNCTION_ARN,
  RESOURCES,
  resultLike,
  resultsOf,
  STACK,
  startDoctorWorld,
  statusByCheck,
} from "../support/doctor.ts";

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
const reply = (action: string, refusal: AwsRefusal) => () => world.aws.reply(action, refusal);
const setTarget = (changes: object) => world.setSchedule({ Target: { Arn: FUNCTION_ARN, RoleArn: "r", ...changes } });
const setAlarm = (changes?: Record<string, unknown>) => world.setAlarms({ "account-failed": changes });
const notFound = new AwsRefusal("ResourceNotFoundException");
const noStack = new AwsRefusal("ValidationError", `Stack with id ${STACK} does not exist`);

it.each<[string, () => void, Check, Status, RegExp, RegExp?]>([
  [
    "warns about a stack whose last deployment was rolled back",
    () => world.setStack({ status: "UPDATE_ROLLBACK_COMPLETE" }),
    "stack",
    "warning",
    /the last deployment did not succeed/,
    /describe-stack-events --stack-name cdp-balance-snapshots.*npx cdk deploy/,
  ],
  [
    "rejects a stack without the outputs it needs",
    () => world.setStack({ outputs: { TableName: undefined, SecretId: undefined } }),
    "stack",
    "failed",
    /lacks the output TableName, SecretId/,
    /npx cdk deploy/,
  ],
  [
    "names the next slot of a rate schedule, counted from the last run",
    () => world.setSchedule(),
    "schedule",
    "passed",
    /^rate\(1 hour\) UTC is ENABLED; next slot 2026-11-23T11:00:00\.000Z, in 55 minutes$/,
  ],
  [
    "names the next slot of a cron schedule in local time, and the schedule of the last run",
    () =>
      world.setSchedule({
        ScheduleExpression: "cron(30 12 * * ? *)",
        ScheduleExpressionTimezone: "Europe/Zurich",
      }),
    "schedule",
    "passed",
    /next slot 2026-11-23 12:30:00 \+01:00, in 1 hour; the last run was configured with rate\(1 hour\) UTC$/,
  ],
  [
    "reports a schedule without further slots",
    () => world.setSchedule({ ScheduleExpression: "cron(0 0 1 1 ? 2020)" }),
    "schedule",
    "passed",
    /no further slot within a year/,
  ],
  [
    "rejects a disabled schedule",
    () => world.setSchedule({ State: "DISABLED" }),
    "schedule",
    "failed",
    /is DISABLED: every slot is lost/,
    /#stop-the-schedule.*InvokeCommand/,
  ],
  [
    "rejects a schedule that has ended",
    () => world.setSchedule({ EndDate: 1763848800 }),
    "schedule",
    "failed",
    /ended at 2025-11-22T22:00:00\.000Z/,
  ],
  [
    "rejects a schedule that starts in the future",
    () => world.setSchedule({ StartDate: 1800000000 }),
    "schedule",
    "failed",
    /does not start until 2027/,
  ],
  [
    "rejects a schedule that invokes another function",
    () => setTarget({ Arn: `${FUNCTION_ARN}-old`, Input: "{}" }),
    "schedule",
    "failed",
    /invokes .*-old instead of the stack's function/,
  ],
  [
    "rejects a schedule that does not pass the slot",
    () => setTarget({ Input: "{}" }),
    "schedule",
    "failed",
    /does not pass the slot/,
  ],
  [
    "warns about a flexible time window",
    () => world.setSchedule({ FlexibleTimeWindow: { Mode: "FLEXIBLE" } }),
    "schedule",
    "warning",
    /a flexible time window may delay runs/,
  ],
  [
    "rejects a deleted schedule",
    reply("scheduler:GetSchedule", notFound),
    "schedule",
    "failed",
    /deleted/,
    /cdk deploy/,
  ],
  [
    "warns if the schedule may not be read",
    reply("scheduler:GetSchedule", DENIED),
    "schedule",
    "warning",
    /do not allow scheduler:GetSchedule$/,
    /^Add scheduler:GetSchedule to/,
  ],
  [
    "rejects a stack without a schedule",
    () => world.setStack(without("AWS::Scheduler::Schedule")),
    "schedule",
    "failed",
    /has no schedule/,
    /cdk deploy/,
  ],
  [
    "reports an active alarm with its time, its description and its section of the runbook",
    () => world.setAlarms({ "no-complete-run": { StateValue: "ALARM" } }),
    "alarms",
    "failed",
    /^no-complete-run is active since 2026-11-23T08:10:00\.000Z: No scheduled run .* of the schedule\.$/,
    /docs\/runbook\.md#no-complete-run/,
  ],
  [
    "warns about an alarm without data",
    () => setAlarm({ StateValue: "INSUFFICIENT_DATA" }),
    "alarms",
    "warning",
    /insufficient data: account-failed$/,
  ],
  [
    "rejects an alarm whose actions are disabled",
    () => setAlarm({ ActionsEnabled: false }),
    "alarms",
    "failed",
    /cannot notify anyone.*: account-failed$/,
    /enable-alarm-actions --alarm-names cdp-balance-snapshots-account-failed$/,
  ],
  [
    "rejects an alarm without actions",
    () => setAlarm({ AlarmActions: [] }),
    "alarms",
    "failed",
    /cannot notify anyone.*: account-failed$/,
  ],
  ["rejects a deleted alarm", () => setAlarm(undefined), "alarms", "failed", /^deleted: account-failed$/],
  [
    "warns if the alarms may not be read",
    reply("cloudwatch:DescribeAlarms", DENIED),
    "alarms",
    "warning",
    /do not allow cloudwatch:DescribeAlarms$/,
  ],
  [
    "skips alarms that the configuration disables, and repeats the reason",
    () => world.setStack({ outputs: { AlarmsTo: "none: rehearsal" }, ...without("AWS::CloudWatch::Alarm") }),
    "alarms",
    "skipped",
    /^not checked: the stack has no alarms \(none: rehearsal\)$/,
  ],
  [
    "warns about alarms without subscribers",
    () => world.setStack(without("AWS::SNS::Subscription")),
    "subscribers",
    "warning",
    /subscribes nobody/,
    /alarmEmails/,
  ],
])("%s", async (_title, change, check, status, message, suggestedFix) => {
  change();

  expect(await world.resultsOf(check)).toMatchObject([resultLike(status, message, suggestedFix)]);
});

describe("a stack that cannot be read", () => {
  it.each([
    ["does not exist", noStack, /does not exist/, /with its stage/],
    ["may not be read", DENIED, /do not allow/, /Add cloudformation:DescribeStacks/],
  ])("skips all checks of the stack if it %s", async (_, refusal, message, suggestedFix) => {
    world.aws.reply("cloudformation:DescribeStacks", refusal);

    const results = await world.check();

    expect(resultsOf(results, "stack")).toMatchObject([resultLike("failed", message, suggestedFix)]);
    for (const check of ["key", "table", "last run", "schedule", "alarms"] as const) {
      expect(resultsOf(results, check)).toMatchObject([
        { status: "skipped", message: 'not checked: the check "stack" failed' },
      ]);
    }
  });

  it("skips only the key and what depends on it if the output SecretId is missing", async () => {
    world.setStack({ outputs: { SecretId: undefined } });

    const results = await world.check();

    expect(resultsOf(results, "key")).toMatchObject([
      { status: "skipped", message: "not checked: the stack has no output SecretId" },
    ]);
    expect(statusByCheck(results)).toMatchObject({ balances: "skipped", clock: "passed", schedule: "passed" });
  });

  it("skips schedule and alarms if the stack's resources may not be listed", async () => {
    world.aws.reply("cloudformation:ListStackResources", DENIED);

    const results = await world.check();

    expect(resultsOf(results, "stack")[1]).toMatchObject(resultLike("warning", /^resources: /, /ListStackResources/));
    for (const check of ["schedule", "alarms", "subscribers"] as const) {
      expect(resultsOf(results, check)).toMatchObject([
        { status: "skipped", message: "not checked: the stack's resources could not be listed" },
      ]);
    }
    expect(statusByCheck(results)).toMatchObject({ "last run": "passed" });
  });

  it.each([
    ["AWS_ACCESS_KEY_ID", /CredentialsProviderError/, /^Log in to AWS, or set AWS_PROFILE/],
    ["AWS_REGION", /region is missing/i, /^Set AWS_REGION/],
  ] as const)("explains that %s is missing", async (variable, message, suggestedFix) => {
    const value = process.env[variable];
    delete process.env[variable];
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    });
    try {
      expect(await world.resultsOf("stack")).toMatchObject([resultLike("failed", message, suggestedFix)]);
    } finally {
      process.env[variable] = value;
    }
  });
});

it("uses outputs and resource types that the deployed template has", () => {
  const template = readFileSync(new URL("../infra/__snapshots__/stack.test.ts.snap", import.meta.url), "utf8");

  const outputs = ["TableName", "FunctionName", "SecretId", "AlarmsTo", "PutKeyCommand", "InvokeCommand"];
  for (const name of outputs) expect(template).toMatch(new RegExp(`^    "${name}": \\{\\n      "Description"`, "m"));
  for (const type of Object.keys(RESOURCES).filter((type) => type !== "AWS::SNS::Subscription")) {
    expect(template).toContain(`"Type": "${type}"`);
  }
});
