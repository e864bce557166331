import { awsErrorText, awsSuggestedFix } from "../aws/suggested-fixes.ts";
import { StoreError } from "../domain/errors.ts";

const ACTIONS = { read: "dynamodb:Query", written: "dynamodb:PutItem" };

/** Returns a StoreError for an error that the AWS SDK threw. */
export function tableError(thrown: unknown, tableName: string, intent: keyof typeof ACTIONS): StoreError {
  const resource = `the table ${tableName}`;
  return new StoreError(
    "table_unavailable",
    `The table ${tableName} could not be ${intent}: ${awsErrorText(thrown)}.`,
    {
      suggestedFix: awsSuggestedFix(thrown, { action: ACTIONS[intent], resource }),
      cause: thrown,
    },
  );
}
