import { Match, type Template } from "aws-cdk-lib/assertions";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION, EXISTING_RESOURCES } from "./configurations.ts";
import { synth } from "./synth.ts";
import {
  allow,
  attribute,
  functionProperties,
  functionRoleId,
  join,
  only,
  propertiesOf,
  pseudo,
  scheduleRoleId,
  statementsOf,
} from "./template.ts";

const BUCKET = "AWS::S3::Bucket";

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
/** Options without a customer managed key. */
const { template: plain } = synth({ anchor: "compliance" });
const { template: other } = synth({ anchor: "governance", anchorRetentionDays: "30" });
/** A secret with a key of its own, without and with a customer managed key for everything else. */
const { template: existing } = synth(EXISTING_RESOURCES);
const { template: twoKeys } = synth({ ...EXISTING_RESOURCES, kmsKeyArn: EVERY_OPTION.kmsKeyArn });

const key = EVERY_OPTION.kmsKeyArn;
const tableArn = attribute(only(plain, "AWS::DynamoDB::GlobalTable"));
/** The condition that a key is used through these services. */
const viaServices = (region: unknown, ...services: string[]) => ({
  StringEquals: {
    "kms:ViaService": services.map((service) =>
      typeof region === "string"
        ? join([`${service}.${region}.`, pseudo("URLSuffix")])
        : join([`${service}.`, region, ".", pseudo("URLSuffix")]),
    ),
  },
});

/** Returns the statements of a role that mention a key. */
const keyStatements = (template: Template, roleId: string, arn: string) =>
  statementsOf(template, roleId).filter(({ Resource }) => Resource === arn);

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

  it("can be used by the function and the schedule only through AWS services", () => {
    const kms = (calls: string) => calls.split(" ").map((call) => `kms:${call}`);
    const functionCalls =
      "Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo";

    expect(keyStatements(full, functionRoleId(full), key)).toEqual([
      { ...allow("kms:Decrypt", key), Condition: viaServices("eu-west-1", "secretsmanager") },
      { ...allow(kms(functionCalls), key), Condition: viaServices("eu-west-1", "dynamodb", "sqs") },
    ]);
    expect(keyStatements(full, scheduleRoleId(full), key)).toEqual([
      { ...allow(kms("Decrypt GenerateDataKey"), key), Condition: viaServices("eu-west-1", "sqs") },
    ]);
  });
});

describe("the key of an existing secret", () => {
  const secretKey = EXISTING_RESOURCES.secretKmsKeyArn;

  it("can be used by the function only, to read secrets only", () => {
    for (const template of [existing, twoKeys]) {
      expect(keyStatements(template, functionRoleId(template), secretKey)).toEqual([
        { ...allow("kms:Decrypt", secretKey), Condition: viaServices("eu-west-1", "secretsmanager") },
      ]);
      expect(JSON.stringify(template.toJSON()).split(secretKey)).toHaveLength(2);
    }
  });

  it("encrypts nothing else, and a customer managed key for everything else cannot be used to read secrets", () => {
    existing.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      Replicas: [{ SSESpecification: Match.absent() }],
    });
    existing.allResourcesProperties("AWS::Logs::LogGroup", { KmsKeyId: Match.absent() });
    existing.hasResourceProperties("AWS::SQS::Queue", { KmsMasterKeyId: Match.absent(), SqsManagedSseEnabled: true });
    expect(keyStatements(twoKeys, functionRoleId(twoKeys), key)).toEqual([
      expect.objectContaining({ Condition: viaServices("eu-west-1", "dynamodb", "sqs") }),
    ]);
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
  const fn = attribute(only(full, "AWS::Lambda::Function", ANCHOR_ENV.bucketName));
  const roleId: string = anchorOf(full).Role["Fn::GetAtt"][0];
  const logs = only(full, "AWS::Logs::LogGroup", "Anchor");

  it("can write logs, query the table, put heads, and use a customer managed key through DynamoDB only", () => {
    const statements = statementsOf(full, roleId);

    expect(statements).toEqual([
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], attribute(logs)),
      allow("dynamodb:Query", tableArn),
      allow("s3:PutObject", join([attribute(only(full, BUCKET)), "/heads/*"])),
      expect.objectContaining({ Effect: "Allow", Resource: key }),
    ]);
    expect(JSON.stringify(statements[3]?.Condition)).toMatch(/kms:ViaService.+"dynamodb\./);
    expect(statementsOf(plain, anchorOf(plain).Role["Fn::GetAtt"][0])).toEqual(statements.slice(0, 3));
  });

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

  it("runs once a day, by a schedule whose role can invoke it and nothing else", () => {
    const schedule = propertiesOf(full, "AWS::Scheduler::Schedule", fn["Fn::GetAtt"][0]);

    expect(schedule).toMatchObject({
      ScheduleExpression: "cron(41 2 * * ? *)",
      ScheduleExpressionTimezone: "Etc/UTC",
      State: "ENABLED",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: fn },
    });
    expect(statementsOf(full, schedule.Target.RoleArn["Fn::GetAtt"][0])).toEqual([allow("lambda:InvokeFunction", fn)]);
  });
});
