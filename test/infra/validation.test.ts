import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { CfnResource } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { CONFIGURATIONS, EVERY_OPTION } from "./configurations.ts";
import { violations } from "./resource-specification.ts";
import { createStack, synth } from "./synth.ts";

describe("the CloudFormation resource specification", () => {
  it.each(CONFIGURATIONS)("finds no violation with %s", (_, flags) => {
    expect(violations(synth(flags).template.toJSON())).toEqual([]);
  });

  const minimalSchedule = {
    ScheduleExpression: "rate(1 hour)",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target: { Arn: { "Fn::GetAtt": ["Fn", "Arn"] }, RoleArn: "b" },
  };

  it.each([
    ["an unknown type", { Type: "AWS::SQS::Que", Properties: {} }, "unknown type"],
    ["an unknown property", { Type: "AWS::SQS::Queue", Properties: { Colour: "red" } }, "Colour is unknown"],
    ["a missing property", { Type: "AWS::IAM::Role", Properties: {} }, "AssumeRolePolicyDocument is missing"],
    ["a number instead of a string", { Type: "AWS::SQS::Queue", Properties: { QueueName: 7 } }, "7 is not a string"],
    [
      "a value that is not allowed",
      { Type: "AWS::Scheduler::Schedule", Properties: { ...minimalSchedule, State: "ON" } },
      'State: "ON" is not one of ENABLED, DISABLED',
    ],
    [
      "an invalid nested property",
      { Type: "AWS::Scheduler::Schedule", Properties: { ...minimalSchedule, Target: { Arn: "a" } } },
      "Target: RoleArn is missing",
    ],
    ["an unknown attribute", { Type: "AWS::SQS::Queue", Retain: true }, "unknown attribute Retain"],
  ])("finds %s", (_, resource, expected) => {
    expect(violations({ Resources: { Example: resource } })).toEqual([expect.stringContaining(expected)]);
  });
});

describe("cdk-nag", () => {
  // Run directly: as a plugin of the app it would set this process's exit code and print a report.
  it.each([
    ["the defaults", {}],
    ["every option", EVERY_OPTION],
  ])("finds no unacknowledged violation of AwsSolutions with %s", (_, flags) => {
    const { violations: found } = new AwsSolutionsChecks().validateScope(synth(flags).app);

    expect(
      found.map(({ ruleName, violatingResources }) => [
        ruleName,
        ...violatingResources.map(({ constructPath }) => constructPath),
      ]),
    ).toEqual([]);
  });
});

// All other tests disable it, because its rules take two seconds to load.
describe("CDK's own validation of the template", () => {
  it.each(CONFIGURATIONS)("reports nothing with %s", (_, flags) => {
    const { app } = createStack(flags, true);

    app.synth();

    const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8"));
    expect(report.pluginReports).toEqual([]);
  });

  it("fails the synthesis of an invalid template", () => {
    const { app, stack } = createStack({}, true);
    new CfnResource(stack, "Invalid", { type: "AWS::SQS::Queue", properties: { Colour: "red" } });

    expect(() => app.synth()).toThrow("('Colour' was unexpected)");
  });
});
