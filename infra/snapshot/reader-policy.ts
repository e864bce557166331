import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { CustomerKey, keyUse } from "../options/customer-key.ts";

/**
 * The permissions of people who only query the history: the calls of the commands with `--table`, and nothing else.
 * The stack attaches the policy to nobody. A managed policy, because an administrator can attach it to roles, users and
 * permission sets: https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetcustom.html
 */
export class ReaderPolicy extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, tableArn: string) {
    super(scope, id);
    const policy = new ManagedPolicy(this, "Policy", {
      description: "Query the balance snapshots of Coinbase accounts",
      statements: [new PolicyStatement({ actions: ["dynamodb:Query"], resources: [tableArn] })],
    });
    const key = CustomerKey.of(this)?.key;
    // DynamoDB decrypts the table's own key with the permissions of the caller.
    if (key !== undefined) policy.addStatements(keyUse(this, key.keyArn, ["kms:Decrypt"], ["dynamodb"]));
    this.arn = policy.managedPolicyArn;
  }
}
