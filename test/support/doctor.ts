import type { Check, CheckResult, CheckResults, Status } from "../../cli/doctor/check-result.ts";
import { type CheckRequest, runChecks } from "../../cli/doctor/run-checks.ts";
import { readJobConfig } from "../../core/config.ts";
import { ENV } from "../../core/names/environment.ts";
import { ALL_ACCOUNTS, OUTPUTS } from "../../core/names/outputs.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { AuthorizedKey, SimulatedAccount, WireTransfer } from "../../local/simulated-cdp/server.ts";
import { testClock } from "./clock.ts";
import { runBalances } from "./history-cli.ts";
import type { TestKey } from "./keys.ts";
import { sawOutput } from "./leak-watch.ts";
import { AwsRefusal } from "./world/aws.ts";
import { composeTestJob } from "./world/job.ts";
import { startWorld, type World } from "./world/world.ts";

export const STACK = "cdp-balance-snapshots";
/** The stack without its table. */
export const STACK_WITHOUT_TABLE = { stack: STACK, table: { name: "nowhere" } };
const SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ApiKey-AbCdEf";
export const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:snapshot-function";
const TOPIC_ARN = "arn:aws:sns:eu-central-1:123456789012:alarms";

export const INVOKE_COMMAND = "aws lambda invoke --function-name snapshot-function --payload '{}' /dev/stdout";

/** The stack's resources by type. */
export const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  "AWS::Scheduler::Schedule": ["schedule"],
  "AWS::Scheduler::ScheduleGroup": ["group"],
  "AWS::CloudWatch::Alarm": [`${STACK}-account-failed`, `${STACK}-no-complete-run`],
  "AWS::SNS::Topic": [TOPIC_ARN],
  "AWS::SNS::Subscription": [`${TOPIC_ARN}:1`],
};

/** The resources of a stack with `anchor`. CloudFormation does not say which schedule is in which group. */
export const WITH_ANCHOR: typeof RESOURCES = {
  ...RESOURCES,
  "AWS::Scheduler::Schedule": ["anchor-schedule", "schedule"],
  "AWS::Scheduler::ScheduleGroup": ["anchor-group", "group"],
};

/** Resources of an earlier deployment, which CloudFormation still lists. */
const DELETED = { "AWS::CloudWatch::Alarm": [`${STACK}-deleted`] };

export type DoctorWorld = Awaited<ReturnType<typeof startDoctorWorld>>;

/** Changes by name; an entry that is `undefined` is removed. */
type Changes<T> = Readonly<Record<string, T | undefined>>;

/**
 * Starts a healthy stack with a simulated API, an embedded table and a stand-in for AWS, which tests then break.
 * @param keys those that the API accepts. Default: `key`
 */
