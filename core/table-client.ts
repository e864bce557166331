import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { AWS_CALLS } from "./aws-client-options.ts";

/** Creates a DynamoDB client without the SDK's logger middleware, which copies every request and response for a log that nobody keeps. */
export function tableClient(options: typeof AWS_CALLS): DynamoDBClient {
  const client = new DynamoDBClient(options);
  client.middlewareStack.remove("loggerMiddleware");
  return client;
}
