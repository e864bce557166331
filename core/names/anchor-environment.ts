/** The names of the second function's environment variables, which `infra/` sets. Both are required. */
export const ANCHOR_ENV = {
  /** Name of the DynamoDB table whose chains are anchored. */
  tableName: "ANCHOR_TABLE_NAME",
  /** Name of the bucket that keeps the heads. */
  bucketName: "ANCHOR_BUCKET_NAME",
} as const;

/** What the keys of the heads begin with; the function may put nothing else. */
export const HEADS_PREFIX = "heads/";
