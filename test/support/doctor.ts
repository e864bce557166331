import type { CheckResult, Status, Step } from "../../cli/doctor/check-result.ts";
import { type CheckRequest, runChecks } from "../../cli/doctor/run-checks.ts";
import { readConfig } from "../../core/config.ts";
import { ENV } from "../../core/names/environment.ts";
import type { SimulatedAccount } from "../../local/cdp/server.ts";
import { LOCAL_TABLE } from "../../local/dynamodb.ts";
import { AwsRefusal, type StandInAws, startStandInAws } from "./aws.ts";
import { type TestClock, testClock } from "./clock.ts";
import { composeTestJob, type Servers, startServers } from "./job.ts";
import type { TestKey } from "./keys.ts";
import { sawOutput } from "./leak-watch.ts";

export const STACK = "cdp-balance-snapshots";
export const SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ApiKey-AbCdEf";
export const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:snapshot-function";

/** What the stack's own resources are, as the stand-in for CloudFormation lists them. */
export const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  "AWS::Scheduler::Schedule": ["schedule"],
  "AWS::Scheduler::ScheduleGroup": ["group"],
  "AWS::CloudWatch::Alarm": [`${STACK}-account-failed`, `${STACK}-no-complete-run`],
  "AWS::SNS::Subscription": ["arn:aws:sns:eu-central-1:123456789012:alarms:1"],
};

/** What an earlier deployment had; CloudFormation goes on listing it. */
const DELETED = { "AWS::CloudWatch::Alarm": [`${STACK}-of-old`], "AWS::Lambda::LayerVersion": ["of-old"] };

/** A deployed stack that is well, around a simulated API and an embedded table: each test spoils something of it. */
export interface DoctorWorld {
  readonly servers: Servers;
  readonly aws: StandInAws;
  readonly clock: TestClock;
  /** What CloudFormation tells. */
  stack(of: { status?: string; outputs?: Record<string, string | undefined>; resources?: typeof RESOURCES }): void;
  /** The schedule with changes. */
  schedule(changes?: Record<string, unknown>): void;
  /** The alarms with changes, by their short names. */
  alarms(changes?: Record<string, Record<string, unknown> | undefined>): void;
  /** Sets the clock. */
  goTo(instant: string): void;
  /** A run of the schedule for a slot, at the slot's time. */
  run(slot: string, accounts?: readonly string[]): Promise<void>;
  /**
   * What the doctor says; by default of the whole stack.
   * @param aheadMs by how much his clock is ahead of the server's
   */
  examine(asked?: Partial<CheckRequest>, aheadMs?: number): Promise<readonly CheckResult[]>;
  /** Makes all of AWS well again. */
  restore(): void;
  close(): Promise<void>;
}

export async function startDoctorWorld(
  accounts: () => readonly SimulatedAccount[],
  key?: TestKey,
): Promise<DoctorWorld> {
  const clock = testClock("2026-11-23T10:00:00.000Z");
  const servers = await startServers({ accounts, clock, ...(key && { key }) });
  const aws = await startStandInAws(servers.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "");
  const { AWS_ENDPOINT_URL_DYNAMODB } = process.env;
  const lookAt = (url: string | undefined) => {
    process.env["AWS_ENDPOINT_URL"] = aws.env["AWS_ENDPOINT_URL"];
    if (url === undefined) delete process.env["AWS_ENDPOINT_URL_DYNAMODB"];
    else process.env["AWS_ENDPOINT_URL_DYNAMODB"] = url;
  };
  const world: DoctorWorld = {
    servers,
    aws,
    clock,
    stack: ({ status = "UPDATE_COMPLETE", outputs = {}, resources = RESOURCES }) => {
      const all = { ...outputsOf(servers), ...outputs };
      aws.reply("cloudformation:DescribeStacks", { Stacks: [stackOf(status, all)] });
      aws.reply("cloudformation:ListStackResources", {
        StackResourceSummaries: [...summariesOf(resources), ...summariesOf(DELETED, "DELETE_COMPLETE")],
      });
    },
    schedule: (changes = {}) =>
      aws.reply("scheduler:GetSchedule", (_, { groupName }) =>
        groupName === SCHEDULE.GroupName
          ? { ...SCHEDULE, ...changes }
          : new AwsRefusal("ResourceNotFoundException", `Schedule schedule does not exist in ${groupName}`),
      ),
    alarms: (changes = {}) =>
      aws.reply("cloudwatch:DescribeAlarms", (_, { AlarmNames }) => ({
        MetricAlarms: (AlarmNames as string[]).flatMap((name) => alarmOf(name, changes)),
      })),
    goTo: (instant) => clock.advance(Date.parse(instant) - clock.now()),
    run: async (slot, named) => {
      world.goTo(slot);
      clock.advance(1500);
      lookAt(AWS_ENDPOINT_URL_DYNAMODB);
      const env = { [ENV.schedule]: SCHEDULE.ScheduleExpression };
      await composeTestJob(servers, env).run({ scheduledTime: slot, ...(named && { accounts: named }) });
    },
    examine: async (asked = { stack: STACK }, aheadMs = 0) => {
      lookAt(undefined);
      const config = readConfig({ ...servers.env, [ENV.tableName]: LOCAL_TABLE }, { keyElsewhere: true });
      const findings: CheckResult[] = [];
      const his = { ...clock, now: () => clock.now() + aheadMs };
      for await (const finding of runChecks({ accounts: [], config, ...asked }, his)) findings.push(finding);
      sawOutput(findings);
      return findings;
    },
    restore: () => {
      world.stack({});
      world.schedule();
      world.alarms();
      aws.reply("secretsmanager:GetSecretValue", { Name: SECRET, SecretString: servers.key.file });
      aws.reply("dynamodb:DescribeTable", describeTable({}));
      aws.reply("dynamodb:DescribeContinuousBackups", {
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: "ENABLED",
          PointInTimeRecoveryDescription: {
            PointInTimeRecoveryStatus: "ENABLED",
            EarliestRestorableDateTime: Date.parse("2026-10-20T10:00:00Z") / 1000,
          },
        },
      });
      aws.reply("dynamodb:DescribeTimeToLive", { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } });
    },
    close: async () => {
      delete process.env["AWS_ENDPOINT_URL"];
      await Promise.all([servers.close(), aws.close()]);
    },
  };
  world.restore();
  return world;
}

