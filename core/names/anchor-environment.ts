/** The environment variables of the anchor function. `infra/` sets them; both are required. */
export const ANCHOR_ENV = {
  /** Name of the DynamoDB table whose chain heads are stored. */
  tableName: "ANCHOR_TABLE_NAME",
  /** Name of the bucket that stores the heads. */
  bucketName: "ANCHOR_BUCKET_NAME",
} as const;

/** Key prefix of the heads in the bucket. The function's role can write under this prefix only. */
export const HEADS_PREFIX = "heads/";