export async function startDoctorWorld(
  accounts: () => readonly SimulatedAccount[],
  key?: TestKey,
  keys?: readonly AuthorizedKey[],
  transfers: readonly WireTransfer[] = [],
) {
  const clock = testClock("2026-11-23T10:00:00.000Z");
  const servers = await startWorld({
    accounts,
    transfers: () => transfers,
    clock,
    ...(key && { key }),
    ...(keys && { keys: () => keys }),
  });
  const { aws } = servers;
  /** Sends all calls to AWS to this world, because a test file can have several. */
  const selectWorld = () => Object.assign(process.env, aws.env);
  /** @param keyText replaces the key */
  const runManually = async (env: Record<string, string> = {}, event?: unknown, keyText = servers.key.file) => {
    selectWorld();
    const job = composeTestJob(servers, env);
    job.keyText = async () => keyText;
    await job.run(event);
  };
  const setTime = (instant: string) => clock.advance(Date.parse(instant) - clock.now());
  /** Runs the job for a slot of the schedule, at the time of the slot. */
  const runSlot = async (slot: string, ids?: readonly string[]) => {
    setTime(slot);
    clock.advance(1500);
    const event = { scheduledTime: slot, ...(ids && { accounts: ids }) };
    await runManually({ [ENV.schedule]: SCHEDULE.ScheduleExpression }, event);
  };
  const setStack = (to: { status?: string; outputs?: Changes<string>; resources?: typeof RESOURCES }) => {
    const { status = "UPDATE_COMPLETE", outputs = {}, resources = RESOURCES } = to;
    const Stacks = [describeStack(status, { ...outputsOf(servers), ...outputs })];
    aws.reply("cloudformation:DescribeStacks", { Stacks });
    const StackResourceSummaries = [...summarize(resources), ...summarize(DELETED, "DELETE_COMPLETE")];
    aws.reply("cloudformation:ListStackResources", { StackResourceSummaries });
  };
  const setSchedule = (changes: Record<string, unknown> = {}) => setSchedules([{ ...SCHEDULE, ...changes }]);
  const setSchedules = (ofRuns: readonly (typeof SCHEDULE)[]) => {
    const schedules = [...ofRuns, ANCHOR_SCHEDULE];
    aws.reply("scheduler:GetSchedule", (_, { input: { name, groupName } }) => {
      const found = schedules.find(({ Name, GroupName }) => Name === name && GroupName === groupName);
      return found ?? new AwsRefusal("ResourceNotFoundException", `Schedule ${name} does not exist in ${groupName}`);
    });
  };
  /** Changes alarms, by their short names. */
  const setAlarms = (changes: Changes<Record<string, unknown>> = {}) =>
    aws.reply("cloudwatch:DescribeAlarms", (_, { input: { AlarmNames } }) => ({
      MetricAlarms: (AlarmNames as string[]).flatMap((name) => describeAlarm(name, changes)),
    }));
  /** Runs the doctor, by default on the whole stack. Its clock is ahead of the server's. */
  const check = async (request: Partial<CheckRequest> = { stack: STACK }, clockAheadMs = 0) => {
    selectWorld();
    const config = readJobConfig({ ...servers.env, [ENV.tableName]: LOCAL_TABLE }, { keyElsewhere: true });
    const results: CheckResult[] = [];
    const doctorClock = { ...clock, now: () => clock.now() + clockAheadMs };
    for await (const result of runChecks({ accounts: [], config, ...request }, doctorClock)) results.push(result);
    sawOutput(results);
    return results;
  };
  /** Makes API and AWS healthy again. */
  const reset = () => {
    servers.cdp.clearFaults();
    setStack({});
    setSchedule();
    setAlarms();
    aws.reply("secretsmanager:GetSecretValue", { Name: SECRET, SecretString: servers.key.file });
    aws.reply("dynamodb:DescribeTable", describeTable({}));
    const PointInTimeRecoveryDescription = {
      PointInTimeRecoveryStatus: "ENABLED",
      EarliestRestorableDateTime: Date.parse("2026-10-20T10:00:00Z") / 1000,
    };
    const ContinuousBackupsDescription = { ContinuousBackupsStatus: "ENABLED", PointInTimeRecoveryDescription };
    aws.reply("dynamodb:DescribeContinuousBackups", { ContinuousBackupsDescription });
    aws.reply("dynamodb:DescribeTimeToLive", { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } });
  };
  /** Runs the command line in this process, at the world's time. */
  const balances = async (args: readonly string[], home: string, env: NodeJS.ProcessEnv = {}, clockAheadMs = 0) => {
    const ended = await runBalances(args, home, { ...servers.env, ...env }, clock.now() + clockAheadMs);
    sawOutput(ended.stdout);
    return ended;
  };
  reset();
  return {
    ...{
      servers,
      aws,
      clock,
      setStack,
      setSchedule,
      setSchedules,
      setAlarms,
      setTime,
      runSlot,
      runManually,
      check,
      reset,
    },
    /** Runs the doctor and returns the results of one check as text, see `textOf`. */
    textOf: async (name: Check, ...args: Parameters<typeof check>) => textOf(await check(...args), name),
    /** Runs the command `balances doctor` in this process. */
    runCommand: (args: readonly string[], home: string, clockAheadMs = 0) =>
      // The doctor does not read the job's list of accounts: it checks what the key sees.
      balances(["doctor", ...args], home, { [ENV.configurationFile]: "/nowhere" }, clockAheadMs),
    balances,
    close: servers.close,
  };
}

/** Describes the embedded table as a deployed one, with changes. */
export function describeTable(changes: Record<string, unknown>) {
  return ({ Table }: Record<string, unknown>) => ({
    Table: { ...Object(Table), DeletionProtectionEnabled: true, ...changes },
  });
}

