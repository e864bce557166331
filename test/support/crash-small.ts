import { slotAt } from "../../core/domain/slot.ts";
import type { WireBalance } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalance } from "./accounts.ts";
import { type Scene, startScene } from "./crash-scene.ts";

export interface SmallScene {
  readonly accounts: number;
  /** Assets of each account. */
  readonly assets: number;
  /** Default: the accounts hold the same assets. */
  readonly assetsOfTheirOwn?: boolean;
  /** Each asset of the first account takes 40 KB: eight do not fit into one item. */
  readonly firstIsLong?: boolean;
  /** The walk of the first account fails in the first run. */
  readonly firstFails?: boolean;
}

/** Accounts that an empty table does not know. */
export function startSmallScene(options: SmallScene): Promise<Scene> {
  const { accounts, assets, assetsOfTheirOwn = false, firstIsLong = false, firstFails = false } = options;
  // The API lists the newest first.
  const made = Array.from({ length: accounts }, (_, at) => ({
    ...makeAccount(),
    createdAt: new Date(Date.UTC(2025, 0, 1, 0, accounts - at)).toISOString(),
  }));
  const shown = (run: number, account: number, asset: number): WireBalance => {
    const symbol = assetsOfTheirOwn ? `a${account}${asset}` : `a${asset}`;
    const balance = makeBalance(symbol, `${account}.${asset}${run}`, `${run + 1}${asset}.50`);
    return firstIsLong && account === 0 ? { ...balance, amount: { ...LONG, ...balance.amount } } : balance;
  };
  return startScene({
    slot: slotAt(Date.now()),
    accounts: (run) =>
      made.map((account, at) => ({
        ...account,
        balances: Array.from({ length: assets }, (_, asset) => shown(run, at, asset)),
      })),
    failsAtFirst: firstFails ? made[0]?.accountId : undefined,
  });
}

/** As many denominations, and as long, as there is room for totals. */
const LONG = Object.fromEntries(
  Array.from({ length: 20 }, (_, at) => [`d${at}`, { available: "7".repeat(999), total: "8".repeat(999) }]),
);
