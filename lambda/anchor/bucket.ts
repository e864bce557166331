import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { StoreError } from "../../core/domain/errors.ts";

/** Puts texts into a bucket, each under a key that is not there yet. Throws StoreErrors. */
export function bucketWriter(client: S3Client, bucket: string): (key: string, text: string) => Promise<void> {
  return async (key, text) => {
    try {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: text,
          ContentType: "application/x-ndjson",
          // Object Lock would keep what stands there, but put the new text before it.
          IfNoneMatch: "*",
        }),
      );
    } catch (thrown) {
      const { name, message } = thrown instanceof Error ? thrown : { name: "unknown error", message: "" };
      throw new StoreError(
        "bucket_unavailable",
        `The heads could not be written to ${bucket} as ${key}: ${name}: ${message.replace(/\.$/, "")}. ` +
          "The next run writes them; see docs/runbook.md#anchor-failed.",
        { cause: thrown },
      );
    }
  };
}
