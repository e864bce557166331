import { describe, expect, it } from "@jest/globals";
import { EVERY_OPTION } from "../configurations.ts";
import { synth } from "../synth.ts";
import { attribute, join, only, propertiesOf, statementsOf } from "../template.ts";

const { template } = synth({ backup: "daily" });
const { template: full } = synth(EVERY_OPTION);
const tableArn = attribute(only(template, "AWS::DynamoDB::GlobalTable"));
const vaultId = only(template, "AWS::Backup::BackupVault");

describe("the backup plan", () => {
  it("does not exist by default", () => {
    synth().template.resourceCountIs("AWS::Backup::BackupPlan", 0);
  });

  it.each([
    ["daily", "cron(23 3 * * ? *)"],
    ["weekly", "cron(23 3 ? * SUN *)"],
    ["monthly", "cron(23 3 1 * ? *)"],
  ])("makes %s backups at %s and keeps them for a year", (backup, ScheduleExpression) => {
    const { template: backedUp } = synth({ backup });

    expect(propertiesOf(backedUp, "AWS::Backup::BackupPlan").BackupPlan.BackupPlanRule).toEqual([
      {
        RuleName: backup,
        ScheduleExpression,
        Lifecycle: { DeleteAfterDays: 365 },
        TargetBackupVault: attribute(vaultId, "BackupVaultName"),
      },
    ]);
  });

  it("backs up the table and keeps backups for backupRetentionDays", () => {
    expect(propertiesOf(full, "AWS::Backup::BackupSelection").BackupSelection.Resources).toEqual([
      attribute(only(full, "AWS::DynamoDB::GlobalTable")),
    ]);
    full.hasResourceProperties("AWS::Backup::BackupPlan", {
      BackupPlan: { BackupPlanRule: [{ Lifecycle: { DeleteAfterDays: 800 } }] },
    });
  });

  it("has a role with the permissions for this table and this vault only", () => {
    expect(statementsOf(template, only(template, "AWS::IAM::Role", "backup.amazonaws.com"))).toEqual([
      {
        Effect: "Allow",
        Action: [
          "dynamodb:CreateBackup",
          "dynamodb:DescribeContinuousBackups",
          "dynamodb:DescribeTable",
          "dynamodb:ListTagsOfResource",
          "dynamodb:StartAwsBackupJob",
        ],
        Resource: tableArn,
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"],
        Resource: join([tableArn, "/backup/*"]),
      },
      {
        Effect: "Allow",
        Action: ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
        Resource: attribute(vaultId, "BackupVaultArn"),
      },
    ]);
  });
});
