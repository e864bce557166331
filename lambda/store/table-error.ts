import { StoreError } from "../domain/errors.ts";

/** What a person can do about an error that DynamoDB names. */
const REMEDIES: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "There is no such table in this account and region. Check the name and AWS_REGION.",
  AccessDeniedException: "Give the caller dynamodb:Query, and to write dynamodb:PutItem, on the table.",
  CredentialsProviderError: "No AWS credentials were found. Log in, or set AWS_PROFILE.",
};

/** A StoreError for whatever the AWS SDK threw: which table, which error, what to do. */
export function tableError(thrown: unknown, tableName: string, intent: "read" | "written"): StoreError {
  const { name, message } = thrown instanceof Error ? thrown : { name: "unknown error", message: "" };
  // The message of a table with other keys, "Query condition missed key schema element", or "One of the keys …".
  const otherKeys = name === "ValidationException" && /\bkeys?\b/i.test(message);
  const told = otherKeys ? "Is it a table of this project, with the keys account and slot?" : REMEDIES[name];
  const remedy = told === undefined ? "" : ` ${told}`;
  return new StoreError(
    "table_unavailable",
    `The table ${tableName} could not be ${intent}: ${name}: ${message}.${remedy}`.replace("..", "."),
    { cause: thrown },
  );
}
