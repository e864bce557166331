import type { RequestListener, Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { TABLE_KEYS } from "../../core/names/table-keys.ts";
import { closeOnError } from "../close-after.ts";
import { hasDatabase } from "../data-folder.ts";
import { closeServer, listenOnLoopback } from "../loopback-server.ts";
import { NO_VERSION_WARNING, suppressSdkVersionWarning } from "../sdk-version-warning.ts";

export const LOCAL_TABLE = "balance-snapshots";

const MAX_WAIT_MS = 5_000;

/** Settings that the SDK requires and the embedded server ignores. */
const LOCAL_AWS = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  [NO_VERSION_WARNING]: "true",
};

/** Returns the environment variables that make the AWS SDK use an embedded DynamoDB. */
export function embeddedEnvironment({ url }: { readonly url: string }): Record<string, string> {
  return { ...LOCAL_AWS, AWS_ENDPOINT_URL_DYNAMODB: url };
}

export interface EmbeddedDynamo {
  /** The value of `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

/**
 * Starts an embedded DynamoDB (dynalite) on 127.0.0.1 and creates the table if it does not exist.
 * @param folder keeps the data; without a folder, the data is in memory
 * @throws StoreError `folder_in_use`, `folder_unusable`
 */
export async function startEmbeddedDynamo(folder?: string): Promise<EmbeddedDynamo> {
  const dynamo = await startServer(folder);
  await closeOnError(() => withClient(dynamo, (client) => createTable(client, LOCAL_TABLE)), dynamo.close);
  return dynamo;
}

/**
 * Starts an embedded DynamoDB on the data in a folder, for a command that only reads: it creates neither folder nor table.
 * @returns `undefined` if the folder does not contain the table
 * @throws StoreError `folder_in_use`, `folder_unusable`
 */
export async function openEmbeddedDynamo(folder: string): Promise<EmbeddedDynamo | undefined> {
  if (!hasDatabase(folder)) return undefined;
  const dynamo = await startServer(folder);
  if (await closeOnError(() => withClient(dynamo, hasLocalTable), dynamo.close)) return dynamo;
  await dynamo.close();
  return undefined;
}

async function startServer(folder?: string): Promise<EmbeddedDynamo> {
  // Imported here so that commands on a deployed table start without loading a database.
  const [{ default: dynalite }, { openDatabaseFolder }] = await Promise.all([
    import("dynalite"),
    import("./database-folder.ts"),
  ]);
  const database = folder === undefined ? undefined : await openDatabaseFolder(folder);
  const server = dynalite({ createTableMs: 0, ...(database && { path: database.path }) });
  rejectBrowsers(server);
  const whenIdle = watchRequests(server);
  const close = async () => {
    await whenIdle();
    await closeServer(server);
    await database?.release();
  };
  return closeOnError(async () => {
    const url = await listenOnLoopback(server);
    return { url, server, close };
  }, close);
}

/**
 * Tracks the requests in progress. A command that fails can leave some, because it reads ahead. Dynalite would read the
 * closed database for them, and its exception would end the process with another error than the command's.
 * @returns a function that rejects new requests, and waits a few seconds for those in progress
 */
function watchRequests(server: Server): () => Promise<void> {
  const inProgress = new Set<Promise<void>>();
  const [handleRequest] = server.listeners("request") as RequestListener[];
  let closing = false;
  server.removeAllListeners("request").on("request", (request, response) => {
    if (closing) {
      request.destroy();
      return;
    }
    // Not an event of the response, because the client may have closed its connection while the database is being read.
    const answered = new Promise<void>((resolve) => {
      const end = response.end.bind(response) as (...args: unknown[]) => typeof response;
      response.end = (...args: unknown[]) => {
        resolve();
        return end(...args);
      };
      request.once("close", () => request.complete || resolve());
    });
    inProgress.add(answered);
    void answered.then(() => inProgress.delete(answered));
    handleRequest?.(request, response);
  });
  return async () => {
    closing = true;
    await Promise.race([Promise.all(inProgress), sleep(MAX_WAIT_MS, undefined, { ref: false })]);
  };
}

/**
 * Rejects requests from web pages. Dynalite requires no credentials and allows every origin (CORS), so that any page that is
 * open while a command runs could read the balances. Browsers send the header `Origin` with such requests.
 */
function rejectBrowsers(server: Server): void {
  const [handleRequest] = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request").on("request", (request, response) => {
    if (request.headers.origin === undefined) handleRequest?.(request, response);
    else response.writeHead(403).end();
  });
}

async function withClient<T>({ url }: EmbeddedDynamo, work: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  suppressSdkVersionWarning();
  const client = new DynamoDBClient({
    endpoint: url,
    region: LOCAL_AWS.AWS_REGION,
    credentials: { accessKeyId: LOCAL_AWS.AWS_ACCESS_KEY_ID, secretAccessKey: LOCAL_AWS.AWS_SECRET_ACCESS_KEY },
  });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

async function hasLocalTable(client: DynamoDBClient): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: LOCAL_TABLE }));
    return true;
  } catch (thrown) {
    if ((thrown as Error).name === "ResourceNotFoundException") return false;
    throw thrown;
  }
}

/** Creates the table, unless it exists, and returns when it is ACTIVE: until then, reads and writes may be refused. */
export async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  const keys = [TABLE_KEYS.partition, TABLE_KEYS.sort];
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" })),
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      }),
    );
  } catch (thrown) {
    if ((thrown as Error).name !== "ResourceInUseException") throw thrown;
  }
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 0.005, maxDelay: 1 }, { TableName: name });
}
