import { createServer } from "node:http";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { TABLE_KEYS } from "../../../core/names/table-keys.ts";
import { listenOnLoopback, readBody } from "../../../local/loopback-server.ts";

/** As fast as DynamoDB usually answers from within its region. */
const LATENCY_MS = 5;

type Item = Record<string, AttributeValue>;

interface Partition {
  readonly items: Map<string, Item>;
  /** The sort keys in order. Sorting the catalog of thousands of accounts in each query would take longer than the run. */
  readonly sorts: string[];
}

type Partitions = Map<string, Partition>;

/** Sorts after every key of the table. */
const LAST = "\uffff";
type Values = Readonly<Record<string, { readonly S: string }>>;

interface Put {
  readonly Item: Item;
  readonly ConditionExpression: string;
}

interface Query {
  readonly KeyConditionExpression: string;
  readonly ExpressionAttributeValues: Values;
  readonly ScanIndexForward: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
}

/**
 * Starts the least that the job needs of DynamoDB and Secrets Manager: conditional puts and queries of items in memory, and one
 * secret. An embedded database would take more time than the job that is measured.
 */
export async function startAws(secret: string) {
  const partitions: Partitions = new Map();
  const actions: Readonly<Record<string, (input: never) => [status: number, output: object]>> = {
    "DynamoDB_20120810.PutItem": (input: Put) => put(partitions, input),
    "DynamoDB_20120810.Query": (input: Query) => [200, query(partitions, input)],
    "secretsmanager.GetSecretValue": () => [200, { Name: "bench", SecretString: secret }],
  };
  const counts = { requests: 0 };
  const server = createServer(async (request, response) => {
    const target = String(request.headers["x-amz-target"]);
    const input = JSON.parse((await readBody(request)).toString());
    counts.requests++;
    const [status, output] = actions[target]?.(input as never) ?? [400, { __type: "UnknownOperationException" }];
    setTimeout(() => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify(output));
    }, LATENCY_MS);
  });
  return { url: await listenOnLoopback(server), counts };
}

function put(partitions: Partitions, { Item, ConditionExpression }: Put): [number, object] {
  const partition = Item[TABLE_KEYS.partition]?.S ?? "";
  const sort = Item[TABLE_KEYS.sort]?.S ?? "";
  const { items, sorts } = partitionOf(partitions, partition);
  const current = items.get(sort);
  const replaces = ConditionExpression.includes("<>") && current?.["status"]?.S !== "complete";
  if (current !== undefined && !replaces) return [400, { __type: "ConditionalCheckFailedException" }];
  if (current === undefined) sorts.splice(countBefore(sorts, sort), 0, sort);
  items.set(sort, Item);
  return [200, {}];
}

function query(partitions: Partitions, input: Query): object {
  const { ExpressionAttributeValues: values, ScanIndexForward, Limit } = input;
  const { items, sorts } = partitionOf(partitions, values[":partition"]?.S ?? "");
  const prefix = values[":prefix"]?.S ?? "";
  const from = values[":from"]?.S ?? prefix;
  const to = `${values[":to"]?.S ?? prefix}${values[":to"] === undefined ? LAST : "\0"}`;
  const found = sorts.slice(countBefore(sorts, from), countBefore(sorts, to));
  if (!ScanIndexForward) found.reverse();
  found.splice(0, found.indexOf(input.ExclusiveStartKey?.[TABLE_KEYS.sort]?.S ?? "") + 1);
  const Items = found.slice(0, Limit).map((sort) => items.get(sort));
  // More may follow, as DynamoDB says whenever it stops at the limit.
  const last = Limit !== undefined && found.length >= Limit ? items.get(found[Limit - 1] ?? "") : undefined;
  const key = last && { [TABLE_KEYS.partition]: last[TABLE_KEYS.partition], [TABLE_KEYS.sort]: last[TABLE_KEYS.sort] };
  return { Items, Count: Items.length, ScannedCount: Items.length, ...(key && { LastEvaluatedKey: key }) };
}

function partitionOf(partitions: Partitions, name: string): Partition {
  const partition = partitions.get(name) ?? { items: new Map(), sorts: [] };
  partitions.set(name, partition);
  return partition;
}

/** Returns how many sort keys are before another one, by binary search. */
function countBefore(sorts: readonly string[], key: string): number {
  let [from, to] = [0, sorts.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorts[middle] ?? LAST) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}
