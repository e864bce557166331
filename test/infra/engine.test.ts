import { LIMIT_WINDOW_MS } from "../../core/domain/limits.ts";
import { ENV } from "../../core/names/environment.ts";
import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION, STEP_FUNCTIONS } from "./configurations.ts";
import { deployedDefinition } from "./deployed-definition.ts";
import { synth } from "./synth.ts";
import {
  attribute,
  environmentOf,
  functionProperties,
  functionRoleId,
  only,
  propertiesOf,
  statementsOf,
} from "./template.ts";

const STATE_MACHINE = "AWS::StepFunctions::StateMachine";

const { template: simple } = synth();
const { template } = synth({ engine: "stepFunctions" });
const { template: configured } = synth({ ...STEP_FUNCTIONS, logRetentionDays: 90, latenessMinutes: 20 });
const machineId = only(template, STATE_MACHINE);
const machine = propertiesOf(template, STATE_MACHINE);
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
});
