import {
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { awsErrorText, awsSuggestedFix } from "../aws/suggested-fixes.ts";
import { StoreError } from "../domain/errors.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, strings } from "./attributes.ts";
import { COMPLETE, STATUS } from "./keys.ts";

/** The cost of all reads so far. */
export interface Usage {
  requests: number;
  /** Read capacity units: per 4 KB of a query, 0.5 if eventually consistent and 1 if strongly consistent. */
  capacityUnits: number;
}

/** Selects items of one partition. */
export interface PartitionQuery {
  readonly partition: string;
  /** Bounds of the sort key, both included. Default: none. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** With what the sort key begins, instead of bounds. */
  readonly prefix?: string;
  /** @default false: by ascending sort key */
  readonly descending?: boolean;
  /** @default false: eventually consistent */
  readonly consistent?: boolean;
  /** Returns the maximum number of items of the next page. Default: as many as fit into DynamoDB's limit of 1 MB. */
  readonly pageSize?: () => number;
}

const ABSENT = {
  ConditionExpression: "attribute_not_exists(#partition)",
  ExpressionAttributeNames: { "#partition": TABLE_KEYS.partition },
};

/** This condition alone implements "whole or absent" and "once". */
const NOT_COMPLETE = {
  ConditionExpression: "attribute_not_exists(#status) OR #status <> :complete",
  ExpressionAttributeNames: { "#status": STATUS },
  ExpressionAttributeValues: { ":complete": { S: COMPLETE } },
};

/** The only module that sends requests to DynamoDB. It needs `Query` and `PutItem`. Every method throws StoreErrors. */
export class Table {
  readonly usage: Usage = { requests: 0, capacityUnits: 0 };
  readonly #client: DynamoDBClient;
  readonly #name: string;

  constructor(client: DynamoDBClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  static open(name: string, options: DynamoDBClientConfig): Table {
    // The steps of a request are put in order once for each command, instead of for each request.
    const client = new DynamoDBClient({ ...options, cacheMiddleware: true });
    // It copies every request and response for a log that is not used.
    client.middlewareStack.remove("loggerMiddleware");
    return new Table(client, name);
  }

  /** Yields the selected items. Reads a page only when the caller consumes it. */
  async *query(query: PartitionQuery): AsyncGenerator<Item> {
    const { partition, from, to, prefix, descending = false, consistent = false, pageSize } = query;
    // DynamoDB rejects a range that ends before it starts.
    if (from !== undefined && to !== undefined && from > to) return;
    const condition = sortCondition(query);
    let after: Item | undefined;
    do {
      const page = await this.#queryPage({
        KeyConditionExpression: ["#partition = :partition", ...condition].join(" AND "),
        ExpressionAttributeNames: {
          "#partition": TABLE_KEYS.partition,
          ...(condition.length > 0 && { "#sort": TABLE_KEYS.sort }),
        },
        ExpressionAttributeValues: strings({ ":partition": partition, ":from": from, ":to": to, ":prefix": prefix }),
        ScanIndexForward: !descending,
        ConsistentRead: consistent,
        Limit: pageSize?.(),
        ExclusiveStartKey: after,
      });
      yield* page.Items ?? [];
      after = page.LastEvaluatedKey;
    } while (after !== undefined);
  }

  async queryAll(query: PartitionQuery): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this.query(query)) items.push(item);
    return items;
  }

  /** Puts an item unless its key exists. Returns whether the item was written. */
  putIfAbsent(item: Item): Promise<boolean> {
    return this.#put(item, ABSENT);
  }

  /** Puts an item unless its key holds a complete snapshot. Returns whether the item was written. */
  putUnlessComplete(item: Item): Promise<boolean> {
    return this.#put(item, NOT_COMPLETE);
  }

  async #queryPage(input: Omit<QueryCommandInput, "TableName">) {
    this.usage.requests++;
    try {
      const page = await this.#client.send(
        new QueryCommand({ TableName: this.#name, ReturnConsumedCapacity: "TOTAL", ...input }),
      );
      this.usage.capacityUnits += page.ConsumedCapacity?.CapacityUnits ?? 0;
      return page;
    } catch (thrown) {
      throw tableError(thrown, this.#name, "read");
    }
  }

  async #put(item: Item, condition: typeof ABSENT | typeof NOT_COMPLETE): Promise<boolean> {
    try {
      await this.#client.send(new PutItemCommand({ TableName: this.#name, Item: item, ...condition }));
      return true;
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === "ConditionalCheckFailedException") return false;
      throw tableError(thrown, this.#name, "written");
    }
  }
}

/** Returns the condition of a query on the sort key; an empty list if there is none. */
function sortCondition({ from, to, prefix }: PartitionQuery): string[] {
  if (prefix !== undefined) return ["begins_with(#sort, :prefix)"];
  if (from !== undefined && to !== undefined) return ["#sort BETWEEN :from AND :to"];
  if (from !== undefined) return ["#sort >= :from"];
  return to === undefined ? [] : ["#sort <= :to"];
}

function tableError(thrown: unknown, tableName: string, intent: "read" | "written"): StoreError {
  const resource = `the table ${tableName}`;
  const action = intent === "read" ? "dynamodb:Query" : "dynamodb:PutItem";
  return new StoreError(
    "table_unavailable",
    `The table ${tableName} could not be ${intent}: ${awsErrorText(thrown)}.`,
    {
      suggestedFix: awsSuggestedFix(thrown, { action, resource }),
      cause: thrown,
    },
  );
}

/** Returns page sizes that grow from `first` to 100: cheap if the first items suffice, few requests if not. */
export function growingPages(first: number): () => number {
  let next = first;
  return () => {
    const size = next;
    next = Math.min(size * 4, 100);
    return size;
  };
}
