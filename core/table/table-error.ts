import { StoreError } from "../domain/errors.ts";

/** What a person can do about an error, by what the AWS SDK says: its name, a colon, its message. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^ResourceNotFoundException/, "There is no such table in this account and region. Check the name and AWS_REGION."],
  [/^AccessDeniedException/, "Give the caller dynamodb:Query, and to write dynamodb:PutItem, on the table."],
  [/^CredentialsProviderError/, "No AWS credentials were found. Log in, or set AWS_PROFILE."],
  [/region is missing/i, "Set AWS_REGION, or AWS_PROFILE to a profile that has one."],
  // A table with other keys: "Query condition missed key schema element", or "One of the required keys …".
  [/^ValidationException.*\bkeys?\b/i, "Is it a table of this project, with the keys account and slot?"],
];

/** A StoreError for whatever the AWS SDK threw: which table, which error, what to do. */
export function tableError(thrown: unknown, tableName: string, intent: "read" | "written"): StoreError {
  const { name, message } = thrown instanceof Error ? thrown : { name: "unknown error", message: "" };
  const what = `${name}: ${message.replace(/\.$/, "")}.`;
  const remedy = REMEDIES.find(([form]) => form.test(what))?.[1];
  return new StoreError(
    "table_unavailable",
    `The table ${tableName} could not be ${intent}: ${what}${remedy === undefined ? "" : ` ${remedy}`}`,
    { cause: thrown },
  );
}
