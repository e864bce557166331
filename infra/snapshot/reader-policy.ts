import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { SnapshotTable } from "./snapshot-table.ts";

/**
 * The permissions of people who only query the history: the calls of the commands with `--table`, and nothing else.
 * The stack attaches the policy to nobody. A managed policy, because an administrator can attach it to roles, users and
 * permission sets: https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetcustom.html
 */
export class ReaderPolicy extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, table: SnapshotTable) {
    super(scope, id);
    const policy = new ManagedPolicy(this, "Policy", {
      description: "Query the balance snapshots of Coinbase accounts",
      statements: table.readPermissions().map((permission) => new PolicyStatement(permission)),
    });
    this.arn = policy.managedPolicyArn;
  }
}
