import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  QueryCommand,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { EXPIRES_AT, TABLE_KEYS } from "../../core/names/table-keys.ts";
import { openHistory } from "../../core/readers.ts";
import { AWS_CLIENT_OPTIONS, awsFailure, awsFailureResult, awsWarning } from "./aws.ts";
import type { Check, CheckResult, CheckResults, Prerequisite } from "./check-result.ts";
import { failed, missingAfterFailed, passed, skipped, warning } from "./check-result.ts";

export interface TableTarget {
  readonly name: string;
  /** Of the embedded table, which has none of the protections of a deployed one. */
  readonly folder?: string;
}

/** Checks that read the table's description. */
const DESCRIPTION_CHECKS: readonly Check[] = ["capacity", "encryption", "deletion protection"];
const FURTHER_CHECKS: readonly Check[] = [...DESCRIPTION_CHECKS, "point-in-time recovery", "expiry"];
export const TABLE_CHECKS: readonly Check[] = ["table", ...FURTHER_CHECKS];

/** @returns the table's name if the table can be read */
export async function* checkTable(table: TableTarget): CheckResults<Prerequisite<string>> {
  const { name, folder } = table;
  const client = new DynamoDBClient(AWS_CLIENT_OPTIONS);
  let description: TableDescription | undefined;
  try {
    description = (await client.send(new DescribeTableCommand({ TableName: name }))).Table ?? {};
  } catch (thrown) {
    const failure = awsFailure(thrown, "dynamodb:DescribeTable", `the table ${name}`);
    const reason = failure.notFound ? "does not exist in this AWS account and region" : failure.message;
    yield awsFailureResult("table", { ...failure, message: `${name}: ${reason}` });
    if (!failure.denied) {
      const missing = missingAfterFailed("table");
      yield* skipped(FURTHER_CHECKS, missing.missingReason);
      return missing;
    }
  }
  const result = description && judgeTable(table, description);
  if (result) yield result;
  if (folder !== undefined) {
    yield* skipped(FURTHER_CHECKS, "does not apply to the embedded table");
  } else {
    if (description === undefined) yield* skipped(DESCRIPTION_CHECKS, "the table could not be described");
    else yield* judgeDescription(name, description);
    yield await checkRecovery(client, name);
    yield await checkExpiry(client, name);
  }
  return result?.status === "failed" ? missingAfterFailed("table") : { value: name };
}

function judgeTable(
  { name, folder }: TableTarget,
  { TableStatus, KeySchema = [], AttributeDefinitions }: TableDescription,
) {
  const keys = KeySchema.map(({ AttributeName, KeyType }) => {
    const type = AttributeDefinitions?.find((definition) => definition.AttributeName === AttributeName)?.AttributeType;
    return `${AttributeName} (${KeyType}, ${type})`;
  }).join(", ");
  const expectedKeys = `${TABLE_KEYS.partition} (HASH, S), ${TABLE_KEYS.sort} (RANGE, S)`;
  if (keys !== expectedKeys) {
    const message = `${name} has the keys ${keys}; tables of this project have ${expectedKeys}`;
    return failed("table", message, "This is not a table of this project: check the name.");
  }
  if (TableStatus !== "ACTIVE" && TableStatus !== "UPDATING") {
    const fix =
      'Wait if the table is being created. If its key is inaccessible, see the check "encryption". ' +
      "Otherwise restore a backup.";
    return failed("table", `${name} is ${TableStatus} and cannot be read or written`, fix);
  }
  const where = folder === undefined ? name : `${name} in ${folder}`;
  return passed("table", `${where} is ${TableStatus} and has the keys ${TABLE_KEYS.partition} and ${TABLE_KEYS.sort}`);
}

