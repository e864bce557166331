import { type AttributeValue, BatchWriteItemCommand, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { NO_LOGGER } from "../../../core/aws/client-options.ts";
import type { Clock, SlotRecord } from "../../../core/domain/ports.ts";
import { ENV } from "../../../core/names/environment.ts";
import { systemClock } from "../../../core/system-clock.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { TableSnapshotStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { createTable, LOCAL_TABLE } from "../../../local/dynamodb/embedded-dynamodb.ts";
import { type SimulatedCdp, type SimulatedCdpOptions, startSimulatedCdp } from "../../../local/simulated-cdp/server.ts";
import { makeEd25519Key, type TestKey } from "../keys.ts";
import { type LocalAws, startAws } from "./aws.ts";

/** A raw item of the table. */
export type Item = Record<string, AttributeValue>;

export interface WorldOptions extends Partial<Omit<SimulatedCdpOptions, "now">> {
  readonly accounts: SimulatedCdpOptions["accounts"];
  readonly key?: TestKey;
  /** The clock of the API and the job. Default: the system clock. */
  readonly clock?: Clock;
  /** An AWS that several worlds share. Default: a new one. */
  readonly aws?: LocalAws;
  /** The table is in memory, see `keepTableInMemory`. Default: it is in an embedded DynamoDB. */
  readonly inMemory?: boolean;
  /** The name of the table and of the secret. Default: that of the embedded table. */
  readonly scope?: string;
}

/** All that a run needs: a simulated API, a table, a secret and a clock. */
export interface World {
  readonly cdp: SimulatedCdp;
  readonly aws: LocalAws;
  readonly scope: string;
  readonly key: TestKey;
  readonly clock: Clock;
  /** Variables for the AWS SDK, and those that name the table, the secret and the API. */
  readonly env: Readonly<Record<string, string>>;
  readonly table: DynamoDBClient;
  readonly reader: HistoryReader;
  /** Returns the record of a slot. */
  findRecord(accountId: string, slot: string): Promise<SlotRecord | undefined>;
  /** Returns every item of the table. */
  items(): Promise<Item[]>;
  put(items: readonly Item[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts a world with an empty table, and points the AWS SDK of this process at it. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { key = makeEd25519Key(), clock = systemClock, aws: shared, inMemory = false, ...api } = options;
  const { scope = inMemory ? `memory-${++memoryTables}` : LOCAL_TABLE } = options;
  const aws = shared ?? (await startAws(inMemory ? scope : undefined));
  const cdp = await startSimulatedCdp({ keys: () => [key], ...api, now: () => clock.now() });
  aws.secrets.set(scope, key.file);
  const names = { [ENV.apiBaseUrl]: cdp.url, [ENV.tableName]: scope, [ENV.apiKeySecretId]: scope };
  Object.assign(process.env, aws.env);
  // The environment may lead to another endpoint later.
  const table = new DynamoDBClient({ endpoint: aws.url, logger: NO_LOGGER });
  if (scope !== LOCAL_TABLE && !inMemory) await createTable(table, scope);
  return {
    ...{ cdp, aws, scope, key, clock, table },
    env: { ...aws.env, ...names },
    reader: new HistoryReader(new Table(table, scope)),
    findRecord: async (accountId, slot) =>
      (await new TableSnapshotStore(new Table(table, scope)).readSlot(accountId, slot)).current,
    items: async () => {
      const items: Item[] = [];
      for await (const { Items = [] } of paginateScan({ client: table }, { TableName: scope })) items.push(...Items);
      return items;
    },
    put: async (items) => {
      for (let at = 0; at < items.length; at += MAX_BATCH) {
        const puts = items.slice(at, at + MAX_BATCH).map((Item) => ({ PutRequest: { Item } }));
        await table.send(new BatchWriteItemCommand({ RequestItems: { [scope]: puts } }));
      }
    },
    close: async () => {
      table.destroy();
      await Promise.all([cdp.close(), shared === undefined && aws.close()]);
    },
  };
}

let memoryTables = 0;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const MAX_BATCH = 25;
