import { OUTPUTS } from "../../core/names/outputs.ts";
import type { DoctorWorld } from "../support/doctor.ts";
import { type KeysDoctor, scheduleOf, startKeysDoctor } from "../support/doctor-keys.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { AwsRefusal, DENIED } from "../support/world/aws.ts";

let doctor: KeysDoctor;
let world: DoctorWorld;
beforeAll(async () => {
  doctor = await startKeysDoctor();
  world = doctor.world;
});
beforeEach(() => doctor.reset());
afterAll(() => world.close());

describe("the checks of a stack with a state machine", () => {
  const ARN = "arn:aws:states:eu-central-1:123456789012:stateMachine:Snapshots";
  const at = (time: string) => Date.parse(`2026-11-23T${time}:00Z`) / 1000;
  const execution = (status: string, start: string, stop?: string) => ({
    ...{ executionArn: `${ARN}:${start}`, stateMachineArn: ARN, name: start, status, startDate: at(start) },
    ...(stop && { stopDate: at(stop) }),
  });
  beforeEach(() => {
    doctor.setStack({ [OUTPUTS.stateMachineArn]: ARN });
    // Without a key, the API is not asked.
    world.aws.reply("secretsmanager:GetSecretValue", DENIED);
  });
  const executionsAre = (...executions: object[]) => world.aws.reply("states:ListExecutions", { executions });

  it.each<[string, object[], RegExp]>([
    [
      "pass if the last one succeeded, and name one in progress after it",
      [execution("RUNNING", "09:50"), execution("SUCCEEDED", "09:00", "09:20")],
      /^passed: the last execution succeeded at 2026-11-23T09:20:00.000Z; 1 execution in progress, the oldest for 10 minutes$/,
    ],
    ["warn if there was none", [], /^warning: it has no execution yet → Start one now/],
    [
      "fail if that of one of the keys failed",
      [execution("SUCCEEDED", "09:01", "09:20"), execution("FAILED", "09:00", "09:30")],
      /^failed: the execution 09:00 is FAILED: started .*09:00.*, ended .*09:30.* → See docs\/runbook\.md#execution-failed\. .* aws stepfunctions redrive-execution --execution-arn arn\S+:09:00$/,
    ],
    [
      "fail if the last one of a key with a rare schedule failed, after many others",
      [
        ...Array.from({ length: 200 }, () => execution("SUCCEEDED", "08:00", "08:20")),
        execution("FAILED", "06:00", "06:30"),
      ],
      /^failed: the execution 06:00 is FAILED/,
    ],
    [
      "fail if one that was started by hand failed",
      [execution("FAILED", "09:40", "09:45"), execution("SUCCEEDED", "09:00", "09:20")],
      /^failed: the execution 09:40 is FAILED/,
    ],
    [
      "do not look at executions of older slots than the last of each key",
      [
        execution("SUCCEEDED", "09:01", "09:20"),
        execution("FAILED", "08:00", "08:30"),
        execution("SUCCEEDED", "06:00", "06:30"),
      ],
      /^passed: /,
    ],
  ])("%s", async (_, executions, expected) => {
    executionsAre(...executions);

    expect(await world.textOf("state machine")).toMatch(expected);
  });

  it.each([
    ["fails if it was deleted", new AwsRefusal("StateMachineDoesNotExist"), /^failed: it was deleted: .*cdk deploy$/],
    [
      "warns if its executions may not be listed",
      DENIED,
      /^warning: .* → Allow states:ListExecutions on the state machine arn/,
    ],
  ])("%s", async (_, refusal, expected) => {
    world.aws.reply("states:ListExecutions", refusal);

    expect(await world.textOf("state machine")).toMatch(expected);
  });

  it("expect the schedules to start it", async () => {
    executionsAre();
    const target = (key: string, Arn: string) => scheduleOf(key, { Target: { ...scheduleOf(key).Target, Arn } });
    world.setSchedules([target("emea", ARN), scheduleOf("us")]);

    const text = await world.textOf("schedule");

    expect(text).toMatch(/^passed: .* is ENABLED/);
    expect(text).toMatch(/\nfailed: .* instead of the stack's state machine arn:aws:states:\S+:Snapshots/);
  });
});
