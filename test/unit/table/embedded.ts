import {
  type AttributeValue,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { NO_LOGGER } from "../../../core/aws/client-options.ts";
import type { SlotRecord } from "../../../core/domain/ports.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { LOCAL_TABLE, startEmbeddedDynamo } from "../../../local/dynamodb/embedded-dynamodb.ts";
import { suppressSdkVersionWarning } from "../../../local/sdk-version-warning.ts";
import { skipNetwork } from "../../support/world/without-network.ts";

export type RawItem = Record<string, AttributeValue>;

/** An embedded DynamoDB, with direct access to its items. */
export interface TestTable {
  readonly name: string;
  readonly url: string;
  readonly client: DynamoDBClient;
  /** Returns another client, as another process would have. */
  anotherClient(): DynamoDBClient;
  /** Every item of the table. */
  items(): Promise<RawItem[]>;
  /** Every item of a partition. */
  itemsUnder(partition: string): Promise<RawItem[]>;
  put(item: RawItem): Promise<void>;
  remove(item: RawItem | undefined): Promise<void>;
  close(): Promise<void>;
}

export async function startTestTable(): Promise<TestTable> {
  suppressSdkVersionWarning();
  const dynamo = await startEmbeddedDynamo();
  skipNetwork(dynamo.url, dynamo.server);
  const clients: DynamoDBClient[] = [];
  const anotherClient = () => {
    const client = new DynamoDBClient({
      endpoint: dynamo.url,
      region: "eu-central-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 1,
      logger: NO_LOGGER,
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
    items: () => allItems(paginateScan({ client }, { TableName: LOCAL_TABLE })),
    itemsUnder: (partition) => {
      const values = { ":partition": { S: partition } };
      const query = { KeyConditionExpression: "account = :partition", ExpressionAttributeValues: values };
      return allItems(paginateQuery({ client }, { TableName: LOCAL_TABLE, ...query }));
    },
    put: async (Item) => {
      await client.send(new PutItemCommand({ TableName: LOCAL_TABLE, Item }));
    },
    remove: async ({ account, slot } = {}) => {
      if (account === undefined || slot === undefined) throw new Error("The item has no key.");
      await client.send(new DeleteItemCommand({ TableName: LOCAL_TABLE, Key: { account, slot } }));
    },
    close: async () => {
      for (const made of clients) made.destroy();
      await dynamo.close();
    },
  };
}

export type ReadableTable = Pick<TestTable, "client" | "name">;

/** A table in memory. */
export interface MemoryTable extends ReadableTable {
  anotherClient(): DynamoDBClient;
  /** Returns every item. */
  items(): readonly RawItem[];
  /** Returns every item of a partition. */
  itemsUnder(partition: string): readonly RawItem[];
  put(item: RawItem): void;
  remove(item: RawItem | undefined): void;
}

/** Either kind of table. Tests await what its methods return. */
export type AnyTable = TestTable | MemoryTable;

/** Returns a table in memory. It supports scans, the program's queries, conditional and unconditional puts, and deletions. */
export function tableOf(initial: readonly RawItem[]): MemoryTable {
  const stored = new Map<string | undefined, Partition>();
  const partitionOf = (name: string | undefined) => {
    const partition = stored.get(name) ?? new Partition();
    stored.set(name, partition);
    return partition;
  };
  for (const item of initial) partitionOf(item["account"]?.S).put(item);
  const items = () => [...stored.values()].flatMap((partition) => partition.sorted());
  const select = ({ ExpressionAttributeValues: values, ScanIndexForward }: QueryCommandInput) => {
    const textOf = (name: string) => values?.[name]?.S;
    const [partition, prefix = "", from = "", to = "\uffff"] = [":partition", ":prefix", ":from", ":to"].map(textOf);
    const isSelected = (sort: string) => sort.startsWith(prefix) && sort >= from && sort <= to;
    const selected = (stored.get(partition)?.sorted() ?? []).filter((item) => isSelected(sortOf(item)));
    return ScanIndexForward === false ? selected.reverse() : selected;
  };
  const put = (item: RawItem, replaces: (status: string | undefined) => boolean) => {
    const partition = partitionOf(item["account"]?.S);
    const current = partition.get(item);
    if (current !== undefined && !replaces(current["status"]?.S)) {
      throw Object.assign(new Error(), { name: "ConditionalCheckFailedException" });
    }
    partition.put(item);
  };
  const send = async ({
    input,
  }: {
    readonly input: QueryCommandInput & Partial<PutItemCommandInput & DeleteItemCommandInput>;
  }) => {
    if (input.Key !== undefined) {
      partitionOf(input.Key["account"]?.S).remove(input.Key);
      return {};
    }
    if (input.Item !== undefined) {
      const complete = input.ExpressionAttributeValues?.[":complete"]?.S;
      const isUnconditional = input.ConditionExpression === undefined;
      put(input.Item, (status) => isUnconditional || (complete !== undefined && status !== complete));
      return {};
    }
    return { Items: input.KeyConditionExpression === undefined ? items() : select(input) };
  };
  const anotherClient = () => Object.create(DynamoDBClient.prototype, { send: { value: send, writable: true } });
  return {
    name: "in-memory",
    client: anotherClient(),
    anotherClient,
    items,
    itemsUnder: (partition) => partitionOf(partition).sorted(),
    put: (item) => partitionOf(item["account"]?.S).put(item),
    remove: (item = {}) => partitionOf(item["account"]?.S).remove(item),
  };
}

const sortOf = ({ slot }: RawItem) => slot?.S ?? "";

/** The items of a table with the same partition key. */
class Partition {
  readonly #items = new Map<string, RawItem>();
  /** `undefined` after a put. */
  #sorted: readonly RawItem[] | undefined;

  get(key: RawItem): RawItem | undefined {
    return this.#items.get(sortOf(key));
  }

  put(item: RawItem): void {
    this.#items.set(sortOf(item), item);
    this.#sorted = undefined;
  }

  remove(key: RawItem): void {
    this.#items.delete(sortOf(key));
    this.#sorted = undefined;
  }

  sorted(): readonly RawItem[] {
    this.#sorted ??= [...this.#items.values()].sort((a, b) => (sortOf(a) < sortOf(b) ? -1 : 1));
    return this.#sorted;
  }
}

export const newStore = ({ client, name }: ReadableTable, retentionDays?: number) =>
  new TableSnapshotStore(new Table(client, name), retentionDays);

/** Opens a table as another process does, and records its commands. Those for which `fails` returns true fail. */
export function openWatched(table: AnyTable, fails?: Parameters<typeof watch>[1]) {
  const client = table.anotherClient();
  const sent = watch(client, fails);
  const opened = new Table(client, table.name);
  return { store: new TableSnapshotStore(opened), reader: new HistoryReader(opened), sent };
}

async function allItems(pages: AsyncIterable<{ Items?: RawItem[] | undefined }>): Promise<RawItem[]> {
  const items: RawItem[] = [];
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
}

/** Returns the record of a slot, as another process reads it. */
export async function findRecord(table: AnyTable, accountId: string, slot: string): Promise<SlotRecord | undefined> {
  return (await openWatched(table).store.readSlot(accountId, slot)).current;
}

/** What a client sends. */
export interface Sent {
  /** The name of the command's class. */
  readonly name: string;
  readonly input: Partial<QueryCommandInput & PutItemCommandInput>;
}

/** Replaces how a client sends commands. `send` sends the command, and returns the response. */
export function intercept(
  client: DynamoDBClient,
  handle: (sent: Sent, send: () => Promise<{ Items?: readonly RawItem[] }>) => unknown,
): void {
  const send = client.send.bind(client) as (command: unknown) => Promise<{ Items?: readonly RawItem[] }>;
  Object.assign(client, {
    send: async (command: { input: Sent["input"] }) =>
      handle({ name: command.constructor.name, input: command.input }, () => send(command)),
  });
}

/** Records the names of a client's commands, and lets those fail for which `fails` returns true, without a request. */
export function watch(client: DynamoDBClient, fails: (command: string, at: number) => boolean = () => false) {
  const sent: string[] = [];
  intercept(client, ({ name }, send) => {
    sent.push(name);
    const at = sent.filter((one) => one === name).length;
    if (fails(name, at)) throw Object.assign(new Error("the process ended"), { name: "Killed" });
    return send();
  });
  return sent;
}

let accounts = 0;

/** Returns the id of an account that no other test uses. */
export function newAccount(): string {
  return `account_${String(++accounts).padStart(8, "0")}-9846-4fe7-bfe9-ccc22d935114`;
}
