import { describe, expect, it } from "@jest/globals";
import type { Template } from "aws-cdk-lib/assertions";
import { accountId } from "../configurations.ts";
import { synth } from "../synth.ts";
import { attribute, functionId, join, only, propertiesOf, pseudo, statementsOf } from "../template.ts";

const { template } = synth();
const SCHEMA = "AWS::EventSchemas::Schema";
const REGISTRY = "lambda-testevent-schemas";

const contentOf = (of: Template) => JSON.parse(propertiesOf(of, SCHEMA).Content);

describe("the test events", () => {
  it("are in the registry and schema where the Lambda console looks for them", () => {
    expect(propertiesOf(template, SCHEMA)).toMatchObject({
      RegistryName: REGISTRY,
      SchemaName: join(["_", { Ref: functionId(template) }, "-schema"]),
      Type: "OpenApi3",
    });
  });

  it("are the examples of an OpenAPI document", () => {
    const { openapi, paths, components } = contentOf(template);

    expect({ openapi, paths }).toEqual({ openapi: "3.0.0", paths: {} });
    expect(components.examples).toEqual({
      "Snapshot now": { value: {} },
      "Dry run": { value: { dryRun: true } },
      "One account": { value: { accounts: ["account_00000000-0000-0000-0000-000000000000"] } },
      "Redo a slot": { value: { scheduledTime: "2026-11-23T10:00:00Z" } },
    });
  });

  it("use the first configured account as an example", () => {
    const { template: listed } = synth({ accounts: `${accountId(7)},${accountId(8)}` });

    expect(contentOf(listed).components.examples["One account"]).toEqual({ value: { accounts: [accountId(7)] } });
  });

  it("depend on a custom resource that creates the registry if it is missing, and never deletes it", () => {
    const registryId = only(template, "Custom::AWS");
    const { Create, Update, Delete } = propertiesOf(template, "Custom::AWS");

    expect(template.findResources(SCHEMA)[only(template, SCHEMA)]?.["DependsOn"]).toContain(registryId);
    expect(JSON.parse(Create)).toEqual({
      service: "schemas",
      action: "CreateRegistry",
      parameters: { RegistryName: REGISTRY },
      physicalResourceId: { id: REGISTRY },
      ignoreErrorCodesMatching: "ConflictException",
    });
    expect(Update).toBe(Create);
    expect(Delete).toBeUndefined();
    template.resourceCountIs("AWS::EventSchemas::Registry", 0);
  });

  it("need only the permissions to create that registry and to write logs", () => {
    expect(statementsOf(template, only(template, "AWS::IAM::Role", "TestEvents"))).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: attribute(only(template, "AWS::Logs::LogGroup", "TestEvents")),
      },
      {
        Effect: "Allow",
        Action: "schemas:CreateRegistry",
        Resource: join([
          "arn:",
          pseudo("Partition"),
          ":schemas:",
          pseudo("Region"),
          ":",
          pseudo("AccountId"),
          `:registry/${REGISTRY}`,
        ]),
      },
    ]);
  });

  it("can be disabled, which also removes the custom resource and its function", () => {
    const { template: without } = synth({ testEvents: "false" });

    without.resourceCountIs(SCHEMA, 0);
    without.resourceCountIs("Custom::AWS", 0);
    without.resourceCountIs("AWS::Lambda::Function", 1);
  });
});
