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
import { skipNetwork } from "./world/without-network.ts";

/** An embedded table with facts, written as the job writes them, and the command line that reads it. */
export interface FactsWorld {
  readonly dynamo: EmbeddedDynamo;
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

/**
 * Starts a world.
 * @param now the current time for the command line, milliseconds since 1970; default: the clock's time
 */
export async function startFactsWorld(facts: Facts, now?: number): Promise<FactsWorld> {
  const home = newFolder();
  const dynamo = await startEmbeddedDynamo();
  skipNetwork(dynamo.url, dynamo.server);
  const client = patientClient(dynamo.url);
  const env = embeddedEnvironment(dynamo);
  const table = new Table(client, LOCAL_TABLE);
  await writeFacts(client, LOCAL_TABLE, facts);
  return {
    ...{ dynamo, client, home, env },
    newStore: () => new TableSnapshotStore(table),
    reader: new HistoryReader(table),
    balances: (...args) => runBalances([...args, "--table", LOCAL_TABLE], home, env, now),
    close: async () => {
      client.destroy();
      await dynamo.close();
    },
  };
}
