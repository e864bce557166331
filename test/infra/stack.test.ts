import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import { describe, expect, it } from "@jest/globals";
import type { Template } from "aws-cdk-lib/assertions";
import { EVERY_OPTION } from "./configurations.ts";
import { synth } from "./synth.ts";
import { environmentOf, only, resourcesOf } from "./template.ts";

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);

describe("the stack with its default configuration", () => {
  it("consists of these resources", () => {
    const counts: Record<string, number> = {};
    for (const [, { Type }] of resourcesOf(template)) counts[Type] = (counts[Type] ?? 0) + 1;

    expect(counts).toEqual({
      "AWS::CloudWatch::Alarm": 11,
      "AWS::CloudWatch::Dashboard": 1,
      "AWS::DynamoDB::GlobalTable": 1,
      "AWS::EventSchemas::Schema": 1,
      "AWS::IAM::Policy": 4,
      "AWS::IAM::Role": 3,
      "AWS::KMS::Key": 1,
      "AWS::Lambda::EventInvokeConfig": 1,
      "AWS::Lambda::Function": 2,
      "AWS::Logs::LogGroup": 2,
      "AWS::Logs::QueryDefinition": 3,
      "AWS::SNS::Topic": 1,
      "AWS::SNS::TopicPolicy": 1,
      "AWS::SQS::Queue": 1,
      "AWS::SQS::QueuePolicy": 1,
      "AWS::Scheduler::Schedule": 1,
      "AWS::Scheduler::ScheduleGroup": 1,
      "AWS::SecretsManager::Secret": 1,
      "Custom::AWS": 1,
    });
  });
});

describe("deleting the stack", () => {
  it.each([
    ["the defaults", template, ["AWS::DynamoDB::GlobalTable", "AWS::SecretsManager::Secret"]],
    [
      "every option",
      full,
      ["AWS::Backup::BackupVault", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"],
    ],
  ])("with %s retains everything that holds data, and nothing else", (_, of, expected) => {
    const retained = resourcesOf(of).filter(([, { DeletionPolicy }]) => DeletionPolicy === "Retain");

    expect(retained.map(([, { Type }]) => Type).sort()).toEqual(expected);
    for (const [, { UpdateReplacePolicy }] of retained) expect(UpdateReplacePolicy).toBe("Retain");
  });

  it("deletes the logs and the schedule group, whose fixed names would block another deployment", () => {
    for (const type of ["AWS::Logs::LogGroup", "AWS::Scheduler::ScheduleGroup"]) {
      for (const { DeletionPolicy } of Object.values(full.findResources(type))) expect(DeletionPolicy).toBe("Delete");
    }
  });
});

describe("stages", () => {
  it("have different fixed names, so that two can be deployed to one AWS account", () => {
    const dev = fixedNames(full);
    const prod = fixedNames(synth({ ...EVERY_OPTION, stage: "prod" }).template);

    expect(dev.length).toBeGreaterThan(1);
    expect(dev).toHaveLength(prod.length);
    expect(dev.filter((name) => prod.includes(name))).toEqual([]);
  });

  it("have different service names in logs and metrics", () => {
    expect(environmentOf(full)["POWERTOOLS_SERVICE_NAME"]).toBe("cdp-balance-snapshots-dev");
    expect(environmentOf(template)["POWERTOOLS_SERVICE_NAME"]).toBe("cdp-balance-snapshots");
  });
});

describe("tags", () => {
  it("are on every resource that supports them", () => {
    const db = loadAwsServiceSpecSync();
    const { template: tagged } = synth({ ...EVERY_OPTION, tags: "team=finance,cost-center=a=b" });
    // CDK cannot tag these.
    const untagged = ["AWS::EC2::VPCGatewayAttachment", "AWS::Lambda::LayerVersion", "AWS::Lambda::EventInvokeConfig"];
    const taggable = resourcesOf(tagged).filter(([, { Type }]) => {
      const [type] = [...db.lookup("resource", "cloudFormationType", "equals", Type)];
      return type?.tagInformation !== undefined && !untagged.includes(Type);
    });

    const incomplete = taggable.filter(([, { Properties }]) => {
      const text = JSON.stringify(Properties);
      return !["application", "stack", "stage", "team", "cost-center"].every((key) => text.includes(`"${key}"`));
    });

    expect(taggable.length).toBeGreaterThan(10);
    expect(incomplete.map(([id, { Type }]) => `${id} ${Type}`)).toEqual([]);
  });

  it("name the application, the stack and the stage", () => {
    const { [only(full, "AWS::SQS::Queue")]: queue } = full.findResources("AWS::SQS::Queue");

    expect(queue?.["Properties"].Tags).toEqual([
      { Key: "application", Value: "cdp-balance-snapshots" },
      { Key: "stack", Value: "cdp-balance-snapshots-dev" },
      { Key: "stage", Value: "dev" },
      { Key: "team", Value: "finance" },
    ]);
  });
});

/** Returns the names in a template that must be unique in an AWS account and region. */
function fixedNames(of: Template): string[] {
  const db = loadAwsServiceSpecSync();
  return resourcesOf(of).flatMap(([, { Type, Properties = {} }]) => {
    const [type] = [...db.lookup("resource", "cloudFormationType", "equals", Type)];
    // The identifier if it is a single property, and names by convention: `QueueName` of an AWS::SQS::Queue.
    const { primaryIdentifier: [identifier = "", ...more] = [], name = "" } = type ?? {};
    const names = more.length === 0 ? [identifier, "Name", `${name}Name`] : ["Name", `${name}Name`];
    return Object.entries(Properties).flatMap(([key, value]) =>
      names.includes(key) && typeof value === "string" && Type !== "AWS::IAM::Policy"
        ? [`${Type} ${key} ${value}`]
        : [],
    );
  });
}
