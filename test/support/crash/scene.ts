import type { HistoryRecord } from "../../../core/domain/history-source.ts";
import type { Slot } from "../../../core/domain/slot.ts";
import type { HistoryReader } from "../../../core/table/history-reader.ts";
import type { SimulatedAccount, WireBalance } from "../../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalance, makeLargeBalance } from "../accounts.ts";
import { currentHour } from "../clock.ts";
import { dispatch } from "../world/dispatch.ts";
import { type Item, startWorld, type World } from "../world/world.ts";
import type { Forward } from "./gate.ts";

/** Later than any slot of a test. */
export const HORIZON = Date.now() + 86_400_000;

/** The world and the accounts of one trial. The accounts' amounts differ from run to run. */
export interface Scene extends Pick<World, "reader" | "items" | "close"> {
  readonly slot: Slot;
  readonly forward: Forward;
  readonly accountIds: readonly string[];
  /** The items that existed before the runs and that the runs might change. */
  readonly initialItems: readonly Item[];
  /** Makes the API return what it returns to the n-th run, from 0. */
  prepareRun(run: number): void;
  /** Returns the account as the API returns it to the n-th run; `undefined` if the walk of that account fails. */
  accountInRun(accountId: string, run: number): SimulatedAccount | undefined;
  /** Reads an account's history from the slot on. */
  history(accountId: string, reader: HistoryReader): AsyncIterable<HistoryRecord>;
}

export interface SceneOptions {
  readonly accounts: number;
  /** Assets of each account. */
  readonly assets: number;
  /** No two accounts hold the same asset. */
  readonly distinctAssets?: boolean;
  /** The first account holds large balances, so that eight of them need several items. */
  readonly firstIsLarge?: boolean;
  /** The second page of the first account fails in the first run. */
  readonly firstFails?: boolean;
}

/** Starts a world with an empty table. */
export async function startScene(options: SceneOptions): Promise<Scene> {
  const { accounts, assets, distinctAssets = false, firstIsLarge = false, firstFails = false } = options;
  // The API lists the newest first.
  const made = Array.from({ length: accounts }, (_, at) => ({
    ...makeAccount(),
    name: `Account ${at}`,
    createdAt: new Date(Date.UTC(2025, 0, 1, 0, accounts - at)).toISOString(),
  }));
  const balanceOf = (run: number, account: number, asset: number): WireBalance => {
    const symbol = distinctAssets ? `a${account}${asset}` : `a${asset}`;
    const make = firstIsLarge && account === 0 ? makeLargeBalance : makeBalance;
    return make(symbol, `${account}.${asset}${run}`, `${run + 1}${asset}.50`);
  };
  const accountsIn = (run: number): SimulatedAccount[] =>
    made.map((account, at) => ({
      ...account,
      balances: Array.from({ length: assets }, (_, asset) => balanceOf(run, at, asset)),
    }));
  const accountIds = made.map(({ accountId }) => accountId);
  const failingAccount = firstFails ? accountIds[0] : undefined;
  let current = 0;
  const world = await startWorld({
    accounts: () => accountsIn(current),
    maxPageSize: 1000,
    readsPerTenSeconds: 1_000_000,
  });
  const { cdp, reader, items, close } = world;
  const prepareRun = (run: number) => {
    current = run;
    cdp.clearFaults();
    if (failingAccount !== undefined && run === 0)
      cdp.addFault({ kind: "error", status: 404, on: { account: failingAccount, page: 2 } });
  };
  prepareRun(0);
  return {
    ...{ accountIds, prepareRun, reader, items, close },
    slot: currentHour(),
    forward: ({ target }, request) => dispatch(target === "api" ? cdp.server : world.aws.server, request),
    initialItems: [],
    accountInRun: (accountId, run) =>
      accountId === failingAccount && run === 0
        ? undefined
        : accountsIn(run).find((account) => account.accountId === accountId),
    history: (accountId, of) => of.recordsBack(accountId, HORIZON),
  };
}
