import { Logger } from "@aws-lambda-powertools/logger";
import { S3Client } from "@aws-sdk/client-s3";
import { JOB_CLIENT_OPTIONS } from "../../core/aws/client-options.ts";
import { InputError } from "../../core/domain/errors.ts";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { openChains } from "../../core/readers.ts";
import { withFixInMessage } from "../invocation-error.ts";
import { type AnchorResult, anchorHeads } from "./anchor-heads.ts";
import { bucketWriter } from "./bucket.ts";

let anchor: (() => Promise<AnchorResult>) | undefined;

/**
 * Stores the heads of all hash chains in a bucket that the table's writers cannot change.
 * @throws InputError `config_invalid`; StoreError
 */
export function handler(): Promise<AnchorResult> {
  return withFixInMessage(async () => {
    anchor ??= compose(process.env);
    return anchor();
  });
}

function compose(env: NodeJS.ProcessEnv): () => Promise<AnchorResult> {
  const missing = Object.values(ANCHOR_ENV).filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new InputError(
      "config_invalid",
      missing.map((name) => `${name}: is not set. Deploy the stack.`),
    );
  }
  const reader = openChains(env[ANCHOR_ENV.tableName] ?? "", JOB_CLIENT_OPTIONS);
  const putNew = bucketWriter(new S3Client(JOB_CLIENT_OPTIONS), env[ANCHOR_ENV.bucketName] ?? "");
  const logger = new Logger();
  return async () => {
    const result = await anchorHeads(reader, putNew, Date.now());
    logger.info("Heads stored", { ...result });
    return result;
  };
}
