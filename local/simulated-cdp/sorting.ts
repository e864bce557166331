import { Big } from "big.js";
import type { SimulatedAccount, WireBalance } from "./wire.ts";

/** By creation, newest first, as the API lists accounts; by id where that is the same. */
export function inOrderOfCreation(accounts: readonly SimulatedAccount[]): SimulatedAccount[] {
  return accounts.toSorted(
    (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || compareText(a.accountId, b.accountId),
  );
}

/** By the total in usd, largest first, as the API lists balances; what has no usd comes last, by symbol. */
export function inOrderOfValue(balances: readonly WireBalance[]): WireBalance[] {
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

/** Exact: two values that differ in their last digit only are still in order. */
function usdTotal({ amount: { usd } }: WireBalance): Big | undefined {
  try {
    return new Big(usd?.total ?? "");
  } catch {
    // Absent, or an amount that a test spoiled on purpose: it has to reach the client nevertheless.
    return undefined;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
