import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { CheckResult, Step } from "../../cli/doctor/check-result.ts";
import { synth } from "../infra/synth.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { AwsRefusal, DENIED } from "../support/aws.ts";
import { type DoctorWorld, FUNCTION_ARN, of, RESOURCES, STACK, startDoctorWorld } from "../support/doctor.ts";

// The doctor on what is deployed, by stand-ins that speak AWS's protocols.

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

describe("stack", () => {
  it("is well, and so is all that it deploys", async () => {
    const findings = await world.examine();

    expect(findings.filter(({ status }) => status !== "ok")).toEqual([]);
  });

  it.each([
    ["UPDATE_ROLLBACK_COMPLETE", {}, "warning", /did not go through/],
    ["CREATE_COMPLETE", { TableName: undefined, SecretId: undefined }, "failed", /has no output TableName, SecretId/],
  ])("that is %s with outputs %p", async (status, outputs, expected, found) => {
    world.stack({ status, outputs });

    expect(await findingsOf("stack")).toMatchObject([
      { status: expected, found: expect.stringMatching(found), remedy: expect.stringContaining("npx cdk deploy") },
    ]);
  });

  it("that lacks an output: what needs it is skipped, the rest is looked at", async () => {
    world.stack({ outputs: { SecretId: undefined } });

    const findings = await world.examine();

    expect(of(findings, "key")).toMatchObject([
      { status: "skipped", found: "not checked: the stack has no output SecretId" },
    ]);
    expect(of(findings, "account")).toMatchObject([{ status: "skipped" }]);
    expect(of(findings, "clock")).toMatchObject([{ status: "ok" }]);
    expect(of(findings, "schedule")).toMatchObject([{ status: "ok" }]);
  });

  it.each([
    [
      "does not exist",
      new AwsRefusal("ValidationError", `Stack with id ${STACK} does not exist`),
      /does not exist/,
      /with its stage/,
    ],
    ["may not be seen", DENIED, /cannot tell/, /Give yourself cloudformation:DescribeStacks/],
  ])("that %s: all that is found by it is skipped", async (_, refusal, found, remedy) => {
    world.aws.reply("cloudformation:DescribeStacks", refusal);

    const findings = await world.examine();

    expect(of(findings, "stack")).toMatchObject([
      { status: "failed", found: expect.stringMatching(found), remedy: expect.stringMatching(remedy) },
    ]);
    for (const step of ["key", "table", "last run", "schedule", "alarms"] as const) {
      expect(of(findings, step)).toMatchObject([{ status: "skipped", found: "not checked: the step stack failed" }]);
    }
  });

  it("whose resources may not be listed: schedule and alarms are skipped, and it says so", async () => {
    world.aws.reply("cloudformation:ListStackResources", DENIED);

    const findings = await world.examine();

    expect(of(findings, "stack")[1]).toMatchObject({
      status: "warning",
      remedy: expect.stringContaining("ListStackResources"),
    });
    for (const step of ["schedule", "alarms", "alarm topic"] as const) {
      expect(of(findings, step)).toMatchObject([
        { status: "skipped", found: "not checked: the stack's resources are not known" },
      ]);
    }
    expect(of(findings, "last run")).toMatchObject([{ status: "ok" }]);
  });

  it("has the outputs and resource types of the deployed stack", () => {
    const { template } = synth();

    const outputs = ["TableName", "FunctionName", "SecretId", "AlarmTopic", "PutKeyCommand", "InvokeCommand"];
    expect(Object.keys(template.findOutputs("*"))).toEqual(expect.arrayContaining(outputs));
    for (const type of Object.keys(RESOURCES).filter((type) => type !== "AWS::SNS::Subscription")) {
      expect(Object.keys(template.findResources(type))).not.toEqual([]);
    }
  });
});

describe("credentials", () => {
  const variables = ["AWS_ACCESS_KEY_ID", "AWS_REGION"] as const;

  it.each([
    ["AWS_ACCESS_KEY_ID", /no AWS credentials|CredentialsProviderError/i, /log in, or set AWS_PROFILE/],
    ["AWS_REGION", /region is missing/i, /Set AWS_REGION/],
  ] as const)("are asked for without %s", async (variable, found, remedy) => {
    const kept = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
    delete process.env[variable];
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    });
    try {
      expect(await findingsOf("stack")).toMatchObject([
        { status: "failed", found: expect.stringMatching(found), remedy: expect.stringMatching(remedy) },
      ]);
    } finally {
      Object.assign(process.env, kept);
    }
  });
});

