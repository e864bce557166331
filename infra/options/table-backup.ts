import { createHash } from "node:crypto";
import { CfnResource, type Duration, Fn, Names, RemovalPolicy, Stack } from "aws-cdk-lib";
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from "aws-cdk-lib/aws-backup";
import { Schedule } from "aws-cdk-lib/aws-events";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { deploymentName } from "../config/deployment-name.ts";
import { acknowledgeWildcard } from "./acknowledge-wildcard.ts";
import { allowKeyUse, CustomerKey } from "./customer-key.ts";

/** When backups start, in UTC: at night, and off the hour, when most others start. */
const SCHEDULES = {
  daily: { minute: "23", hour: "3" },
  weekly: { minute: "23", hour: "3", weekDay: "SUN" },
  monthly: { minute: "23", hour: "3", day: "1" },
} as const;

export interface TableBackupProps {
  readonly tableArn: string;
  /** ARN of the customer managed key of the table, if it has one. */
  readonly tableKeyArn?: string | undefined;
  readonly frequency: keyof typeof SCHEDULES;
  /** Backups are deleted after this long. */
  readonly retention: Duration;
}

/** https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html */
const MAX_VAULT_NAME_LENGTH = 50;

/**
 * Backups in a vault that is retained when the stack is deleted. Point-in-time recovery is limited to 35 days and ends
 * with the table; backups cover damage that is noticed later, and the loss of the table itself.
 *
 * The role is retained, too: AWS Backup deletes expired backups with the role that created them.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html
 */
export class TableBackup extends Construct {
  constructor(scope: Construct, id: string, props: TableBackupProps) {
    super(scope, id);
    const encryptionKey = CustomerKey.of(this)?.key;
    const vault = new BackupVault(this, "Vault", {
      backupVaultName: this.#vaultName(encryptionKey?.keyArn),
      ...(encryptionKey && { encryptionKey }),
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
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
   * Returns the vault's name. No vault of another stack, and none with another key, has this name, because a deleted stack
   * leaves its vault, and a new key replaces it. Within one stack, `backup` removed and added again, or a key changed back,
   * meets the old vault: import it (docs/runbook.md#a-backup-vault-already-exists). The first part of the GUID at the end of
   * a stack's ID differs between stacks.
   */
  #vaultName(keyArn = "no key"): string {
    const guid = Fn.select(2, Fn.split("/", Stack.of(this).stackId));
    // The path, because several deployments in one stack can have names with the same beginning.
    const hash = createHash("sha256").update(`${this.node.path} ${keyArn}`).digest("hex").slice(0, 8);
    const name = deploymentName(this).slice(0, MAX_VAULT_NAME_LENGTH - "-12345678-".length - hash.length);
    return `${name}-${Fn.select(0, Fn.split("-", guid))}-${hash}`;
  }

  /**
   * The DynamoDB part of the managed policy AWSBackupServiceRolePolicyForBackup, limited to this table and vault. The
   * managed policy can read every database, disk and bucket of the AWS account.
   * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
   */
  #createRole({ tableArn, tableKeyArn }: TableBackupProps, vault: BackupVault): Role {
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
    const backups = `${tableArn}/backup/*`;
    allow(backups, "dynamodb:DeleteBackup", "dynamodb:DescribeBackup");
    acknowledgeWildcard(role, backups, "The backups of this table. DynamoDB generates the rest of their ARN");
    allow(vault.backupVaultArn, "backup:CopyIntoBackupVault", "backup:DescribeBackupVault");
    const keyArns = allowKeyUse(role, { backup: CustomerKey.of(this)?.key.keyArn, dynamodb: tableKeyArn });
    for (const arn of keyArns) {
      // AWS Backup continues to use a key after the role's session has ended.
      role.addToPolicy(
        new PolicyStatement({
          actions: ["kms:CreateGrant"],
          resources: [arn],
          conditions: { Bool: { "kms:GrantIsForAWSResource": "true" } },
        }),
      );
    }
    // Not with RemovalPolicies, an Aspect that would have precedence over those of the application.
    for (const resource of role.node.findAll().filter(CfnResource.isCfnResource))
      resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    return role;
  }
}
