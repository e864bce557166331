import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { ENV } from "../../core/names/environment.ts";
import { EXPIRES_AT, TABLE_KEYS } from "../../core/names/table-keys.ts";
import { CustomerKey } from "../options/customer-key.ts";

/**
 * The table of snapshots. CDP keeps no balance history, so lost data cannot be recorded again: the table is retained
 * when the stack is deleted, has deletion protection, and can be restored to any second of the last 35 days.
 * It has no fixed name, because a replacement could not have the same name as the retained table.
 */
export class SnapshotTable extends Construct {
  readonly table: TableV2;

  /** @param expires whether snapshots expire */
  constructor(scope: Construct, id: string, expires: boolean) {
    super(scope, id);
    const encryptionKey = CustomerKey.of(this)?.key;
    this.table = new TableV2(this, "Table", {
      partitionKey: { name: TABLE_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sort, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: encryptionKey
        ? TableEncryptionV2.customerManagedKey(encryptionKey)
        : TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(expires && { timeToLiveAttribute: EXPIRES_AT }),
      resourcePolicy: new PolicyDocument({ statements: [DENY_PLAIN_HTTP] }),
    });
  }

  /** Allows a function to put and query items, nothing else, and sets its environment variable. */
  grantRecord(fn: LambdaFunction): void {
    this.table.grant(fn, "dynamodb:PutItem", "dynamodb:Query");
    fn.addEnvironment(ENV.tableName, this.table.tableName);
  }
}

/**
 * DynamoDB's endpoints also accept plain HTTP: https://docs.aws.amazon.com/general/latest/gr/ddb.html
 * The resource `*` means this table; a policy that is created with its table cannot refer to it.
 */
const DENY_PLAIN_HTTP = new PolicyStatement({
  effect: Effect.DENY,
  principals: [new AnyPrincipal()],
  actions: ["dynamodb:*"],
  resources: ["*"],
  conditions: { Bool: { "aws:SecureTransport": "false" } },
});
