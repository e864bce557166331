import { Template } from "aws-cdk-lib/assertions";
import { CURRENTLY_RECOMMENDED_FLAGS } from "aws-cdk-lib/cx-api";
import { readConfig } from "../../infra/config/context.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { contextWith, EVERY_OPTION } from "./configurations.ts";
import { createApp } from "./create-stack.ts";
import { synth } from "./synth.ts";
import { resourcesOf } from "./template.ts";

describe("the feature flags in cdk.json", () => {
  const { balanceSnapshots: _, ...flags } = contextWith({});

  it("are those that CDK recommends; for new ones run npx cdk flags --unstable=flags --set --unconfigured --recommended", () => {
    expect(flags).toEqual({
      ...CURRENTLY_RECOMMENDED_FLAGS,
      // CDK leaves GovCloud out, so a table of values by region would lack its regions.
      "@aws-cdk/core:target-partitions": ["aws", "aws-cn", "aws-us-gov"],
    });
  });

  it("change no logical ID, so that an app with other flags can use the construct and keep its data", () => {
    const context = { "aws:cdk:bundling-stacks": [], balanceSnapshots: EVERY_OPTION };
    const app = createApp(context, newFolder());
    const without = Template.fromStack(new BalanceSnapshotsStack(app, readConfig(app.node)));

    const typesById = (template: Template) =>
      Object.fromEntries(resourcesOf(template).map(([id, { Type }]) => [id, Type]));
    expect(typesById(without)).toEqual(typesById(synth(EVERY_OPTION).template));
  });
});
