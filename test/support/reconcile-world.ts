import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Snapshot, snapshotOf } from "../../core/domain/snapshot.ts";
import { OUTPUTS, outputName } from "../../core/names/outputs.ts";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import type { WireParty, WireTransfer } from "../../local/simulated-cdp/wire.ts";
import { type TestClock, testClock } from "./clock.ts";
import { type Ended, runBalances } from "./history-cli.ts";
import { makeEd25519Key } from "./keys.ts";
import { newFolder } from "./new-folder.ts";
import { keepTableInMemory } from "./world/memory-table.ts";
import { startWorld, type World } from "./world/world.ts";

// Accounts whose balances are known at both ends of November 2026, in two tables: one of two keys, and one of a key without a name.

export const ID = {
  treasury: "account_10000000-0000-4000-8000-000000000000",
  operations: "account_20000000-0000-4000-8000-000000000000",
  payouts: "account_30000000-0000-4000-8000-000000000000",
  late: "account_40000000-0000-4000-8000-000000000000",
  uncertain: "account_50000000-0000-4000-8000-000000000000",
  closed: "account_60000000-0000-4000-8000-000000000000",
} as const;
type AccountName = keyof typeof ID;

type Quantities = Readonly<Record<string, string>>;

interface AccountFacts {
  readonly key: "emea" | "us";
  /** By slot: quantities by asset. */
  readonly slots: Readonly<Record<string, Quantities>>;
  /** Entries of the list that the last walk did not find. */
  readonly hidden?: number;
  /** When the account ended. */
  readonly ended?: string;
}

const OPENING = "2026-10-31T23:00:00.000Z";
const CLOSING = "2026-11-30T23:00:00.000Z";
/** The options of the period. */
export const PERIOD = ["--from", "2026-11-01", "--to", "2026-11-30"];

const FACTS: Readonly<Record<AccountName, AccountFacts>> = {
  treasury: {
    key: "emea",
    slots: { [OPENING]: { usdc: "100", eth: "2.0", btc: "7" }, [CLOSING]: { usdc: "142.5", eth: "1.5", btc: "7" } },
  },
  operations: { key: "emea", slots: { [OPENING]: { btc: "1" }, [CLOSING]: { btc: "1.25" } } },
  payouts: { key: "us", slots: { [OPENING]: { eth: "1", sol: "5" }, [CLOSING]: { eth: "1.5", sol: "6" } } },
  late: { key: "us", slots: { "2026-11-15T11:00:00.000Z": { eth: "3" }, [CLOSING]: { eth: "3" } } },
  uncertain: { key: "us", slots: { [OPENING]: { eth: "3" }, [CLOSING]: { usd: "4" } }, hidden: 1 },
  closed: { key: "us", slots: { [OPENING]: { eth: "3" } }, ended: "2026-11-10T00:00:00.000Z" },
};

/** What the API returns. All of these explain the changes, except that of operations. */
const TRANSFERS: readonly WireTransfer[] = [
  transfer(1, "2026-11-15T11:00:00Z", { companyEntryDescription: "x" }, { accountId: ID.treasury }, ["50", "usdc"]),
  transfer(
    2,
    "2026-11-15T11:10:00Z",
    { accountId: ID.treasury },
    { address: "0xabc", network: "base" },
    ["7", "usdc"],
    {
      fees: [{ type: "network", amount: "0.5", asset: "usdc" }],
    },
  ),
  transfer(3, "2026-11-15T11:20:00Z", { accountId: ID.treasury }, { accountId: ID.payouts }, ["0.5", "eth"]),
  // Its completion is within a minute after the closing walk.
  transfer(4, "2026-11-30T23:00:30Z", { paymentMethodId: "paymentMethod_1" }, { accountId: ID.payouts }, ["1", "sol"]),
  transfer(5, "2026-11-15T11:30:00Z", { accountId: ID.treasury }, { email: "a@example.com" }, ["9", "usdc"], {
    status: "processing",
  }),
];

function transfer(
  number: number,
  at: string,
  source: WireParty,
  target: WireParty,
  [amount, asset]: readonly [string, string],
  changes: Partial<WireTransfer> = {},
): WireTransfer {
  const { completedAt: _, ...processing } = {
    ...{ transferId: `transfer_00000000-0000-4000-8000-00000000000${number}`, status: "completed" as const },
    ...{ source, target, sourceAmount: amount, sourceAsset: asset, targetAmount: amount, targetAsset: asset },
    ...{ createdAt: at, executedAt: at, completedAt: at, updatedAt: at },
    ...changes,
  };
  return processing.status === "completed" ? { ...processing, completedAt: at } : processing;
}

export interface ReconcileWorld extends World {
  readonly clock: TestClock;
  readonly home: string;
  /** Whether the keys have the permission to read transfers. */
  readonly permissions: { emea: boolean; us: boolean };
  /** Returns the path of the key file. */
  keyFile(key: "emea" | "us" | "only"): string;
  /** Runs the command line on the table of two keys, or another one. */
  balances(args: readonly string[], table?: string): Promise<Ended>;
}

