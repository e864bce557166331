import { type Duration, Names, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from "aws-cdk-lib/aws-backup";
import { Schedule } from "aws-cdk-lib/aws-events";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { CustomerKey } from "./customer-key.ts";

/** When a backup is made; UTC, in the small hours, and not on the hour, when everyone else's are. */
const SCHEDULES = {
  daily: { minute: "23", hour: "3" },
  weekly: { minute: "23", hour: "3", weekDay: "SUN" },
  monthly: { minute: "23", hour: "3", day: "1" },
} as const;

/** What is backed up, and how. */
export interface TableBackupProps {
  readonly tableArn: string;
  readonly frequency: keyof typeof SCHEDULES;
  /** A backup is deleted after so long. */
  readonly retention: Duration;
  /** Default: the key that AWS Backup manages. */
  readonly key?: CustomerKey | undefined;
}

/**
 * Backups in a vault that outlives the stack. Point-in-time recovery reaches 35 days back and lives as long as the
 * table does; these are for what is noticed later, and for the day on which the table itself is gone.
 */
export class TableBackup extends Construct {
  readonly vault: BackupVault;

  constructor(scope: Construct, id: string, props: TableBackupProps) {
    super(scope, id);
    this.vault = new BackupVault(this, "Vault", {
      ...(props.key && { encryptionKey: props.key.key }),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const plan = new BackupPlan(this, "Plan", {
      // By itself CDK would call it "Plan", in every stack.
      backupPlanName: Names.uniqueResourceName(this, { maxLength: 50, separator: "-" }),
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: props.frequency,
          backupVault: this.vault,
          scheduleExpression: Schedule.cron(SCHEDULES[props.frequency]),
          deleteAfter: props.retention,
        }),
      ],
    });
    plan.addSelection("Table", {
      resources: [BackupResource.fromArn(props.tableArn)],
      role: this.#makeRole(props),
      disableDefaultBackupPolicy: true,
    });
  }

  /**
   * What the managed policy AWSBackupServiceRolePolicyForBackup has for DynamoDB, but for this table and this vault
   * alone: that one reads every database, disk and bucket of the account.
   * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
   */
  #makeRole({ tableArn, key }: TableBackupProps): Role {
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("backup.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    const allow = (resource: string, ...actions: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
    allow(
      tableArn,
      "dynamodb:CreateBackup",
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:DescribeTable",
      "dynamodb:ListTagsOfResource",
      "dynamodb:StartAwsBackupJob",
    );
    allow(`${tableArn}/backup/*`, "dynamodb:DeleteBackup", "dynamodb:DescribeBackup");
    // cdk-nag names a resource by what stands for it in the template.
    const { "Fn::GetAtt": table } = Stack.of(this).resolve(tableArn);
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${table.join(".")}>/backup/*]`,
      reason: "The backups of this one table; DynamoDB makes up the rest of their ARN when it makes them",
    });
    allow(this.vault.backupVaultArn, "backup:CopyIntoBackupVault", "backup:DescribeBackupVault");
    if (key !== undefined) {
      key.grantUse(role, "backup", "dynamodb");
      // AWS Backup goes on using the key when the role's session is over.
      role.addToPolicy(
        new PolicyStatement({
          actions: ["kms:CreateGrant"],
          resources: [key.key.keyArn],
          conditions: { Bool: { "kms:GrantIsForAWSResource": "true" } },
        }),
      );
    }
    return role;
  }
}
