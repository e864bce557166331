import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { ENV } from "../../core/names/environment.ts";
import { EXPIRES_AT, TABLE_KEYS } from "../../core/names/table-keys.ts";

/** What differs from one deployment's table to another's. */
export interface SnapshotTableProps {
  /** Default: the key that AWS manages for DynamoDB. */
  readonly encryptionKey?: IKey | undefined;
  /** Snapshots are deleted after so many days. Default: never. */
  readonly retentionDays?: number | undefined;
}

/**
 * The table of snapshots. CDP keeps no balance history, so what is lost here is lost for ever: the table outlives
 * its stack, cannot be deleted by one call, and can be put back to any second of the last 35 days.
 * It has no fixed name, for a replacement could not be made beside the retained one.
 */
export class SnapshotTable extends Construct {
  readonly table: TableV2;
  readonly #retentionDays: number | undefined;

  constructor(scope: Construct, id: string, props: SnapshotTableProps = {}) {
    super(scope, id);
    this.#retentionDays = props.retentionDays;
    this.table = new TableV2(this, "Table", {
      partitionKey: { name: TABLE_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sort, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: props.encryptionKey
        ? TableEncryptionV2.customerManagedKey(props.encryptionKey)
        : TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(props.retentionDays !== undefined && { timeToLiveAttribute: EXPIRES_AT }),
      resourcePolicy: new PolicyDocument({ statements: [REFUSE_PLAIN_HTTP] }),
    });
  }

  /** Lets a function record snapshots, and tells it where: it puts, and looks up what it has put before. No more. */
  grantRecord(fn: LambdaFunction): void {
    this.table.grant(fn, "dynamodb:PutItem", "dynamodb:Query");
    fn.addEnvironment(ENV.tableName, this.table.tableName);
    if (this.#retentionDays !== undefined) fn.addEnvironment(ENV.retentionDays, String(this.#retentionDays));
  }
}

/**
 * DynamoDB's endpoints answer plain HTTP too: https://docs.aws.amazon.com/general/latest/gr/ddb.html
 * The resource is `*`, that is this table, for a policy cannot name the table that it is made with.
 */
const REFUSE_PLAIN_HTTP = new PolicyStatement({
  effect: Effect.DENY,
  principals: [new AnyPrincipal()],
  actions: ["dynamodb:*"],
  resources: ["*"],
  conditions: { Bool: { "aws:SecureTransport": "false" } },
});
