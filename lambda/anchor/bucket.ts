import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { awsErrorText, awsSuggestedFix } from "../../core/aws/suggested-fixes.ts";
import { StoreError } from "../../core/domain/errors.ts";

/**
 * Returns a function that writes a text under a new key of a bucket. It throws a StoreError, also if the key exists.
 */
export function bucketWriter(client: S3Client, bucket: string): (key: string, text: string) => Promise<void> {
  return async (key, text) => {
    try {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: text,
          ContentType: "application/x-ndjson",
          // Object Lock would keep the old version, but readers would get the new one.
          IfNoneMatch: "*",
        }),
      );
    } catch (thrown) {
      const fix = awsSuggestedFix(thrown, { action: "s3:PutObject", resource: `the bucket ${bucket}` });
      throw new StoreError(
        "bucket_unavailable",
        `The heads could not be written to ${bucket} as ${key}: ${awsErrorText(thrown)}.`,
        { suggestedFix: `${fix} The next run writes them; see docs/runbook.md#anchor-failed.`, cause: thrown },
      );
    }
  };
}
