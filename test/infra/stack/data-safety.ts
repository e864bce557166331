import { describe, expect, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { ENV } from "../../../core/names/environment.ts";
import { EVERY_OPTION } from "../configurations.ts";
import { synth } from "../synth.ts";
import {
  attribute,
  environmentOf,
  functionRoleId,
  join,
  only,
  propertiesOf,
  pseudo,
  scheduleRoleId,
  statementsOf,
} from "../template.ts";

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
const TABLE = "AWS::DynamoDB::GlobalTable";
const key = EVERY_OPTION.kmsKeyArn;

describe("the table", () => {
  it("refuses whoever comes without TLS", () => {
    const [replica] = propertiesOf(template, TABLE).Replicas;

    expect(replica.ResourcePolicy.PolicyDocument.Statement).toEqual([
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "dynamodb:*",
        Resource: "*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });
});

describe("retention", () => {
  it("is for ever, unless it is configured", () => {
    template.hasResourceProperties(TABLE, { TimeToLiveSpecification: Match.absent() });
    expect(environmentOf(template)).not.toHaveProperty(ENV.retentionDays);
  });

  it("is told to the table and to the function", () => {
    full.hasResourceProperties(TABLE, { TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true } });
    expect(environmentOf(full)[ENV.retentionDays]).toBe("400");
  });
});

describe("backups", () => {
  it("are made only where they are configured", () => {
    template.resourceCountIs("AWS::Backup::BackupPlan", 0);
  });

  it.each([
    ["daily", "cron(23 3 * * ? *)"],
    ["weekly", "cron(23 3 ? * SUN *)"],
    ["monthly", "cron(23 3 1 * ? *)"],
  ])("%s are made by %s and kept for a year", (backup, ScheduleExpression) => {
    const { template: backedUp } = synth({ backup });

    expect(propertiesOf(backedUp, "AWS::Backup::BackupPlan").BackupPlan.BackupPlanRule).toEqual([
      {
        RuleName: backup,
        ScheduleExpression,
        Lifecycle: { DeleteAfterDays: 365 },
        TargetBackupVault: attribute(only(backedUp, "AWS::Backup::BackupVault"), "BackupVaultName"),
      },
    ]);
  });

  it("are of the table, kept as long as is configured, in a vault that outlives the stack", () => {
    expect(propertiesOf(full, "AWS::Backup::BackupSelection").BackupSelection.Resources).toEqual([
      attribute(only(full, TABLE)),
    ]);
    full.hasResourceProperties("AWS::Backup::BackupPlan", {
      BackupPlan: { BackupPlanRule: [{ Lifecycle: { DeleteAfterDays: 800 } }] },
    });
    full.hasResource("AWS::Backup::BackupVault", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: { EncryptionKeyArn: key },
    });
  });

  it("are made by a role that can do exactly this", () => {
    const { template: backedUp } = synth({ backup: "daily" });
    const table = attribute(only(backedUp, TABLE));

    expect(statementsOf(backedUp, only(backedUp, "AWS::IAM::Role", "backup.amazonaws.com"))).toEqual([
      {
        Effect: "Allow",
        Action: [
          "dynamodb:CreateBackup",
          "dynamodb:DescribeContinuousBackups",
          "dynamodb:DescribeTable",
          "dynamodb:ListTagsOfResource",
          "dynamodb:StartAwsBackupJob",
        ],
        Resource: table,
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"],
        Resource: join([table, "/backup/*"]),
      },
      {
        Effect: "Allow",
        Action: ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
        Resource: attribute(only(backedUp, "AWS::Backup::BackupVault"), "BackupVaultArn"),
      },
    ]);
  });
});

describe("an own key", () => {
  it("encrypts the table, the secret that is made, every log and the queue", () => {
    full.hasResourceProperties(TABLE, {
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      Replicas: [{ SSESpecification: { KMSMasterKeyId: key } }],
    });
    full.hasResourceProperties("AWS::SecretsManager::Secret", { KmsKeyId: key });
    full.hasResourceProperties("AWS::SQS::Queue", { KmsMasterKeyId: key });
    full.allResourcesProperties("AWS::Logs::LogGroup", { KmsKeyId: key });
  });

  it("is used by the function and the schedule through the services alone", () => {
    const via = (...services: string[]) => ({
      StringEquals: {
        "kms:ViaService": services.map((service) => join([`${service}.eu-west-1.`, pseudo("URLSuffix")])),
      },
    });
    const ofKey = (roleId: string) => statementsOf(full, roleId).filter(({ Resource }) => Resource === key);

    expect(ofKey(functionRoleId(full))).toEqual([
      {
        Effect: "Allow",
        Action: [
          "kms:Decrypt",
          "kms:DescribeKey",
          "kms:Encrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
        ],
        Resource: key,
        Condition: via("dynamodb", "secretsmanager", "sqs"),
      },
    ]);
    expect(ofKey(scheduleRoleId(full))).toEqual([
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: key, Condition: via("sqs") },
    ]);
  });

  it("is needed by nobody where none is configured", () => {
    expect(JSON.stringify(template.findResources("AWS::IAM::Policy"))).not.toContain("kms:");
  });
});

describe("cdk destroy", () => {
  // What may go with the stack: nothing that holds a balance.
  it.each([
    ["the defaults", template],
    ["every option", full],
  ])("with %s leaves all that holds data", (_, of) => {
    const holdData = [TABLE, "AWS::SecretsManager::Secret", "AWS::Backup::BackupVault"];
    const found = Object.values(of.toJSON()["Resources"] as Record<string, Record<string, unknown>>);

    for (const { Type, DeletionPolicy, UpdateReplacePolicy } of found) {
      if (holdData.includes(String(Type))) {
        expect({ Type, DeletionPolicy, UpdateReplacePolicy }).toEqual({
          Type,
          DeletionPolicy: "Retain",
          UpdateReplacePolicy: "Retain",
        });
      }
    }
    expect(found.some(({ Type }) => Type === TABLE)).toBe(true);
  });
});
