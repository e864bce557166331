import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { JOB_CLIENT_OPTIONS } from "./client-options.ts";

/**
 * Creates a DynamoDB client without the SDK's logger middleware, which copies every request and response for a log
 * that is not used.
 */
export function tableClient(options: typeof JOB_CLIENT_OPTIONS): DynamoDBClient {
  const client = new DynamoDBClient(options);
  client.middlewareStack.remove("loggerMiddleware");
  return client;
}