export function withKeyFile(text: string): Pick<CheckRequest, "key"> {
  return { key: { file: "cdp_api_key.json", text } };
}

/** Runs one check without the others. */
export async function resultsOf(check: CheckResults<unknown>): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of check) results.push(result);
  return results;
}

/** Returns the status of each check; of a check with several results, the last one. */
export function statusByCheck(results: readonly CheckResult[]): Record<string, Status> {
  return Object.fromEntries(results.map(({ check, status }) => [check, status]));
}

/** Returns the results of a check as `status accountId: message → suggested fix`, one line each. */
export function textOf(results: readonly CheckResult[], check: Check): string {
  return results
    .filter((result) => result.check === check)
    .map(({ status, accountId, message, suggestedFix }) => {
      const subject = accountId === undefined ? status : `${status} ${accountId}`;
      return `${subject}: ${message}${suggestedFix === undefined ? "" : ` → ${suggestedFix}`}`;
    })
    .join("\n");
}

export const SCHEDULE = {
  Name: "schedule",
  GroupName: "group",
  State: "ENABLED",
  ScheduleExpression: "cron(0 * * * ? *)",
  ScheduleExpressionTimezone: "UTC",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: {
    Arn: FUNCTION_ARN,
    RoleArn: "arn:aws:iam::123456789012:role/schedule",
    Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
  },
};

/** The schedule that stores the chain heads, which a stack with `anchor` has. */
const ANCHOR_SCHEDULE = {
  ...{ ...SCHEDULE, Name: "anchor-schedule", GroupName: "anchor-group", ScheduleExpression: "cron(41 2 * * ? *)" },
  Target: { ...SCHEDULE.Target, Arn: `${FUNCTION_ARN}-anchor`, Input: "{}" },
};

function outputsOf({ cdp }: World): Record<string, string> {
  return {
    [OUTPUTS.tableName]: LOCAL_TABLE,
    [OUTPUTS.functionName]: "snapshot-function",
    [OUTPUTS.secretId]: SECRET,
    [OUTPUTS.alarmTopic]: TOPIC_ARN,
    [OUTPUTS.recordedAccounts]: ALL_ACCOUNTS,
    [OUTPUTS.apiBaseUrl]: cdp.url,
    [OUTPUTS.invokeCommand]: INVOKE_COMMAND,
    [OUTPUTS.putKeyCommand]: `aws secretsmanager put-secret-value --secret-id ${SECRET} --secret-string file://cdp_api_key.json`,
  };
}

function describeStack(StackStatus: string, outputs: Changes<string>) {
  const Outputs = Object.entries(outputs)
    .filter(([, value]) => value !== undefined)
    .map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  return { StackName: STACK, StackStatus, CreationTime: new Date(0), Outputs };
}

function summarize(resources: typeof RESOURCES, ResourceStatus = "CREATE_COMPLETE") {
  return Object.entries(resources).flatMap(([ResourceType, ids]) =>
    ids.map((PhysicalResourceId) => ({
      LogicalResourceId: PhysicalResourceId.replace(/\W/g, ""),
      PhysicalResourceId,
      ResourceType,
      ResourceStatus,
      LastUpdatedTimestamp: new Date(0),
    })),
  );
}

const ALARM_DESCRIPTIONS: Readonly<Record<string, string>> = {
  "account-failed": "At least one account has no snapshot for a slot.",
  "no-complete-run": "No scheduled run has completed all accounts for two periods of the schedule.",
};

function describeAlarm(AlarmName: string, changes: Changes<Record<string, unknown>>): object[] {
  const shortName = AlarmName.slice(STACK.length + 1);
  if (shortName in changes && changes[shortName] === undefined) return [];
  return [
    {
      AlarmName,
      AlarmDescription: `${ALARM_DESCRIPTIONS[shortName]} What to do: docs/runbook.md#${shortName}`,
      ActionsEnabled: true,
      AlarmActions: [TOPIC_ARN],
      StateValue: "OK",
      StateUpdatedTimestamp: Date.parse("2026-11-23T08:10:00Z") / 1000,
      ...changes[shortName],
    },
  ];
}
