import { describe, expect, it } from "@jest/globals";
import { synth } from "./synth.ts";
import "./stack/data-safety.ts";
import "./stack/delivery.ts";
import "./stack/function.ts";
import "./stack/head-anchor.ts";
import "./stack/nag.ts";
import "./stack/permissions.ts";
import "./stack/schedule.ts";
import "./stack/secret.ts";
import "./stack/specification.ts";
import "./stack/stages.ts";
import "./stack/static-egress.ts";
import "./stack/table.ts";
import "./stack/validation.ts";

// What is deployed. All in one file, for jest loads aws-cdk-lib anew for each. A single one runs by
// npm test -- --testMatch "**/infra/stack/table.ts"

describe("the stack", () => {
  it("is this", () => {
    const masked = JSON.stringify(synth().template.toJSON()).replace(/[0-9a-f]{64}\.zip/g, "<asset>.zip");

    expect(JSON.parse(masked)).toMatchSnapshot();
  });
});
