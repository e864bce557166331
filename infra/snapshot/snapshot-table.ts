import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, type ITable, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { ENV } from "../../core/names/environment.ts";
import { EXPIRES_AT, TABLE_KEYS } from "../../core/names/table-keys.ts";
import { CustomerKey, keyPermissions } from "../options/customer-key.ts";
import { findTableProblems } from "./existing-table.ts";

/** What a policy allows. */
interface Permission {
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
}

/**
 * The table of snapshots. CDP keeps no balance history, so lost data cannot be recorded again: the table is retained
 * when the stack is deleted, has deletion protection, and can be restored to any second of the last 35 days.
 * It has no fixed name, because a replacement could not have the same name as the retained table.
 */
export class SnapshotTable extends Construct {
  readonly table: ITable;
  /** The customer managed key of the table, if it is known to have one. */
  readonly key: IKey | undefined;

  /**
   * @param expires whether snapshots expire
   * @param existing the table to use instead of a new one
   */
  constructor(scope: Construct, id: string, expires: boolean, existing?: ITable) {
    super(scope, id);
    if (existing === undefined) {
      this.key = CustomerKey.of(this)?.key;
      this.table = this.#create(expires);
      return;
    }
    this.key = existing.encryptionKey;
    this.table = existing;
    // At the end of the synthesis, because an Aspect of the application may change the table.
    this.node.addValidation({ validate: () => [...findTableProblems(existing, expires), ...this.#findSharers()] });
  }

  #create(expires: boolean): ITable {
    const table = new TableV2(this, "Table", {
      partitionKey: { name: TABLE_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sort, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: this.key ? encryptionWith(this.key) : TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(expires && { timeToLiveAttribute: EXPIRES_AT }),
      resourcePolicy: new PolicyDocument({ statements: [DENY_PLAIN_HTTP] }),
    });
    // The cast works around CDK's types, which do not support exactOptionalPropertyTypes.
    return table as ITable;
  }

  /** A scheduled run ends the accounts that its key no longer lists, which includes those of another deployment. */
  #findSharers(): string[] {
    const constructs = this.node.root.node.findAll();
    const tables = constructs.filter((one): one is SnapshotTable => one instanceof SnapshotTable && one !== this);
    return tables
      .filter(({ table }) => table === this.table)
      .map(({ node }) => `table: given that of ${node.scope?.node.path}; expected another one for each deployment`);
  }

  /** Allows a function to put and query items, nothing else, and sets its environment variable. */
  grantRecord(fn: LambdaFunction): void {
    // Not the table's own grant, which includes every index of an existing table.
    fn.addToRolePolicy(
      new PolicyStatement({ actions: ["dynamodb:PutItem", "dynamodb:Query"], resources: [this.table.tableArn] }),
    );
    fn.addEnvironment(ENV.tableName, this.table.tableName);
  }

  /** Returns what readers need: to query the table and, with a customer managed key, to decrypt with it through DynamoDB. */
  readPermissions(): Permission[] {
    const query = { actions: ["dynamodb:Query"], resources: [this.table.tableArn] };
    if (this.key === undefined) return [query];
    // DynamoDB decrypts the table's own key with the permissions of the caller.
    return [query, keyPermissions(this, this.key.keyArn, ["kms:Decrypt"], ["dynamodb"])];
  }
}

/**
 * CDK refuses a key in a stack without a fixed region, because it cannot distinguish the replicas of other regions, which this
 * table does not have.
 */
function encryptionWith(key: IKey): TableEncryptionV2 {
  const encryption = TableEncryptionV2.customerManagedKey(key);
  return Object.assign(encryption, { _renderReplicaSseSpecification: () => ({ kmsMasterKeyId: key.keyArn }) });
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
