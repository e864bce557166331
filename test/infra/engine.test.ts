import { LIMIT_WINDOW_MS } from "../../core/domain/limits.ts";
import { ENV } from "../../core/names/environment.ts";
import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION, STEP_FUNCTIONS } from "./configurations.ts";
import { deployedDefinition } from "./deployed-definition.ts";
import { synth } from "./synth.ts";
import {
  allow,
  attribute,
  environmentOf,
  functionId,
  functionProperties,
  functionRoleId,
  join,
  only,
  propertiesOf,
  pseudo,
  scheduleRoleId,
  statementsOf,
} from "./template.ts";

const STATE_MACHINE = "AWS::StepFunctions::StateMachine";
const ALARM = "AWS::CloudWatch::Alarm";

const { template: simple } = synth();
const { template } = synth({ engine: "stepFunctions" });
const { template: configured } = synth({ ...STEP_FUNCTIONS, logRetentionDays: 90, latenessMinutes: 20 });
const machineId = only(template, STATE_MACHINE);
const machine = propertiesOf(template, STATE_MACHINE);
const queueId = only(template, "AWS::SQS::Queue");
const logGroupId = only(template, "AWS::Logs::LogGroup", "Executions");

describe("the state machine of the engine stepFunctions", () => {
  it("is stated in the function's environment, because readers wait longer for its slots", () => {
    expect(environmentOf(template)).toMatchObject({ [ENV.engine]: "stepFunctions" });
    expect(environmentOf(simple)).not.toHaveProperty(ENV.engine);
  });

  it("exists only with this engine", () => {
    simple.resourceCountIs(STATE_MACHINE, 0);
    expect(simple.findOutputs("StateMachine*")).toEqual({});
    template.resourceCountIs(STATE_MACHINE, 1);
  });

  it("is a standard workflow that is traced, and logs all events without their data to its own log group", () => {
    expect(machine).toMatchObject({
      StateMachineType: "STANDARD",
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: {
        Level: "ALL",
        IncludeExecutionData: false,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: attribute(logGroupId) } }],
      },
    });
    expect(propertiesOf(configured, "AWS::Logs::LogGroup", "Executions")).toMatchObject({
      LogGroupName: "/aws/vendedlogs/states/cdp-balance-snapshots-long",
      RetentionInDays: 90,
      KmsKeyId: EVERY_OPTION.kmsKeyArn,
    });
  });

  it("may invoke the function, but none of its versions, and otherwise log and trace only", () => {
    expect(statementsOf(template, machine.RoleArn["Fn::GetAtt"][0])).toEqual([
      allow("lambda:InvokeFunction", attribute(functionId(template))),
      allow(
        [
          ...["CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies"],
          ...["GetLogDelivery", "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery"],
        ]
          .map((action) => `logs:${action}`)
          .concat(
            ["GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments"].map(
              (action) => `xray:${action}`,
            ),
          ),
        "*",
      ),
    ]);
  });

  it("has a role that only state machines of this account and region can assume", () => {
    const { [machine.RoleArn["Fn::GetAtt"][0]]: role } = template.findResources("AWS::IAM::Role");
    const arn = ["arn:", pseudo("Partition"), ":states:", pseudo("Region"), ":", pseudo("AccountId")];

    expect(role?.["Properties"].AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: "states.amazonaws.com" },
        Condition: {
          StringEquals: { "aws:SourceAccount": pseudo("AccountId") },
          ArnLike: { "aws:SourceArn": join([...arn, ":stateMachine:*"]) },
        },
      },
    ]);
  });

  it("waits for the window of the limiter between two invocations", () => {
    expect(deployedDefinition(template).States.Keys.ItemProcessor.States["Wait for the limit"]).toMatchObject({
      Type: "Wait",
      Seconds: LIMIT_WINDOW_MS / 1000,
    });
  });

  it("stops an execution only after its slot is too late, its last invocation and the attempts to record that", () => {
    const invocations = 4 * 16 * 60;
    const pauses = 60 + 120;

    expect(deployedDefinition(template).TimeoutSeconds).toBe(3600 + invocations + pauses);
    expect(deployedDefinition(configured).TimeoutSeconds).toBe(20 * 60 + invocations + pauses);
  });
});

