import { type Duration, Names, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from "aws-cdk-lib/aws-backup";
import { Schedule } from "aws-cdk-lib/aws-events";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { CustomerKey } from "./customer-key.ts";

/** When backups start, in UTC: at night, and off the hour, when most others start. */
const SCHEDULES = {
  daily: { minute: "23", hour: "3" },
  weekly: { minute: "23", hour: "3", weekDay: "SUN" },
  monthly: { minute: "23", hour: "3", day: "1" },
} as const;

export interface TableBackupProps {
  readonly tableArn: string;
  readonly frequency: keyof typeof SCHEDULES;
  /** Backups are deleted after this long. */
  readonly retention: Duration;
}

/**
 * Backups in a vault that is retained when the stack is deleted. Point-in-time recovery is limited to 35 days and ends
 * with the table; backups cover damage that is noticed later, and the loss of the table itself.
 */
export class TableBackup extends Construct {
  constructor(scope: Construct, id: string, props: TableBackupProps) {
    super(scope, id);
    const encryptionKey = CustomerKey.of(this)?.key;
    const vault = new BackupVault(this, "Vault", {
      ...(encryptionKey && { encryptionKey }),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const plan = new BackupPlan(this, "Plan", {
      // CDK's default name would be "Plan" in every stack.
      backupPlanName: Names.uniqueResourceName(this, { maxLength: 50, separator: "-" }),
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: props.frequency,
          backupVault: vault,
          scheduleExpression: Schedule.cron(SCHEDULES[props.frequency]),
          deleteAfter: props.retention,
        }),
      ],
    });
    plan.addSelection("Table", {
      resources: [BackupResource.fromArn(props.tableArn)],
      role: this.#createRole(props, vault),
      disableDefaultBackupPolicy: true,
    });
  }

  /**
   * The DynamoDB part of the managed policy AWSBackupServiceRolePolicyForBackup, limited to this table and vault. The
   * managed policy can read every database, disk and bucket of the AWS account.
   * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
   */
  #createRole({ tableArn }: TableBackupProps, vault: BackupVault): Role {
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
    // cdk-nag identifies a resource by its intrinsic function in the template.
    const { "Fn::GetAtt": table } = Stack.of(this).resolve(tableArn);
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${table.join(".")}>/backup/*]`,
      reason: "The backups of this table. DynamoDB generates the rest of their ARN",
    });
    allow(vault.backupVaultArn, "backup:CopyIntoBackupVault", "backup:DescribeBackupVault");
    const key = CustomerKey.of(this);
    if (key !== undefined) {
      key.grantUse(role, "backup", "dynamodb");
      // AWS Backup continues to use the key after the role's session has ended.
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
