import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { TABLE_KEYS } from "../../core/names/table-keys.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount, WireBalance } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalance } from "../support/accounts.ts";
import { makeEd25519Key, type TestKey } from "../support/keys.ts";
import type { Datum } from "./alarms.ts";
import { type LocalAws, startLocalAws } from "./aws.ts";
import { type Deployment, readDeployment } from "./deployment.ts";

/** What all worlds share, for none of it is changed by a fault: AWS, the synthesized stack, a key, and accounts. */
export interface Lab {
  readonly aws: LocalAws;
  readonly deployment: Deployment;
  readonly dynamo: DynamoDBClient;
  readonly key: TestKey;
  /** Some of three pages, to be struck, and one of one page. */
  readonly accounts: { readonly toBeStruck: readonly SimulatedAccount[]; readonly other: SimulatedAccount };
  /** The table and the metrics after the slot of nine o'clock, which was complete for all of them. */
  past?: { readonly items: Record<string, unknown>[]; readonly data: readonly Datum[] };
  newTable(name: string, items?: readonly Record<string, unknown>[]): Promise<void>;
  put(table: string, items: readonly Record<string, unknown>[]): Promise<void>;
  itemsOf(table: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Starts it, and has the AWS SDK of this process work with it. */
export async function startLab(): Promise<Lab> {
  // First, for it keeps the process busy for seconds.
  const deployment = readDeployment();
  const aws = await startLocalAws();
  const { AWS_ENDPOINT_URL_DYNAMODB: _, ...local } = embeddedEnvironment(aws);
  const { POWERTOOLS_SERVICE_NAME = "" } = deployment.env;
  Object.assign(process.env, local, { AWS_ENDPOINT_URL: aws.url, POWERTOOLS_SERVICE_NAME });
  const dynamo = new DynamoDBClient({});
  const lab: Lab = {
    aws,
    deployment,
    dynamo,
    key: makeEd25519Key(),
    accounts: { toBeStruck: [1, 2, 3, 4, 5, 6].map(account), other: { ...account(7), createdAt: NEWEST } },
    newTable: async (name, items = []) => {
      const keys = [TABLE_KEYS.partition, TABLE_KEYS.sort];
      await dynamo.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: "PAY_PER_REQUEST",
          KeySchema: keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? "HASH" : "RANGE" })),
          AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        }),
      );
      await lab.put(name, items);
    },
    put: async (table, items) => {
      for (let at = 0; at < items.length; at += 25) {
        const puts = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item: Item as never } }));
        await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [table]: puts } }));
      }
    },
    itemsOf: async (table) => {
      const items: Record<string, unknown>[] = [];
      for await (const { Items = [] } of paginateScan({ client: dynamo }, { TableName: table })) items.push(...Items);
      return items;
    },
    close: () => aws.close(),
  };
  return lab;
}

/** The API lists the newest first. */
const NEWEST = "2026-01-01T00:00:00Z";

/** Always of the same id, which is in page tokens: so its pages have always the same length. */
function account(n: number): SimulatedAccount {
  return { ...makeAccount(), accountId: `account_af2937b0-9846-4fe7-bfe9-ccc22d93511${n}` };
}

/** What an account holds in an hour: something else in each, so that nothing of one passes for that of another. */
export function balancesAt(hour: number, count: number): WireBalance[] {
  return Array.from({ length: count }, (_, at) =>
    makeBalance(`a${at}`, `${hour}.00${at}`, `${(count - at) * hour}.50`),
  );
}