describe("schedule", () => {
  it.each<[Record<string, unknown>, string, RegExp]>([
    [{}, "ok", /^rate\(1 hour\) UTC is ENABLED; next at 2026-11-23T11:00:00\.000Z, in 55 minutes$/],
    [
      { ScheduleExpression: "cron(30 12 * * ? *)", ScheduleExpressionTimezone: "Europe/Zurich" },
      "ok",
      /next at 2026-11-23 12:30:00 \+01:00, in 1 hour; the last run still knew rate\(1 hour\) UTC$/,
    ],
    [{ ScheduleExpression: "cron(0 0 1 1 ? 2020)" }, "ok", /no further slot within a year/],
    [{ State: "DISABLED" }, "failed", /is DISABLED: every slot is lost/],
    [{ EndDate: 1763848800 }, "failed", /ended at 2025-11-22T22:00:00\.000Z/],
    [{ StartDate: 1800000000 }, "failed", /begins only at 2027/],
    [
      { Target: { Arn: `${FUNCTION_ARN}-of-old`, RoleArn: "r", Input: "{}" } },
      "failed",
      /starts .*-of-old, not the stack's/,
    ],
    [{ Target: { Arn: FUNCTION_ARN, RoleArn: "r", Input: "{}" } }, "failed", /does not tell the function the slot/],
    [{ FlexibleTimeWindow: { Mode: "FLEXIBLE" } }, "warning", /flexible time window/],
  ])("%p", async (changes, status, found) => {
    world.schedule(changes);

    expect(await findingsOf("schedule")).toMatchObject([{ status, found: expect.stringMatching(found) }]);
  });

  it.each([
    ["is gone", new AwsRefusal("ResourceNotFoundException"), "failed", /is gone/, /cdk deploy/],
    ["may not be seen", DENIED, "warning", /cannot tell/, /Give yourself scheduler:GetSchedule/],
  ])("that %s", async (_, refusal, status, found, remedy) => {
    world.aws.reply("scheduler:GetSchedule", refusal);

    expect(await findingsOf("schedule")).toMatchObject([
      { status, found: expect.stringMatching(found), remedy: expect.stringMatching(remedy) },
    ]);
  });

  it("that the stack does not have", async () => {
    world.stack({ resources: { ...RESOURCES, "AWS::Scheduler::Schedule": [] } });

    expect(await findingsOf("schedule")).toMatchObject([
      { status: "failed", remedy: expect.stringContaining("cdk deploy") },
    ]);
  });
});

describe("alarms", () => {
  it("tell which are on, since when, and where it is said what to do", async () => {
    world.alarms({ "no-complete-run": { StateValue: "ALARM" } });

    expect(await findingsOf("alarms")).toEqual([
      {
        step: "alarms",
        status: "failed",
        found: expect.stringMatching(
          /^no-complete-run is on since 2026-11-23T08:10:00\.000Z: For two periods .* at all$/,
        ),
        remedy: "docs/runbook.md#no-complete-run",
      },
    ]);
  });

  it.each<[Record<string, Record<string, unknown> | undefined>, string, RegExp]>([
    [{ "account-failed": { StateValue: "INSUFFICIENT_DATA" } }, "warning", /have no data to judge by: account-failed$/],
    [{ "account-failed": { ActionsEnabled: false } }, "failed", /would tell nobody.*: account-failed$/],
    [{ "account-failed": { AlarmActions: [] } }, "failed", /would tell nobody.*: account-failed$/],
    [{ "account-failed": undefined }, "failed", /^gone: account-failed$/],
  ])("%p", async (changes, status, found) => {
    world.alarms(changes);

    expect(await findingsOf("alarms")).toMatchObject([{ status, found: expect.stringMatching(found) }]);
  });

  it("that may not be seen", async () => {
    world.aws.reply("cloudwatch:DescribeAlarms", DENIED);

    expect(await findingsOf("alarms")).toMatchObject([
      { status: "warning", remedy: "Give yourself cloudwatch:DescribeAlarms." },
    ]);
  });

  it("that the stack has not, on purpose", async () => {
    const why = "none, because this is a rehearsal";
    world.stack({ outputs: { AlarmTopic: why }, resources: { ...RESOURCES, "AWS::CloudWatch::Alarm": [] } });

    expect(await findingsOf("alarms")).toMatchObject([
      { status: "skipped", found: `not checked: the stack has none: ${why}` },
    ]);
  });

  it("that nobody is subscribed to", async () => {
    world.stack({ resources: { ...RESOURCES, "AWS::SNS::Subscription": [] } });

    expect(await findingsOf("alarm topic")).toMatchObject([
      { status: "warning", remedy: expect.stringContaining("alarmEmails") },
    ]);
  });
});
