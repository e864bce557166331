import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createMarket } from "../../local/simulated-cdp/market/market.ts";
import type { SimulatedAccount, WireBalance } from "../../local/simulated-cdp/server.ts";
import { type Ended, runBalances } from "./history-cli.ts";
import { sawOutput } from "./leak-watch.ts";
import { newFolder } from "./new-folder.ts";
import { startWorld, type World } from "./world/world.ts";

/** The current folder when the tests start. */
export const ROOT = process.cwd();

export const STRANGE = "account_00000000-0000-4000-8000-00000000abcd";
export const LONG = "12345678901234567890123456789012345678.123456789012345678";

/** A world with a key file, the accounts of the market, and one with unusual symbols and amounts. */
export interface CliWorld extends World {
  readonly keyFile: string;
  readonly accounts: readonly SimulatedAccount[];
  /** The arguments that take a snapshot of every account. */
  readonly snapshotAll: readonly string[];
  newFolder(): string;
  /** Runs the command line in this process. @param cwd the current folder; default: a new one */
  balances(args: readonly string[], cwd?: string, env?: NodeJS.ProcessEnv): Promise<Ended>;
}

export async function startCliWorld(): Promise<CliWorld> {
  const market = createMarket({ seed: 3 }).accounts().slice(1);
  const accounts = [...market, strangeAccount(market[0] as SimulatedAccount)];
  const world = await startWorld({ accounts: () => accounts });
  const keyFile = join(newFolder(), "cdp_api_key.json");
  writeFileSync(keyFile, world.key.file);
  return {
    ...world,
    ...{ keyFile, accounts },
    snapshotAll: ["snapshot", "--key-file", keyFile, "--all", "--api", world.cdp.url],
    newFolder,
    balances: async (args, cwd = newFolder(), env = {}) => {
      process.chdir(cwd);
      const ended = await runBalances(args, cwd, env);
      sawOutput(ended.stdout);
      return ended;
    },
    close: async () => {
      process.chdir(ROOT);
      await world.close();
    },
  };
}

/** Returns an account with symbols and amounts that CSV, a table or a number type could corrupt. */
function strangeAccount(like: SimulatedAccount): SimulatedAccount {
  const balance = (symbol: string, available: string, total: string, usd?: string): WireBalance => ({
    asset: { symbol, type: "crypto", name: `The "${symbol}", inc.`, decimals: 18 },
    amount: { [symbol]: { available, total }, ...(usd !== undefined && { usd: { available: usd, total: usd } }) },
  });
  const balances = [
    balance("long", LONG, LONG, "99999999999999999999999999999999.99"),
    balance('a,"b"', "0.10", "1.100"),
    balance("zero", "0.000000000000000000", "0.000000000000000000", "0.00"),
    balance("debt", "-1.50", "-1.50", "-0.000000000000000001"),
  ];
  return { ...like, accountId: STRANGE, name: "Strange", balances };
}

/** Returns what the API holds, as rows `account asset available total usd-available usd-total`. */
export function heldRows(accounts: readonly SimulatedAccount[]): string[] {
  const row = ({ accountId }: SimulatedAccount, { asset: { symbol }, amount }: WireBalance) =>
    [
      accountId,
      symbol,
      amount[symbol]?.available,
      amount[symbol]?.total,
      amount["usd"]?.available ?? "",
      amount["usd"]?.total ?? "",
    ].join(" ");
  return accounts.flatMap((account) => account.balances.map((balance) => row(account, balance))).sort();
}