function* judgeDescription(name: string, description: TableDescription): Iterable<CheckResult> {
  const { BillingModeSummary, SSEDescription: encryption, DeletionProtectionEnabled } = description;
  const updateTable = `aws dynamodb update-table --table-name ${name}`;
  if (BillingModeSummary?.BillingMode === "PAY_PER_REQUEST") yield passed("capacity", "on demand");
  else {
    const message = "provisioned: DynamoDB throttles runs that need more";
    yield warning("capacity", message, `${updateTable} --billing-mode PAY_PER_REQUEST`);
  }
  if (encryption?.InaccessibleEncryptionDateTime !== undefined) {
    const since = encryption.InaccessibleEncryptionDateTime.toISOString();
    const message = `DynamoDB cannot use the KMS key ${encryption.KMSMasterKeyArn} since ${since}`;
    const fix = "Enable the key or restore its policy within 7 days; after that, DynamoDB archives the table.";
    yield failed("encryption", message, fix);
  } else {
    const key = encryption === undefined ? "key owned by DynamoDB" : `key ${encryption.KMSMasterKeyArn}`;
    yield passed("encryption", key);
  }
  if (DeletionProtectionEnabled) yield passed("deletion protection", "on");
  else {
    const message = "off: one call deletes the table with its history";
    yield failed("deletion protection", message, `${updateTable} --deletion-protection-enabled`);
  }
}

async function checkRecovery(client: DynamoDBClient, name: string): Promise<CheckResult> {
  const check = "point-in-time recovery";
  try {
    const reply = await client.send(new DescribeContinuousBackupsCommand({ TableName: name }));
    const recovery = reply.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    const earliest = recovery?.EarliestRestorableDateTime;
    if (recovery?.PointInTimeRecoveryStatus === "ENABLED") {
      return passed(check, earliest ? `on: any second since ${earliest.toISOString()} can be restored` : "on");
    }
    const specification = "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true";
    const fix = `aws dynamodb update-continuous-backups --table-name ${name} ${specification}`;
    return failed(check, "off: changed or deleted items cannot be restored", fix);
  } catch (thrown) {
    return awsWarning(check, awsFailure(thrown, "dynamodb:DescribeContinuousBackups", `the table ${name}`));
  }
}

/** Checks that DynamoDB's time to live deletes items with a retention, and no others. */
async function checkExpiry(client: DynamoDBClient, table: string): Promise<CheckResult> {
  const update = `aws dynamodb update-time-to-live --table-name ${table} --time-to-live-specification`;
  try {
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
    const { TimeToLiveStatus: status = "DISABLED", AttributeName: attribute } = TimeToLiveDescription ?? {};
    const isOn = status === "ENABLED" || status === "ENABLING";
    if (isOn && attribute === EXPIRES_AT) {
      return passed("expiry", `on: items are deleted a few days after their ${EXPIRES_AT}`);
    }
    if (isOn) {
      const message = `on with the wrong attribute: items are deleted by ${attribute} instead of ${EXPIRES_AT}`;
      return failed("expiry", message, `${update} Enabled=false,AttributeName=${attribute}`);
    }
    if (await newestItemsExpire(client, table)) {
      const message = `off, but stored items have ${EXPIRES_AT}: nothing is deleted and storage grows`;
      return warning("expiry", message, `${update} Enabled=true,AttributeName=${EXPIRES_AT}`);
    }
    return passed("expiry", `off, and stored items have no ${EXPIRES_AT}: the history is kept forever`);
  } catch (thrown) {
    const actions = "dynamodb:DescribeTimeToLive and dynamodb:Query";
    return awsWarning("expiry", awsFailure(thrown, actions, `the table ${table}`));
  }
}

/** Several accounts are sampled because some may have been closed before a retention was configured. */
const SAMPLED_ACCOUNTS = 10;

/** The check of the last run reads the catalog, too. */
const REPORTED_ELSEWHERE = () => {};

/** Returns whether a retention is configured, which only the newest items show. */
async function newestItemsExpire(client: DynamoDBClient, table: string): Promise<boolean> {
  const known = await openHistory(table, REPORTED_ELSEWHERE).accounts();
  for (const accountId of [...known.keys()].slice(0, SAMPLED_ACCOUNTS)) {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "#partition = :account",
        ExpressionAttributeNames: { "#partition": TABLE_KEYS.partition, "#expires": EXPIRES_AT },
        ExpressionAttributeValues: { ":account": { S: accountId } },
        ProjectionExpression: "#expires",
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    if (Items[0]?.[EXPIRES_AT] !== undefined) return true;
  }
  return false;
}
