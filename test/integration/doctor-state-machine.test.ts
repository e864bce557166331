import { checkStateMachine } from "../../cli/doctor/state-machine.ts";
import type { Schedule } from "../../core/domain/history-source.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { resultsOf, STACK, textOf } from "../support/doctor.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { AwsRefusal, DENIED, type LocalAws, startAws } from "../support/world/aws.ts";

// The check of the state machine of a stack with two keys, one of which has a rare schedule.

let aws: LocalAws;
beforeAll(async () => {
  aws = await startAws();
  Object.assign(process.env, aws.env);
});
afterAll(() => aws.close());

describe("the check of the state machine", () => {
  const ARN = "arn:aws:states:eu-central-1:123456789012:stateMachine:Snapshots";
  const at = (time: string) => Date.parse(`2026-11-23T${time}:00Z`) / 1000;
  const execution = (status: string, start: string, stop?: string) => ({
    ...{ executionArn: `${ARN}:${start}`, stateMachineArn: ARN, name: start, status, startDate: at(start) },
    ...(stop && { stopDate: at(stop) }),
  });
  const stack = {
    ...{ name: STACK, status: "UPDATE_COMPLETE" },
    outputs: new Map([
      [OUTPUTS.stateMachineArn, ARN],
      [OUTPUTS.keys, "emea,us"],
    ]),
  };
  const schedules: Schedule[] = ["cron(0 * * * ? *)", "cron(0 6 * * ? *)"].map((expression) => ({
    ...{ expression, timezone: "UTC" },
  }));
  const check = async () =>
    textOf(await resultsOf(checkStateMachine(stack, schedules, at("10:00") * 1000)), "state machine");

  it.each<[string, object[], RegExp]>([
    [
      "passes if the last one succeeded, and names one in progress after it",
      [execution("RUNNING", "09:50"), execution("SUCCEEDED", "09:00", "09:20")],
      /^passed: the last execution succeeded at 2026-11-23T09:20:00.000Z; 1 execution in progress, the oldest for 10 minutes$/,
    ],
    ["warns if there was none", [], /^warning: it has no execution yet → Start one now/],
    [
      "fails if that of one of the keys failed",
      [execution("SUCCEEDED", "09:01", "09:20"), execution("FAILED", "09:00", "09:30")],
      /^failed: the execution 09:00 is FAILED: started .*09:00.*, ended .*09:30.* → See docs\/runbook\.md#execution-failed\. .* aws stepfunctions redrive-execution --execution-arn arn\S+:09:00$/,
    ],
    [
      "fails if the last one of a key with a rare schedule failed, after many others",
      [
        ...Array.from({ length: 200 }, () => execution("SUCCEEDED", "08:00", "08:20")),
        execution("FAILED", "06:00", "06:30"),
      ],
      /^failed: the execution 06:00 is FAILED/,
    ],
    [
      "fails if one that was started by hand failed",
      [execution("FAILED", "09:40", "09:45"), execution("SUCCEEDED", "09:00", "09:20")],
      /^failed: the execution 09:40 is FAILED/,
    ],
    [
      "does not look at executions of older slots than the last of each key",
      [
        execution("SUCCEEDED", "09:01", "09:20"),
        execution("FAILED", "08:00", "08:30"),
        execution("SUCCEEDED", "06:00", "06:30"),
      ],
      /^passed: /,
    ],
  ])("%s", async (_, executions, expected) => {
    aws.reply("states:ListExecutions", { executions });

    expect(await check()).toMatch(expected);
  });

  it.each([
    ["fails if it was deleted", new AwsRefusal("StateMachineDoesNotExist"), /^failed: it was deleted: .*cdk deploy$/],
    [
      "warns if its executions may not be listed",
      DENIED,
      /^warning: .* → Allow states:ListExecutions on the state machine arn/,
    ],
  ])("%s", async (_, refusal, expected) => {
    aws.reply("states:ListExecutions", refusal);

    expect(await check()).toMatch(expected);
  });
});
