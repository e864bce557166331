import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CfnResource } from "aws-cdk-lib";
import { CONFIGURATIONS } from "../infra/configurations.ts";
import { createStack } from "../infra/create-stack.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

// All other tests disable it, because it takes ten seconds. The compiler checks the same for CDK's classes, which are generated
// from the same specification.
describe("CDK's validation against the CloudFormation resource specification", () => {
  it.each(CONFIGURATIONS)("reports nothing with %s", (_, flags) => {
    const { app } = createStack(flags, newFolder(), true);

    app.synth();

    const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8"));
    // CDK itself suppresses the warning about a configured availability zone.
    expect(report.pluginReports.flatMap(({ violations }: { violations: unknown[] }) => violations)).toEqual([]);
  });

  it("fails the synthesis with an unknown type or property, and a missing property", () => {
    const { app, stack } = createStack({}, newFolder(), true);
    new CfnResource(stack, "Type", { type: "AWS::SQS::Que" });
    new CfnResource(stack, "Property", { type: "AWS::SQS::Queue", properties: { Colour: "red" } });
    new CfnResource(stack, "Missing", { type: "AWS::IAM::Role" });

    expect(() => app.synth()).toThrow(
      /Colour.* was unexpected[\s\S]+AssumeRolePolicyDocument.* is a required[\s\S]+Unknown resource type/,
    );
  });
});
