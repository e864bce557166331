import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { CfnResource } from "aws-cdk-lib";
import { CONFIGURATIONS } from "../configurations.ts";
import { makeStack } from "../synth.ts";

// All other suites leave it out: its rules take two seconds to load.
describe("CDK's own validation of the template", () => {
  it.each(CONFIGURATIONS)("has nothing to say with %s", (_, flags) => {
    const { app } = makeStack(flags, true);

    app.synth();

    const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8"));
    expect(report.pluginReports).toEqual([]);
  });

  it("ends the synthesis where something is wrong, as cdk.json asks for", () => {
    const { app, stack } = makeStack({}, true);
    new CfnResource(stack, "Wrong", { type: "AWS::SQS::Queue", properties: { Colour: "red" } });

    expect(() => app.synth()).toThrow("('Colour' was unexpected)");
  });
});
