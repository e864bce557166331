import { describe, expect, it } from "@jest/globals";
import { CONFIGURATIONS } from "../configurations.ts";
import { violations } from "../specification.ts";
import { synth } from "../synth.ts";

describe("the CloudFormation resource specification", () => {
  it.each(CONFIGURATIONS)("is kept by every resource with %s", (_, flags) => {
    const { template } = synth(flags);

    expect(violations(template.toJSON())).toEqual([]);
  });

  // The check itself, by templates that are wrong in one thing each.
  it.each([
    ["a type that does not exist", { Type: "AWS::SQS::Que", Properties: {} }, "no such resource"],
    ["an unknown property", { Type: "AWS::SQS::Queue", Properties: { Colour: "red" } }, "Colour is unknown"],
    ["a missing property", { Type: "AWS::IAM::Role", Properties: {} }, "AssumeRolePolicyDocument is missing"],
    [
      "a number in place of a text",
      { Type: "AWS::SQS::Queue", Properties: { QueueName: 7 } },
      "QueueName: 7 is no string",
    ],
    [
      "a value that is not among the allowed ones",
      { Type: "AWS::Scheduler::Schedule", Properties: { ...minimalSchedule(), State: "ON" } },
      'State: "ON" is none of ENABLED, DISABLED',
    ],
    [
      "a wrong property deep within",
      { Type: "AWS::Scheduler::Schedule", Properties: { ...minimalSchedule(), Target: { Arn: "a" } } },
      "Target: RoleArn is missing",
    ],
    ["an unknown attribute", { Type: "AWS::SQS::Queue", Retain: true }, "unknown attribute Retain"],
  ])("is broken by %s", (_, resource, expected) => {
    expect(violations({ Resources: { It: resource } })).toEqual([expect.stringContaining(expected)]);
  });

  function minimalSchedule() {
    return {
      ScheduleExpression: "rate(1 hour)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: { "Fn::GetAtt": ["Fn", "Arn"] }, RoleArn: "b" },
    };
  }
});
