import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EXPIRES_AT, TABLE_KEYS } from "../../core/names/table-keys.ts";
import { openHistory } from "../../core/readers.ts";
import { awsFailure } from "./aws.ts";
import { type CheckResult, failed, ok, warning } from "./check-result.ts";

/** Whether what is to be deleted by its age is, and nothing else. */
export async function checkExpiry(client: DynamoDBClient, table: string): Promise<CheckResult> {
  const { DescribeTimeToLiveCommand } = await import("@aws-sdk/client-dynamodb");
  try {
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
    const { TimeToLiveStatus: status = "DISABLED", AttributeName: attribute } = TimeToLiveDescription ?? {};
    const isOn = status === "ENABLED" || status === "ENABLING";
    if (isOn && attribute === EXPIRES_AT)
      return ok("expiry", `on: what has an ${EXPIRES_AT} is deleted some days after it`);
    if (isOn) {
      const remedy = `aws dynamodb update-time-to-live --table-name ${table} --time-to-live-specification Enabled=false,AttributeName=${attribute}`;
      return failed("expiry", `items are deleted by their attribute ${attribute}, which is not this project's`, remedy);
    }
    if (await newestExpires(client, table)) {
      const found = `off, though what is stored has an ${EXPIRES_AT}: nothing is deleted, and storage grows`;
      return warning("expiry", found, `${ENABLE} --table-name ${table} --time-to-live-specification ${SPECIFICATION}`);
    }
    return ok("expiry", "off, and nothing is meant to expire: the history is kept for ever");
  } catch (thrown) {
    const { found, remedy } = awsFailure(thrown, "dynamodb:DescribeTimeToLive and dynamodb:Query");
    return warning("expiry", found, remedy);
  }
}

const ENABLE = "aws dynamodb update-time-to-live";
const SPECIFICATION = `Enabled=true,AttributeName=${EXPIRES_AT}`;

/** Some accounts may be closed since before there was a retention: so many are looked at. */
const LOOKED_AT = 10;

/** Whether a retention is configured shows in what was stored last. */
async function newestExpires(client: DynamoDBClient, table: string): Promise<boolean> {
  const { QueryCommand } = await import("@aws-sdk/client-dynamodb");
  for (const accountId of [...(await openHistory(table).accounts()).keys()].slice(0, LOOKED_AT)) {
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
