import { Big } from "big.js";
import type { SimulatedAccount, WireBalance } from "./wire.ts";

/** Sorts accounts as the API does: newest first, then by id. */
export function newestFirst(accounts: readonly SimulatedAccount[]): SimulatedAccount[] {
  return accounts.toSorted(
    (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || compareText(a.accountId, b.accountId),
  );
}

/** Sorts balances as the API does: by total in usd, largest first. Balances without a usd amount come last, by symbol. */
export function mostValuableFirst(balances: readonly WireBalance[]): WireBalance[] {
  return balances
    .map((balance) => ({ balance, value: usdTotal(balance) }))
    .sort((a, b) => {
      const bySymbol = compareText(a.balance.asset.symbol, b.balance.asset.symbol);
      if (a.value === undefined || b.value === undefined) {
        return Number(a.value === undefined) - Number(b.value === undefined) || bySymbol;
      }
      return b.value.cmp(a.value) || bySymbol;
    })
    .map(({ balance }) => balance);
}

/** Uses decimal arithmetic, so that values that differ only in their last digit are sorted correctly. */
function usdTotal({ amount: { usd } }: WireBalance): Big | undefined {
  try {
    return new Big(usd?.total ?? "");
  } catch {
    // The amount is absent, or a test made it invalid to see how the client reacts.
    return undefined;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
