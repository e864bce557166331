import { Logger } from "@aws-lambda-powertools/logger";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { JOB_CLIENT_OPTIONS } from "../../core/aws-client-options.ts";
import { InputError } from "../../core/domain/errors.ts";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { ChainReader } from "../../core/table/chain-reader.ts";
import { Table } from "../../core/table/table.ts";
import { type Anchored, anchorHeads } from "./anchor-heads.ts";
import { bucketWriter } from "./bucket.ts";

let anchor: (() => Promise<Anchored>) | undefined;

/**
 * The second function: keeps the heads of all chains where whoever can write to the table cannot.
 * @throws InputError `config_invalid`; StoreError
 */
export async function handler(): Promise<Anchored> {
  anchor ??= compose(process.env);
  return anchor();
}

function compose(env: NodeJS.ProcessEnv): () => Promise<Anchored> {
  const missing = Object.values(ANCHOR_ENV).filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new InputError(
      "config_invalid",
      missing.map((name) => `${name}: is not set. Deploy the stack.`),
    );
  }
  const reader = new ChainReader(new Table(new DynamoDBClient(JOB_CLIENT_OPTIONS), env[ANCHOR_ENV.tableName] ?? ""));
  const putNew = bucketWriter(new S3Client(JOB_CLIENT_OPTIONS), env[ANCHOR_ENV.bucketName] ?? "");
  const logger = new Logger();
  return async () => {
    const anchored = await anchorHeads(reader, putNew, Date.now());
    logger.info("Heads kept", { ...anchored });
    return anchored;
  };
}
