import {
  type AttributeValue,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { TableReader } from "../../../core/table/table-reader.ts";
import { LOCAL_TABLE, quietSdk, startEmbeddedDynamo } from "../../../local/dynamodb.ts";

export type RawItem = Record<string, AttributeValue>;

/** An embedded DynamoDB in memory, with direct access to its items. */
export interface TestTable {
  readonly name: string;
  readonly url: string;
  readonly client: DynamoDBClient;
  /** Returns a new client, as another process would have. */
  anotherClient(): DynamoDBClient;
  /** Returns every item of the table. */
  items(): Promise<RawItem[]>;
  /** Returns every item of a partition. */
  itemsUnder(partition: string): Promise<RawItem[]>;
  put(item: RawItem): Promise<void>;
  close(): Promise<void>;
}

export async function startTestTable(): Promise<TestTable> {
  quietSdk();
  const dynamo = await startEmbeddedDynamo();
  const clients: DynamoDBClient[] = [];
  const anotherClient = () => {
    const client = new DynamoDBClient({
      endpoint: dynamo.url,
      region: "eu-central-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 1,
    });
    clients.push(client);
    return client;
  };
  const client = anotherClient();
  return {
    name: LOCAL_TABLE,
    url: dynamo.url,
    client,
    anotherClient,
    items: () =>
      allPages((ExclusiveStartKey) => client.send(new ScanCommand({ TableName: LOCAL_TABLE, ExclusiveStartKey }))),
    itemsUnder: (partition) =>
      allPages((ExclusiveStartKey) =>
        client.send(
          new QueryCommand({
            TableName: LOCAL_TABLE,
            KeyConditionExpression: "account = :partition",
            ExpressionAttributeValues: { ":partition": { S: partition } },
            ExclusiveStartKey,
          }),
        ),
      ),
    put: async (Item) => {
      await client.send(new PutItemCommand({ TableName: LOCAL_TABLE, Item }));
    },
    close: async () => {
      for (const made of clients) made.destroy();
      await dynamo.close();
    },
  };
}

/** A table with a writer, and a reader that has a separate client. */
export interface TestStore {
  readonly table: TestTable;
  readonly store: TableStore;
  readonly reader: TableReader;
}

export async function startTestStore(): Promise<TestStore> {
  const table = await startTestTable();
  return {
    table,
    store: new TableStore(table.client, table.name),
    reader: new TableReader(table.anotherClient(), table.name),
  };
}

interface Page {
  readonly Items?: RawItem[] | undefined;
  readonly LastEvaluatedKey?: RawItem | undefined;
}

async function allPages(read: (from: RawItem | undefined) => Promise<Page>): Promise<RawItem[]> {
  const items: RawItem[] = [];
  let from: RawItem | undefined;
  do {
    const page = await read(from);
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

/** Makes commands of a client fail without a request where `fails` returns true. Returns the names of all commands. */
export function watch(client: DynamoDBClient, fails: (command: string, at: number) => boolean = () => false) {
  const sent: string[] = [];
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        sent.push(commandName);
        const at = sent.filter((name) => name === commandName).length;
        if (fails(commandName, at)) throw Object.assign(new Error("the process ended"), { name: "Killed" });
        return next(args);
      },
    { step: "initialize" },
  );
  return sent;
}

let accounts = 0;

/** Returns an account id that no other test uses. */
export function newAccount(): string {
  return `account_${String(++accounts).padStart(8, "0")}-9846-4fe7-bfe9-ccc22d935114`;
}