/** The embedded table as a deployed one is described, with changes. */
export function describeTable(changes: Record<string, unknown>) {
  return ({ Table }: Record<string, unknown>) => ({
    Table: { ...(Table as object), DeletionProtectionEnabled: true, ...changes },
  });
}

/** A key file that was given to the doctor. */
export function withFile(text: string): Pick<CheckRequest, "key"> {
  return { key: { file: "cdp_api_key.json", text } };
}

/** What the steps came to; of those that look at each account, the last one. */
export function statuses(findings: readonly CheckResult[]): Record<string, Status> {
  return Object.fromEntries(findings.map(({ step, status }) => [step, status]));
}

/** The findings of a step. */
export function of(findings: readonly CheckResult[], step: Step): readonly CheckResult[] {
  return findings.filter((finding) => finding.step === step);
}

export const SCHEDULE = {
  Name: "schedule",
  GroupName: "group",
  State: "ENABLED",
  ScheduleExpression: "rate(1 hour)",
  ScheduleExpressionTimezone: "UTC",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: {
    Arn: FUNCTION_ARN,
    RoleArn: "arn:aws:iam::123456789012:role/schedule",
    Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
  },
};

function outputsOf({ cdp }: Servers): Record<string, string> {
  return {
    TableName: LOCAL_TABLE,
    FunctionName: "snapshot-function",
    SecretId: SECRET,
    AlarmTopic: "arn:aws:sns:eu-central-1:123456789012:alarms",
    ApiBaseUrl: cdp.url,
    PutKeyCommand: `aws secretsmanager put-secret-value --region eu-central-1 --secret-id ${SECRET} --secret-string file://cdp_api_key.json`,
  };
}

function stackOf(StackStatus: string, outputs: Record<string, string | undefined>) {
  const Outputs = Object.entries(outputs)
    .filter(([, value]) => value !== undefined)
    .map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  return { StackName: STACK, StackStatus, CreationTime: new Date(0), Outputs };
}

function summariesOf(resources: typeof RESOURCES, ResourceStatus = "CREATE_COMPLETE") {
  return Object.entries(resources).flatMap(([ResourceType, names]) =>
    names.map((PhysicalResourceId) => ({
      LogicalResourceId: PhysicalResourceId.replace(/\W/g, ""),
      PhysicalResourceId,
      ResourceType,
      ResourceStatus,
      LastUpdatedTimestamp: new Date(0),
    })),
  );
}

const ALARMS: Readonly<Record<string, string>> = {
  "account-failed": "At least one account has no snapshot for a slot.",
  "no-complete-run":
    "For two periods of the schedule no scheduled run has completed all accounts; maybe nothing runs at all.",
};

/** @param changes `undefined` for an alarm that is gone */
function alarmOf(AlarmName: string, changes: Record<string, Record<string, unknown> | undefined>): object[] {
  const short = AlarmName.slice(STACK.length + 1);
  if (short in changes && changes[short] === undefined) return [];
  return [
    {
      AlarmName,
      AlarmDescription: `${ALARMS[short]} What to do: docs/runbook.md#${short}`,
      ActionsEnabled: true,
      AlarmActions: ["arn:aws:sns:eu-central-1:123456789012:alarms"],
      StateValue: "OK",
      StateUpdatedTimestamp: Date.parse("2026-11-23T08:10:00Z") / 1000,
      ...changes[short],
    },
  ];
}
