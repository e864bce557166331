import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import {
  type EmbeddedDynamo,
  embeddedEnvironment,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";
import { type Ended, runBalances } from "./history-cli.ts";
import type { Facts } from "./history-facts.ts";
import { patientClient, writeFacts } from "./history-table.ts";
import { newFolder } from "./new-folder.ts";
import { keepTableInMemory, NOWHERE } from "./world/memory-table.ts";
import { skipNetwork } from "./world/without-network.ts";

/** A table with facts, written as the job writes them, and the command line that reads it. */
export interface FactsWorld {
  readonly tableName: string;
  readonly client: DynamoDBClient;
  /** Returns a store as a new process has it: one that has read nothing yet. */
  newStore(): TableSnapshotStore;
  readonly reader: HistoryReader;
  /** An empty folder. */
  readonly home: string;
  /** The environment of a command line that reads the table. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs the command line on the table. */
  balances(...args: string[]): Promise<Ended>;
  close(): Promise<void>;
}

export interface EmbeddedFactsWorld extends FactsWorld {
  readonly dynamo: EmbeddedDynamo;
}

let memoryTables = 0;

/**
 * Starts a world whose table is in memory, see `keepTableInMemory`.
 * @param now the current time for the command line, milliseconds since 1970; default: the clock's time
 */
export async function startFactsWorld(facts: Facts, now?: number): Promise<FactsWorld> {
  const tableName = `facts-${++memoryTables}`;
  const removeTable = keepTableInMemory(tableName);
  return newFactsWorld(facts, now, { tableName, url: NOWHERE, close: async () => removeTable() });
}

/** Starts a world whose table is in an embedded DynamoDB, with everything that a table in memory lacks. */
export async function startEmbeddedFactsWorld(facts: Facts, now?: number): Promise<EmbeddedFactsWorld> {
  const dynamo = await startEmbeddedDynamo();
  skipNetwork(dynamo.url, dynamo.server);
  const { url, close } = dynamo;
  return { ...(await newFactsWorld(facts, now, { tableName: LOCAL_TABLE, url, close })), dynamo };
}

async function newFactsWorld(
  facts: Facts,
  now: number | undefined,
  { tableName, url, close }: { readonly tableName: string; readonly url: string; close(): Promise<void> },
): Promise<FactsWorld> {
  const home = newFolder();
  const client = patientClient(url);
  const env = embeddedEnvironment({ url });
  const table = new Table(client, tableName);
  await writeFacts(client, tableName, facts);
  return {
    ...{ tableName, client, home, env },
    newStore: () => new TableSnapshotStore(table),
    reader: new HistoryReader(table),
    balances: (...args) => runBalances([...args, "--table", tableName], home, env, now),
    close: async () => {
      client.destroy();
      await close();
    },
  };
}
