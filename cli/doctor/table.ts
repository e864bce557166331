import type { DynamoDBClient, TableDescription } from "@aws-sdk/client-dynamodb";
import { TABLE_KEYS } from "../../core/names/table-keys.ts";
import { awsFailure, DOCTOR_CALLS } from "./aws.ts";
import {
  after,
  type CheckResult,
  type CheckResults,
  failed,
  ok,
  type Prerequisite,
  type Step,
  skipped,
  warning,
} from "./check-result.ts";
import { checkExpiry } from "./expiry.ts";

/** A table by name. The embedded one has nothing of what protects a deployed one. */
export interface TableName {
  readonly name: string;
  readonly embedded: boolean;
}

const DESCRIBED: readonly Step[] = ["capacity", "encryption", "deletion protection"];
const ASKED: readonly Step[] = ["point-in-time recovery", "expiry"];

/** @returns the table's name, unless there is nothing in it that could be read */
export async function* checkTable(table: Prerequisite<TableName>): CheckResults<Prerequisite<string>> {
  if (table.missing !== undefined) {
    yield* skipped(["table", ...DESCRIBED, ...ASKED], table.missing);
    return table;
  }
  const { name, embedded } = table.value;
  const { DescribeTableCommand, DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
  const client = new DynamoDBClient(DOCTOR_CALLS);
  let described: TableDescription | undefined;
  try {
    described = (await client.send(new DescribeTableCommand({ TableName: name }))).Table ?? {};
  } catch (thrown) {
    const trouble = awsFailure(thrown, "dynamodb:DescribeTable");
    if (!trouble.denied) {
      const gone = "Check the name, AWS_REGION and the account. A stack's own: balances doctor --stack.";
      if (trouble.gone) yield failed("table", `${name} does not exist in this account and region`, gone);
      else yield failed("table", `${name}: ${trouble.found}`, trouble.remedy);
      yield* skipped([...DESCRIBED, ...ASKED], after("table").missing);
      return after("table");
    }
    yield warning("table", `${name}: ${trouble.found}`, trouble.remedy);
  }
  const finding = described && judgeTable(name, described);
  if (finding) yield finding;
  if (embedded) {
    yield* skipped([...DESCRIBED, ...ASKED], "the embedded table has no such thing");
  } else {
    if (described === undefined) yield* skipped(DESCRIBED, "the table could not be described");
    else yield* protections(name, described);
    yield await recovery(client, name);
    yield await checkExpiry(client, name);
  }
  return finding?.status === "failed" ? after("table") : { value: name };
}

function judgeTable(name: string, { TableStatus, KeySchema = [], AttributeDefinitions }: TableDescription) {
  const keys = KeySchema.map(({ AttributeName, KeyType }) => {
    const type = AttributeDefinitions?.find((definition) => definition.AttributeName === AttributeName)?.AttributeType;
    return `${AttributeName} (${KeyType}, ${type})`;
  }).join(", ");
  const ours = `${TABLE_KEYS.partition} (HASH, S), ${TABLE_KEYS.sort} (RANGE, S)`;
  if (keys !== ours) {
    const found = `${name} has the keys ${keys}; a table of this project has ${ours}`;
    return failed("table", found, "It is another table: check the name.");
  }
  if (TableStatus !== "ACTIVE" && TableStatus !== "UPDATING") {
    const found = `${name} is ${TableStatus}: nothing can be read or written`;
    return failed(
      "table",
      found,
      "Wait if it is being made; if it is inaccessible, see encryption. Else restore a backup.",
    );
  }
  return ok("table", `${name} is ${TableStatus}, with the keys ${TABLE_KEYS.partition} and ${TABLE_KEYS.sort}`);
}

function* protections(name: string, table: TableDescription): Iterable<CheckResult> {
  const { BillingModeSummary, SSEDescription: sse, DeletionProtectionEnabled } = table;
  if (BillingModeSummary?.BillingMode === "PAY_PER_REQUEST") yield ok("capacity", "on demand");
  else {
    const remedy = `aws dynamodb update-table --table-name ${name} --billing-mode PAY_PER_REQUEST`;
    yield warning("capacity", "provisioned: a run that needs more is throttled", remedy);
  }
  if (sse?.InaccessibleEncryptionDateTime !== undefined) {
    const since = sse.InaccessibleEncryptionDateTime.toISOString();
    const found = `the table's KMS key ${sse.KMSMasterKeyArn} cannot be used since ${since}`;
    yield failed(
      "encryption",
      found,
      "Enable the key, or restore its policy, within 7 days: then DynamoDB archives the table.",
    );
  } else yield ok("encryption", sse === undefined ? "with a key that DynamoDB owns" : `with ${sse.KMSMasterKeyArn}`);
  if (DeletionProtectionEnabled) yield ok("deletion protection", "on");
  else {
    const remedy = `aws dynamodb update-table --table-name ${name} --deletion-protection-enabled`;
    yield failed("deletion protection", "off: one call deletes the history, which cannot be had again", remedy);
  }
}

async function recovery(client: DynamoDBClient, name: string): Promise<CheckResult> {
  const step = "point-in-time recovery";
  const { DescribeContinuousBackupsCommand } = await import("@aws-sdk/client-dynamodb");
  try {
    const { ContinuousBackupsDescription } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName: name }),
    );
    const { PointInTimeRecoveryStatus: status, EarliestRestorableDateTime: earliest } =
      ContinuousBackupsDescription?.PointInTimeRecoveryDescription ?? {};
    if (status === "ENABLED") {
      return ok(step, earliest ? `on: back to any second since ${earliest.toISOString()}` : "on");
    }
    const specification = "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true";
    const remedy = `aws dynamodb update-continuous-backups --table-name ${name} ${specification}`;
    return failed(step, "off: what is spoilt or deleted cannot be put back", remedy);
  } catch (thrown) {
    const { found, remedy } = awsFailure(thrown, "dynamodb:DescribeContinuousBackups");
    return warning(step, found, remedy);
  }
}
