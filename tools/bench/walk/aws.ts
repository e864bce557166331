import { createServer } from "node:http";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { TABLE_KEYS } from "../../../core/names/table-keys.ts";
import { listenOnLoopback, readBody } from "../../../local/loopback-server.ts";

/** As fast as DynamoDB usually answers from within its region. */
const LATENCY_MS = 5;

type Item = Record<string, AttributeValue>;
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
  const partitions = new Map<string, Map<string, Item>>();
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

function put(partitions: Map<string, Map<string, Item>>, { Item, ConditionExpression }: Put): [number, object] {
  const partition = Item[TABLE_KEYS.partition]?.S ?? "";
  const sort = Item[TABLE_KEYS.sort]?.S ?? "";
  const items = partitions.get(partition) ?? new Map<string, Item>();
  partitions.set(partition, items);
  const current = items.get(sort);
  const replaces = ConditionExpression.includes("<>") && current?.["status"]?.S !== "complete";
  if (current !== undefined && !replaces) return [400, { __type: "ConditionalCheckFailedException" }];
  items.set(sort, Item);
  return [200, {}];
}

function query(partitions: ReadonlyMap<string, ReadonlyMap<string, Item>>, input: Query): object {
  const { ExpressionAttributeValues: values, ScanIndexForward, Limit } = input;
  const items = partitions.get(values[":partition"]?.S ?? "") ?? new Map<string, Item>();
  const from = values[":from"]?.S ?? "";
  const to = values[":to"]?.S;
  const prefix = values[":prefix"]?.S ?? "";
  const sorts = [...items.keys()]
    .filter((sort) => sort >= from && (to === undefined || sort <= to) && sort.startsWith(prefix))
    .sort();
  if (!ScanIndexForward) sorts.reverse();
  sorts.splice(0, sorts.indexOf(input.ExclusiveStartKey?.[TABLE_KEYS.sort]?.S ?? "") + 1);
  const Items = sorts.slice(0, Limit).map((sort) => items.get(sort));
  // More may follow, as DynamoDB says whenever it stops at the limit.
  const last = Limit !== undefined && sorts.length >= Limit ? items.get(sorts[Limit - 1] ?? "") : undefined;
  const key = last && { [TABLE_KEYS.partition]: last[TABLE_KEYS.partition], [TABLE_KEYS.sort]: last[TABLE_KEYS.sort] };
  return { Items, Count: Items.length, ScannedCount: Items.length, ...(key && { LastEvaluatedKey: key }) };
}
