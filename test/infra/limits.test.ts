import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { ENV } from "../../core/names/environment.ts";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { accountId, LONGEST, MOST_KEYS } from "./configurations.ts";
import { createStack, createTestApp } from "./create-stack.ts";
import { type Conditions, evaluate } from "./intrinsics.ts";
import { synth } from "./synth.ts";
import { environmentOf, resourcesOf, widgetsOf } from "./template.ts";

/**
 * Returns a long value of a reference. The region, its partition and the account have at most 16 characters
 * (`ap-southeast-7`), and no name or ARN that AWS generates for the stack has more than 256.
 */
const reference = (id: string) => "x".repeat(/^AWS::(?!Stack)/.test(id) ? 16 : 256);

/** Returns functions that measure the resources of a template as they are deployed. */
function measure(template: Template) {
  const deployed = (value: unknown) => evaluate(value, reference, template.findConditions("*") as Conditions);
  const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(deployed(value)));
  return {
    bytesOf,
    /** Returns the size of a property, such as a policy document, of each resource of a type, without white space. */
    sizesOf: (type: string, property: string) =>
      propertiesOfAll(template, type).map(({ [property]: value }) =>
        typeof deployed(value) === "string" ? String(deployed(value)).length : bytesOf(value),
      ),
  };
}

const propertiesOfAll = (template: Template, type: string) =>
  Object.values(template.findResources(type)).map(({ Properties = {} }) => Properties);

// Sizes that the specification does not know. The rest is part of it, and test/exhaustive/cdk-validation.test.ts checks it.
describe.each([
  ["the longest valid value of every key", LONGEST, ["accounts", "explainedMoves"]],
  ["the most API keys", MOST_KEYS, ["keys", "explainedMoves"]],
])("with %s", (_, flags, inFile) => {
  const { template, app } = synth(flags);
  const resources = resourcesOf(template);
  const { bytesOf, sizesOf } = measure(template);

  it.each([
    // https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
    ["AWS::SNS::Topic", "DisplayName", 100],
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
    ["AWS::CloudWatch::Dashboard", "DashboardName", 255],
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    ["AWS::IAM::ManagedPolicy", "PolicyDocument", 6_144],
    // https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
    ["AWS::KMS::Key", "KeyPolicy", 32 * 1024],
    // https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
    ["AWS::SNS::TopicPolicy", "PolicyDocument", 30 * 1024],
    // https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-endpoints
    ["AWS::EC2::VPCEndpoint", "PolicyDocument", 20_480],
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
    ["AWS::S3::BucketPolicy", "PolicyDocument", 20 * 1024],
  ])("%s stays within its limit", (type, property, limit) => {
    const sizes = sizesOf(type, property);

    expect(sizes.length).toBeGreaterThan(0);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(limit);
  });

  it("the inline policies of a role stay within 10,240 characters", () => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    const sizes = new Map<string, number>();
    for (const { Roles, PolicyDocument } of propertiesOfAll(template, "AWS::IAM::Policy")) {
      const role = JSON.stringify(Roles);
      sizes.set(role, (sizes.get(role) ?? 0) + bytesOf(PolicyDocument));
    }

    expect(sizes.size).toBeGreaterThan(3);
    for (const size of sizes.values()) expect(size).toBeLessThanOrEqual(10_240);
  });

  it("the template stays within 1 MB, 500 resources and 200 outputs, and a resource within 50 tags", () => {
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    const [name = ""] = readdirSync(app.outdir).filter((file) => file.endsWith(".template.json"));
    expect(statSync(join(app.outdir, name)).size).toBeLessThanOrEqual(1_000_000);
    expect(resources.length).toBeLessThanOrEqual(500);
    const outputs = Object.values(template.findOutputs("*"));
    expect(outputs.length).toBeLessThanOrEqual(200);
    for (const { Value } of outputs) expect(bytesOf(Value)).toBeLessThanOrEqual(4096);
    for (const [, { Properties = {} }] of resources)
      expect(Object.keys(Properties["Tags"] ?? {}).length).toBeLessThanOrEqual(50);
  });

  it("the file in the layer stays within 5 MB, of the 250 MB of a function", () => {
    const files = readdirSync(app.outdir, { recursive: true, encoding: "utf8" });
    const [file = ""] = files.filter((name) => name.endsWith("configuration.json"));

    const content = JSON.parse(readFileSync(join(app.outdir, file), "utf8"));
    expect(Object.keys(content)).toEqual(inFile);
    expect(statSync(join(app.outdir, file)).size).toBeLessThanOrEqual(5_000_000);
  });
});

describe("twenty created secrets", () => {
  const { template } = synth(MOST_KEYS);

  it("fit into the environment", () => {
    const ids = evaluate(environmentOf(template)[ENV.apiKeySecretIds], reference);

    expect(Object.keys(JSON.parse(String(ids)))).toHaveLength(20);
  });

  it("have their alarms in two widgets of the dashboard, because one has at most a hundred", () => {
    expect(widgetsOf(template).flatMap(({ properties: { alarms } }) => alarms?.length ?? [])).toEqual([100, 51]);
  });
});

describe("a function's environment", () => {
  const owners = (count: number) =>
    Array.from({ length: count }, (_, i) => accountId(i).replace("account", "customer"));
  const apiBaseUrl = `https://example.com/${"x".repeat(1_200)}`;

  it("fails the synthesis with its size if it exceeds 4 KB, and names the longest variables", () => {
    const accountsOwner = owners(50);

    // 256 bytes is the longest possible name of the table, which is unknown until the deployment.
    expect(() => createStack({ accountsOwner, apiBaseUrl }, newFolder())).toThrow(
      /Snapshot\/Function.*: its environment takes 4\d{3} bytes, and Lambda allows 4096; .*CDP_ACCOUNTS_OWNER \(2299\), CDP_API_BASE_URL \(1220\), SNAPSHOT_TABLE_NAME \(256\)/,
    );
  });
});

describe("a value that would exceed a limit of AWS", () => {
  it.each([
    ["tags", Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`t${i}`, "v".repeat(200)])), "more than 4000"],
    ["schedule", `cron(0 ${"0,".repeat(125)}1 * * ? *)`, "longer than 256 characters"],
    ["alarmEmails", [`${"a".repeat(310)}@example.com`], "1 to 100 distinct e-mail addresses"],
    ["explainedMoves", { usdc: "x".repeat(501) }, "of 5 to 500 characters"],
    ["explainedMoves", Object.fromEntries(Array.from({ length: 5_001 }, (_, i) => [`a${i}`, "is sold"])), "5000"],
  ])("is rejected: %s", (key, value, expected) => {
    expect(() => createStack({ [key]: value }, newFolder())).toThrow(
      new RegExp(`\\n {2}${key}: given .*; expected .*${expected}[^\\n]*$`),
    );
  });

  it("is rejected: a stack's name and construct IDs that leave no room for the names of alarms", () => {
    const create = (id: string) => new BalanceSnapshots(new Stack(createTestApp(), "Stack"), id);

    expect(() => create("x".repeat(194))).not.toThrow();
    expect(() => create("x".repeat(195))).toThrow("has 201 characters; expected at most 200");
  });
});