/** The name of the stack of two keys. */
export const STACK = "balances-stack";
/** The table of a key without a name, which has the accounts of emea. */
export const ONE_KEY = "one-key";

/** Starts the world. It is 2026-12-01 01:00 UTC. */
export async function startReconcileWorld(): Promise<ReconcileWorld> {
  const keys = { emea: makeEd25519Key(), us: makeEd25519Key(), only: makeEd25519Key() };
  const permissions = { emea: true, us: true };
  const of = (key: string) => Object.values(ID).filter((_, at) => Object.values(FACTS)[at]?.key === key);
  const clock = testClock("2026-12-01T01:00:00.000Z");
  const home = newFolder();
  const world = await startWorld({
    inMemory: true,
    clock,
    accounts: () => [],
    transfers: () => TRANSFERS,
    keys: () => [
      { ...keys.emea, accountIds: of("emea"), mayReadTransfers: permissions.emea },
      { ...keys.us, accountIds: of("us"), mayReadTransfers: permissions.us },
      { ...keys.only, accountIds: of("emea") },
    ],
  });
  for (const [name, { file }] of Object.entries(keys)) {
    writeFileSync(join(home, `${name}.json`), file);
    world.aws.secrets.set(`secret-${name}`, file);
  }
  const removeTable = keepTableInMemory(ONE_KEY);
  await writeAccounts(new Table(world.table, world.scope), Object.keys(FACTS) as AccountName[], true);
  await writeAccounts(new Table(world.table, ONE_KEY), ["treasury", "operations"], false);
  const outputs = {
    ...{ [OUTPUTS.tableName]: world.scope, [OUTPUTS.keys]: "emea,us", [OUTPUTS.apiBaseUrl]: world.cdp.url },
    ...Object.fromEntries(["emea", "us"].map((key) => [outputName(OUTPUTS.secretId, key), `secret-${key}`])),
  };
  const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  world.aws.reply("cloudformation:DescribeStacks", {
    Stacks: [{ StackName: STACK, StackStatus: "CREATE_COMPLETE", CreationTime: new Date(0), Outputs }],
  });
  return {
    ...{ ...world, clock, home, permissions },
    keyFile: (key) => join(home, `${key}.json`),
    balances: (args, table = world.scope) =>
      runBalances(
        args.includes("--stack") ? args : [...args, "--table", table],
        home,
        { ...world.aws.env },
        clock.now(),
      ),
    close: async () => {
      removeTable();
      await world.close();
    },
  };
}

/** What `reconcile` prints as JSON. */
interface Output {
  readonly incomplete: readonly string[];
  readonly reading: string;
  readonly unexplainedLines: object;
  readonly digest: string;
  readonly lines: readonly { accountId: string; asset: string; state: string; unexplained: string | null }[];
}

export const outputOf = (ended: { stdout: string }) => JSON.parse(ended.stdout) as Output;

/** Returns the state of each line by the account's name in `ID` and the asset. */
export function statesOf({ lines }: Output): Record<string, string> {
  const nameOf = new Map(Object.entries(ID).map(([name, id]) => [id as string, name]));
  return Object.fromEntries(lines.map(({ accountId, asset, state }) => [`${nameOf.get(accountId)} ${asset}`, state]));
}

async function writeAccounts(table: Table, names: readonly AccountName[], hasKeys: boolean): Promise<void> {
  const store = new TableSnapshotStore(table);
  const schedule = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: 3_600_000 };
  await store.registerSchedule(schedule, OPENING, OPENING);
  for (const name of names) {
    const { key, slots, ended } = FACTS[name];
    const title = name[0]?.toUpperCase() + name.slice(1);
    const description = { accountId: ID[name], name: title, ...(hasKeys && { key }) };
    for (const slot of Object.keys(slots)) await store.save(snapshotIn(name, slot), [], description);
    if (ended !== undefined) await store.registerEnd(ID[name], ended, ended, "The account is closed.");
  }
}

function snapshotIn(name: AccountName, slot: string): Snapshot {
  const { slots, hidden = 0 } = FACTS[name];
  const capturedAt = Date.parse(slot) + 1_000;
  const balances = Object.entries(slots[slot] ?? {}).map(([symbol, total]) => ({
    asset: { symbol, type: "crypto", name: symbol, decimals: 18 },
    amounts: new Map([[symbol, { available: total, total }]]),
  }));
  const atClosing = slot === CLOSING ? hidden : 0;
  const consistency = atClosing > 0 ? "uncertain" : "verified";
  const walk = { balances, capturedAt, completedAt: capturedAt + 500, passes: 1, pages: 1 };
  return snapshotOf(
    { ...walk, consistency, unsettled: [], hidden: atClosing },
    { accountId: ID[name], slot, trigger: "schedule" },
  ).snapshot;
}