describe("the state machine of several keys", () => {
  const keys = { emea: { secretName: "prod/emea", latenessMinutes: 30 }, us: { secretName: "prod/us" } };
  const { template: several } = synth({ engine: "stepFunctions", keys: JSON.stringify(keys) });

  it("knows the names of the keys, and has time for the one with the longest lateness limit", () => {
    const { States, TimeoutSeconds } = deployedDefinition(several);

    expect(States.Keys.Items).toContain('["emea","us"]');
    expect(TimeoutSeconds).toBe(deployedDefinition(template).TimeoutSeconds);
  });

  it("is started by one schedule per key, with the key's name", () => {
    const targets = Object.values(several.findResources("AWS::Scheduler::Schedule")).flatMap(
      ({ Properties: { Target } }) => (JSON.stringify(Target).includes("scheduledTime") ? Target : []),
    );

    expect(targets.map(({ Arn }) => Arn)).toEqual([{ Ref: machineId }, { Ref: machineId }]);
    expect(targets.map(({ Input }) => JSON.parse(Input).key)).toEqual(["emea", "us"]);
  });
});

describe("the function of the engine stepFunctions", () => {
  it("has no settings for asynchronous events, which nobody sends", () => {
    template.resourceCountIs("AWS::Lambda::EventInvokeConfig", 0);
    expect(functionProperties(template)).not.toHaveProperty("DeadLetterConfig");
    expect(JSON.stringify(statementsOf(configured, functionRoleId(configured)))).not.toMatch(/sqs/);
  });

  it("is otherwise that of the engine lambda", () => {
    const { Environment: _, DeadLetterConfig: __, ...others } = functionProperties(simple);

    expect(functionProperties(template)).toMatchObject(others);
  });
});

describe("the schedule of the engine stepFunctions", () => {
  it("starts executions with the same events, and has the same dead-letter queue and retries", () => {
    const { Target, ...schedule } = propertiesOf(template, "AWS::Scheduler::Schedule", "scheduledTime");
    const { Target: simpleTarget, ...simpleSchedule } = propertiesOf(
      simple,
      "AWS::Scheduler::Schedule",
      "scheduledTime",
    );

    expect(schedule).toEqual(simpleSchedule);
    expect(Target).toEqual({ ...simpleTarget, Arn: { Ref: machineId } });
  });

  it("has a role that can start executions of this state machine and send dead letters, nothing else", () => {
    expect(statementsOf(template, scheduleRoleId(template))).toEqual([
      allow("states:StartExecution", { Ref: machineId }),
      allow("sqs:SendMessage", attribute(queueId)),
    ]);
  });
});

describe("the alarms of the engine stepFunctions", () => {
  const alarmsOf = (one: typeof template) =>
    new Map(
      Object.values(one.findResources(ALARM)).map(({ Properties }) => [
        Properties.AlarmName.replace("cdp-balance-snapshots-", ""),
        Properties,
      ]),
    );
  const alarms = alarmsOf(template);

  it.each([
    ["execution-failed", "ExecutionsFailed", "Sum", 1],
    ["execution-timed-out", "ExecutionsTimedOut", "Sum", 1],
    ["execution-aborted", "ExecutionsAborted", "Sum", 1],
    ["execution-throttled", "ExecutionThrottled", "Sum", 1],
  ])("include %s", (name, MetricName, Statistic, Threshold) => {
    expect(alarms.get(name)).toMatchObject({
      Namespace: "AWS/States",
      Dimensions: [{ Name: "StateMachineArn", Value: { Ref: machineId } }],
      ...{ MetricName, Statistic, Threshold },
      TreatMissingData: "notBreaching",
    });
  });

  it("compare the time that all invocations of a run took with 80 % of the hour after which its slot is too late", () => {
    expect(alarms.get("near-timeout")).toMatchObject({
      ...{ Namespace: "CdpBalanceSnapshots", MetricName: "Duration", Statistic: "Maximum", Threshold: 2_880_000 },
      Dimensions: [{ Name: "service", Value: "cdp-balance-snapshots" }],
    });
  });

  it("stay on from one run to the next, although a run may take until its slot is too late", () => {
    expect(alarms.get("account-failed")).toMatchObject({ Period: 300, EvaluationPeriods: 24 });
    expect(alarmsOf(simple).get("account-failed")).toMatchObject({ Period: 300, EvaluationPeriods: 15 });
  });

  it("wait as long for complete runs, which may end just before their slot is too late", () => {
    expect(alarms.get("no-complete-run")).toMatchObject({ EvaluationPeriods: 36, DatapointsToAlarm: 36 });
    expect(alarmsOf(simple).get("no-complete-run")).toMatchObject({ EvaluationPeriods: 27, DatapointsToAlarm: 27 });
  });

  it("are otherwise those of the engine lambda, except the one on dead letters of the function", () => {
    const names = [...alarms.keys()].filter((name) => !name.startsWith("execution-")).sort();

    expect(names).toEqual([...alarmsOf(simple).keys()].filter((name) => name !== "function-dead-letters-lost").sort());
  });
});
