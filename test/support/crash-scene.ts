import { type AttributeValue, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Asset } from "../../core/domain/balance.ts";
import type { HistoryRecord } from "../../core/domain/history.ts";
import type { Slot } from "../../core/domain/slot.ts";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { Table } from "../../core/table/table.ts";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type SimulatedAccount, startSimulatedCdp } from "../../local/simulated-cdp/server.ts";
import { startSecretsManager } from "../../local/stand-ins/secrets-manager.ts";
import { type Forward, forwardTo, type Key } from "./crash-step.ts";
import { makeEd25519Key } from "./keys.ts";

/** No record has a slot that is further ahead. */
export const HORIZON = Date.now() + 86_400_000;

/** An item of the table, as it is. */
export type Item = Record<string, AttributeValue>;

/** What a kill, and the runs after it, are tried on: servers, a table, and accounts whose amounts differ from run to run. */
export interface Scene {
  readonly slot: Slot;
  readonly forward: Forward;
  readonly table: DynamoDBClient;
  readonly reader: HistoryReader;
  readonly accountIds: readonly string[];
  /** Of the items that were there before the slot's runs, those that they might touch. */
  readonly atFirst: readonly Item[];
  /** From here on the API shows what it shows to the n-th run, from 0. */
  show(run: number): void;
  /** What the API shows of an account to the n-th run; `undefined`: the account's walk fails. */
  shown(accountId: string, run: number): SimulatedAccount | undefined;
  /** What a reader sees of an account, from the slot on. */
  history(accountId: string): AsyncIterable<HistoryRecord>;
  /** What the assets are, as a reader sees it. */
  assets(): Promise<ReadonlyMap<string, Asset>>;
  /** The table's items, or at least those that the slot's runs can have touched. */
  items(written: readonly Key[]): Promise<Item[]>;
  close(): Promise<void>;
}

export interface SceneOptions {
  readonly slot: Slot;
  /** The accounts as the API shows them to the n-th run. */
  readonly accounts: (run: number) => readonly SimulatedAccount[];
  /** The account whose second page the API refuses to the first run. */
  readonly failsAtFirst?: string | undefined;
}

/** Starts the three servers, with an empty table. */
export async function startScene({ slot, accounts, failsAtFirst }: SceneOptions): Promise<Scene> {
  let current = 0;
  const key = makeEd25519Key();
  const [api, dynamo, secrets] = await Promise.all([
    startSimulatedCdp({
      accounts: () => accounts(current),
      keys: () => [key],
      maxPageSize: 1000,
      readsPerTenSeconds: 1_000_000,
    }),
    startEmbeddedDynamo(),
    startSecretsManager(() => key.file),
  ]);
  Object.assign(process.env, embeddedEnvironment(dynamo));
  // Its own address: the environment will lead to a gate.
  const table = new DynamoDBClient({ endpoint: dynamo.url });
  const reader = new HistoryReader(new Table(table, LOCAL_TABLE));
  const show = (run: number) => {
    current = run;
    api.behave();
    if (failsAtFirst !== undefined && run === 0)
      api.misbehave({ kind: "error", status: 404, on: { account: failsAtFirst, page: 2 } });
  };
  show(0);
  return {
    slot,
    forward: forwardTo({ api: api.server, table: dynamo.server, secrets: secrets.server }),
    table,
    reader,
    accountIds: accounts(0).map(({ accountId }) => accountId),
    atFirst: [],
    show,
    shown: (accountId, run) =>
      accountId === failsAtFirst && run === 0
        ? undefined
        : accounts(run).find((account) => account.accountId === accountId),
    history: (accountId) => reader.recordsBack(accountId, HORIZON),
    assets: () => reader.assets(),
    items: async () => (await table.send(new ScanCommand({ TableName: LOCAL_TABLE }))).Items ?? [],
    close: async () => {
      table.destroy();
      await Promise.all([api.close(), dynamo.close(), secrets.close()]);
    },
  };
}
