import { Match, type Template } from "aws-cdk-lib/assertions";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION, EXISTING_RESOURCES, OTHER_OPTIONS } from "./configurations.ts";
import { synth } from "./synth.ts";
import { attribute, functionProperties, only, propertiesOf } from "./template.ts";

const BUCKET = "AWS::S3::Bucket";

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
/** Options without a customer managed key. */
const { template: plain } = synth({ anchor: "compliance" });
const { template: other } = synth(OTHER_OPTIONS);

const key = EVERY_OPTION.kmsKeyArn;

describe("a stack without options", () => {
  it("has no KMS permissions, no egress, no backups, and nothing of the anchor", () => {
    expect(JSON.stringify(template.findResources("AWS::IAM::Policy"))).not.toContain("kms:");
    expect(JSON.stringify(template.toJSON())).not.toMatch(/anchor|"Egress/i);
    expect(functionProperties(template).VpcConfig).toBeUndefined();
    for (const type of ["AWS::Backup::BackupPlan", BUCKET]) template.resourceCountIs(type, 0);
  });
});

describe("a customer managed key", () => {
  it("encrypts the table, the created secret, every log, the queue and the backups", () => {
    full.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      Replicas: [{ SSESpecification: { KMSMasterKeyId: key } }],
    });
    full.hasResourceProperties("AWS::SecretsManager::Secret", { KmsKeyId: key });
    full.hasResourceProperties("AWS::SQS::Queue", { KmsMasterKeyId: key });
    full.hasResourceProperties("AWS::Backup::BackupVault", { EncryptionKeyArn: key });
    full.allResourcesProperties("AWS::Logs::LogGroup", { KmsKeyId: key });
  });
});

describe("the key of an existing secret", () => {
  it("encrypts nothing: only the function's role has it", () => {
    const { template: existing } = synth(EXISTING_RESOURCES);

    expect(JSON.stringify(existing.toJSON()).split(EXISTING_RESOURCES.secretKmsKeyArn)).toHaveLength(2);
    existing.hasResourceProperties("AWS::SQS::Queue", { KmsMasterKeyId: Match.absent(), SqsManagedSseEnabled: true });
  });
});

const anchorOf = (template: Template) => propertiesOf(template, "AWS::Lambda::Function", ANCHOR_ENV.bucketName);

describe("the bucket of chain heads", () => {
  it.each([
    ["COMPLIANCE", 365, plain],
    ["GOVERNANCE", 30, other],
  ])("has Object Lock in %s mode with a default retention of %d days", (Mode, Days, template) => {
    template.hasResourceProperties(BUCKET, {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Mode, Days } } },
      VersioningConfiguration: { Status: "Enabled" },
    });
  });

  // cdk-nag requires the block of public access and the denial of requests without TLS.
  it("has no fixed name, and is never encrypted with a customer managed key", () => {
    full.hasResourceProperties(BUCKET, {
      BucketName: Match.absent(),
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    });
  });
});

describe("the anchor function", () => {
  const roleId: string = anchorOf(full).Role["Fn::GetAtt"][0];
  const logs = only(full, "AWS::Logs::LogGroup", "Anchor");

  it("is the only one with access to the bucket", () => {
    const others = Object.entries(full.findResources("AWS::IAM::Policy")).filter(
      ([, { Properties }]) => !JSON.stringify(Properties.Roles).includes(`"${roleId}"`),
    );

    expect(others.length).toBeGreaterThan(3);
    expect(JSON.stringify(others)).not.toMatch(/s3:|Anchor.*Bucket/);
  });

  it("receives the table and the bucket as variables, nothing else, and logs JSON to its own log group", () => {
    expect(anchorOf(full).Environment.Variables).toEqual({
      POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots-dev",
      [ANCHOR_ENV.tableName]: { Ref: only(full, "AWS::DynamoDB::GlobalTable") },
      [ANCHOR_ENV.bucketName]: { Ref: only(full, BUCKET) },
    });
    expect(anchorOf(full).LoggingConfig).toEqual({ LogFormat: "JSON", LogGroup: { Ref: logs } });
  });

  it("runs once a day", () => {
    const fn = attribute(only(full, "AWS::Lambda::Function", ANCHOR_ENV.bucketName));

    expect(propertiesOf(full, "AWS::Scheduler::Schedule", fn["Fn::GetAtt"][0])).toMatchObject({
      ...{ ScheduleExpression: "cron(41 2 * * ? *)", ScheduleExpressionTimezone: "Etc/UTC", State: "ENABLED" },
      ...{ FlexibleTimeWindow: { Mode: "OFF" }, Target: { Arn: fn } },
    });
  });
});
