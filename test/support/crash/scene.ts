import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import type { Asset } from "../../../core/domain/balance.ts";
import type { HistoryRecord } from "../../../core/domain/history.ts";
import { type Slot, slotAt } from "../../../core/domain/slot.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { Table } from "../../../core/table/table.ts";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../../../local/dynamodb/embedded-dynamodb.ts";
import { type SimulatedAccount, startSimulatedCdp, type WireBalance } from "../../../local/simulated-cdp/server.ts";
import { startSecretsManager } from "../../../local/stand-ins/secrets-manager.ts";
import { makeAccount, makeBalance } from "../accounts.ts";
import { makeEd25519Key } from "../keys.ts";
import { type Forward, forwardTo } from "./step.ts";

/** Later than any slot of a test. */
export const HORIZON = Date.now() + 86_400_000;

/** A raw item of the table. */
export type Item = Record<string, AttributeValue>;

/** The servers, the table and the accounts for one trial. The accounts' amounts differ from run to run. */
export interface Scene {
  readonly slot: Slot;
  readonly forward: Forward;
  readonly table: DynamoDBClient;
  readonly reader: HistoryReader;
  readonly accountIds: readonly string[];
  /** The items that existed before the runs and that the runs might change. */
  readonly initialItems: readonly Item[];
  /** Makes the API return what it returns to the n-th run, from 0. */
  prepareRun(run: number): void;
  /** Returns the account as the API returns it to the n-th run; `undefined` if the walk of that account fails. */
  accountInRun(accountId: string, run: number): SimulatedAccount | undefined;
  /** Reads an account's history from the slot on. */
  history(accountId: string): AsyncIterable<HistoryRecord>;
  /** Reads the catalog of assets. */
  assets(): Promise<ReadonlyMap<string, Asset>>;
  /** Returns the table's items. */
  items(): Promise<Item[]>;
  close(): Promise<void>;
}

export interface SceneOptions {
  readonly slot: Slot;
  /** Returns the accounts as the API returns them to the n-th run. */
  readonly accounts: (run: number) => readonly SimulatedAccount[];
  /** The account whose second page fails in the first run. */
  readonly failingAccount?: string | undefined;
}

/** Starts the three servers with an empty table. */
export async function startScene({ slot, accounts, failingAccount }: SceneOptions): Promise<Scene> {
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
  // The environment will lead to a gate instead.
  const table = new DynamoDBClient({ endpoint: dynamo.url });
  const reader = new HistoryReader(new Table(table, LOCAL_TABLE));
  const prepareRun = (run: number) => {
    current = run;
    api.behave();
    if (failingAccount !== undefined && run === 0)
      api.misbehave({ kind: "error", status: 404, on: { account: failingAccount, page: 2 } });
  };
  prepareRun(0);
  return {
    slot,
    forward: forwardTo({ api: api.server, table: dynamo.server, secrets: secrets.server }),
    table,
    reader,
    accountIds: accounts(0).map(({ accountId }) => accountId),
    initialItems: [],
    prepareRun,
    accountInRun: (accountId, run) =>
      accountId === failingAccount && run === 0
        ? undefined
        : accounts(run).find((account) => account.accountId === accountId),
    history: (accountId) => reader.recordsBack(accountId, HORIZON),
    assets: () => reader.assets(),
    items: async () => {
      const items: Item[] = [];
      for await (const page of paginateScan({ client: table }, { TableName: LOCAL_TABLE }))
        items.push(...(page.Items ?? []));
      return items;
    },
    close: async () => {
      table.destroy();
      await Promise.all([api.close(), dynamo.close(), secrets.close()]);
    },
  };
}

export interface SmallScene {
  readonly accounts: number;
  /** Assets of each account. */
  readonly assets: number;
  /** No two accounts hold the same asset. */
  readonly distinctAssets?: boolean;
  /** Each asset of the first account takes 40 KB, so that eight of them need several items. */
  readonly firstIsLarge?: boolean;
  /** The walk of the first account fails in the first run. */
  readonly firstFails?: boolean;
}

/** Starts a scene with an empty table. */
export function startSmallScene(options: SmallScene): Promise<Scene> {
  const { accounts, assets, distinctAssets = false, firstIsLarge = false, firstFails = false } = options;
  // The API lists the newest first.
  const made = Array.from({ length: accounts }, (_, at) => ({
    ...makeAccount(),
    createdAt: new Date(Date.UTC(2025, 0, 1, 0, accounts - at)).toISOString(),
  }));
  const balanceOf = (run: number, account: number, asset: number): WireBalance => {
    const symbol = distinctAssets ? `a${account}${asset}` : `a${asset}`;
    const balance = makeBalance(symbol, `${account}.${asset}${run}`, `${run + 1}${asset}.50`);
    return firstIsLarge && account === 0 ? { ...balance, amount: { ...LONG, ...balance.amount } } : balance;
  };
  return startScene({
    slot: slotAt(Date.now()),
    accounts: (run) =>
      made.map((account, at) => ({
        ...account,
        balances: Array.from({ length: assets }, (_, asset) => balanceOf(run, at, asset)),
      })),
    failingAccount: firstFails ? made[0]?.accountId : undefined,
  });
}

/** As many and as long denominations as a snapshot's totals can hold. */
const LONG = Object.fromEntries(
  Array.from({ length: 20 }, (_, at) => [`d${at}`, { available: "7".repeat(999), total: "8".repeat(999) }]),
);
