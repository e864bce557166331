import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TABLE_KEYS } from "../core/names/table-keys.ts";

/** The table of the embedded DynamoDB. */
export const LOCAL_TABLE = "balance-snapshots";

/** Where the commands of this project keep their data. */
export const LOCAL_FOLDER = ".local";

/** Where the demo's market goes on. A folder that has it is the demo's alone: its accounts and one's own would be added up. */
export const DEMO_MARKET = join(LOCAL_FOLDER, "market.json");

/** The SDK announces on every start that its versions of 2027 need Node 22. Ours is pinned. */
const QUIET = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

/** Has the SDK keep its announcements to itself in this process. */
export function quietSdk(): void {
  process.env[QUIET] ??= "true";
}

/** What the SDK wants to have and an embedded server does not look at. */
const LOCAL_AWS = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  [QUIET]: "true",
};

/** The SDK's own variables that lead it to an embedded DynamoDB. */
export function embeddedEnvironment({ url }: { readonly url: string }): Record<string, string> {
  return { ...LOCAL_AWS, AWS_ENDPOINT_URL_DYNAMODB: url };
}

export interface EmbeddedDynamo {
  /** For `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

/**
 * Starts a DynamoDB on 127.0.0.1 that has the table.
 * @param folder where it keeps its data; `undefined`: in memory
 * @throws StoreError `folder_in_use`, `folder_unusable`
 */
export async function startEmbeddedDynamo(folder?: string): Promise<EmbeddedDynamo> {
  // Loaded only here: a command on a deployed table starts without a database.
  const [{ default: dynalite }, { takeDatabase }] = await Promise.all([
    import("dynalite"),
    import("./database-folder.ts"),
  ]);
  const taken = folder === undefined ? undefined : await takeDatabase(folder);
  const server = dynalite({ createTableMs: 0, ...(taken && { path: taken.path }) });
  refuseBrowsers(server);
  // By default Node closes idle connections after 5 seconds, on a busy machine in the middle of a request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await ensureTable(url);
  return {
    url,
    server,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await taken?.release();
    },
  };
}

/**
 * The database asks nobody who they are, and tells browsers that pages of any site may use it. None may: whoever has a page
 * open while a command runs would let that page read the balances. A browser names the page's origin in each such request.
 */
function refuseBrowsers(server: Server): void {
  const [answer] = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request").on("request", (request, response) => {
    if (request.headers.origin === undefined) answer?.(request, response);
    else response.writeHead(403).end();
  });
}

async function ensureTable(endpoint: string): Promise<void> {
  quietSdk();
  const client = new DynamoDBClient({
    endpoint,
    region: LOCAL_AWS.AWS_REGION,
    credentials: { accessKeyId: LOCAL_AWS.AWS_ACCESS_KEY_ID, secretAccessKey: LOCAL_AWS.AWS_SECRET_ACCESS_KEY },
  });
  await createTable(client, LOCAL_TABLE);
  client.destroy();
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
  const isActive = async () =>
    (await client.send(new DescribeTableCommand({ TableName: name }))).Table?.TableStatus === "ACTIVE";
  while (!(await isActive())) await new Promise((resolve) => setTimeout(resolve, 5));
}
