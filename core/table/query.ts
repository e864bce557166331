import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { TABLE_KEYS } from "../names/table-keys.ts";
import type { Item } from "./attributes.ts";
import { tableError } from "./table-error.ts";

/** What reading has cost so far. */
export interface Usage {
  requests: number;
  /** Read capacity units: half a unit for each 4 KB that a query read, eventually consistent; one if consistent. */
  capacityUnits: number;
}

/** What of a partition is read. */
export interface PartitionQuery {
  readonly partition: string;
  /** A condition on the sort key, `#sort`, and its values. Default: all of the partition. */
  readonly sort?: { readonly condition: string; readonly values: Readonly<Record<string, string>> };
  /** Default: by ascending sort key, eventually consistent. */
  readonly descending?: boolean;
  readonly consistent?: boolean;
  /** Items of each page, at most; asked for each page. Default: what fits into DynamoDB's 1 MB. */
  readonly pageSize?: () => number;
}

/** Queries a table, page by page. Throws StoreErrors. */
export class TableQueries {
  readonly usage: Usage = { requests: 0, capacityUnits: 0 };
  readonly #client: DynamoDBClient;
  readonly #tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  /** The items, read as far as they are consumed. */
  async *items(query: PartitionQuery): AsyncGenerator<Item> {
    const { partition, sort, descending = false, consistent = false, pageSize } = query;
    const values = Object.entries(sort?.values ?? {}).map(([name, value]) => [name, { S: value }]);
    let from: Item | undefined;
    do {
      const page = await this.#query({
        KeyConditionExpression: `#partition = :partition${sort ? ` AND ${sort.condition}` : ""}`,
        ExpressionAttributeNames: { "#partition": TABLE_KEYS.partition, ...(sort && { "#sort": TABLE_KEYS.sort }) },
        ExpressionAttributeValues: { ":partition": { S: partition }, ...Object.fromEntries(values) },
        ScanIndexForward: !descending,
        ConsistentRead: consistent,
        Limit: pageSize?.(),
        ExclusiveStartKey: from,
      });
      yield* page.Items ?? [];
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  }

  async #query(input: Omit<QueryCommandInput, "TableName">) {
    this.usage.requests++;
    try {
      const page = await this.#client.send(
        new QueryCommand({ TableName: this.#tableName, ReturnConsumedCapacity: "TOTAL", ...input }),
      );
      this.usage.capacityUnits += page.ConsumedCapacity?.CapacityUnits ?? 0;
      return page;
    } catch (thrown) {
      throw tableError(thrown, this.#tableName, "read");
    }
  }
}
