import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EXPIRES_AT, TABLE_KEYS } from "../../core/names/table-keys.ts";
import { openHistory } from "../../core/readers.ts";
import { awsFailure } from "./aws.ts";
import { type CheckResult, failed, passed, warning } from "./check-result.ts";

/** Checks that DynamoDB's time to live deletes items with a retention, and no others. */
export async function checkExpiry(client: DynamoDBClient, table: string): Promise<CheckResult> {
  const { DescribeTimeToLiveCommand } = await import("@aws-sdk/client-dynamodb");
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
    const { message, suggestedFix } = awsFailure(thrown, actions, `the table ${table}`);
    return warning("expiry", message, suggestedFix);
  }
}

/** Several accounts are sampled because some may have been closed before a retention was configured. */
const SAMPLED_ACCOUNTS = 10;

/** Returns whether a retention is configured, which only the newest items show. */
async function newestItemsExpire(client: DynamoDBClient, table: string): Promise<boolean> {
  const { QueryCommand } = await import("@aws-sdk/client-dynamodb");
  for (const accountId of [...(await openHistory(table).accounts()).keys()].slice(0, SAMPLED_ACCOUNTS)) {
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
