import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { ENV } from "../lambda/environment.ts";
import { TABLE_KEYS } from "../lambda/store/table.ts";

/**
 * The table of snapshots. CDP keeps no balance history, so what is lost here is lost for ever: the table outlives
 * its stack, cannot be deleted by one call, and can be put back to any second of the last 35 days.
 * It has no fixed name, for a replacement could not be made beside the retained one.
 */
export class SnapshotTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new TableV2(this, "Table", {
      partitionKey: { name: TABLE_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sort, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** Lets a function record snapshots, and tells it where: it puts, and looks up what it has put before. No more. */
  grantRecord(fn: LambdaFunction): void {
    this.table.grant(fn, "dynamodb:PutItem", "dynamodb:Query");
    fn.addEnvironment(ENV.tableName, this.table.tableName);
  }
}
