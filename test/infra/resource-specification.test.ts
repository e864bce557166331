import { describe, expect, it } from "@jest/globals";
import { CONFIGURATIONS } from "./configurations.ts";
import { violations } from "./resource-specification.ts";
import { synth } from "./synth.ts";

describe("the CloudFormation resource specification", () => {
  it.each(CONFIGURATIONS)("finds no violation with %s", (_, flags) => {
    expect(violations(synth(flags).template.toJSON())).toEqual([]);
  });

  // CDK's own validation finds neither of these.
  it.each([
    ["a number instead of a string", { Type: "AWS::SQS::Queue", Properties: { QueueName: 7 } }, "7 is not a string"],
    [
      "a value that is not allowed",
      {
        Type: "AWS::Scheduler::Schedule",
        Properties: {
          ScheduleExpression: "rate(1 hour)",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: { Arn: "a", RoleArn: "b" },
          State: "ON",
        },
      },
      'State: "ON" is not one of ENABLED, DISABLED',
    ],
  ])("finds %s", (_, resource, expected) => {
    expect(violations({ Resources: { Example: resource } })).toEqual([expect.stringContaining(expected)]);
  });
});
