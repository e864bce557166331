import { randomUUID } from "node:crypto";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import type { SimulatedAccount, WireBalance } from "../../local/simulated-cdp/server.ts";

/** The page printed in the API's reference, word for word. */
export const REFERENCE_PAGE = `{
  "balances": [
    { "asset":  { "symbol": "btc", "type": "crypto", "name": "Bitcoin", "decimals": 8 },
      "amount": { "btc": { "available": "2.5", "total": "3.0" },
                  "usd": { "available": "252705.4", "total": "303246.48" } } },
    { "asset":  { "symbol": "usd", "type": "fiat", "name": "United States Dollar", "decimals": 2 },
      "amount": { "usd": { "available": "90", "total": "100" } } }
  ],
  "nextPageToken": "eyJsYXN0X2lkIjogImFiYzEyMyIsICJ0aW1lc3RhbXAiOiAxNzA3ODIzNzAxfQ=="
}`;

/** An account that holds these balances. */
export function makeAccount(balances: readonly WireBalance[] = [], type = "prime"): SimulatedAccount {
  return {
    accountId: `account_${randomUUID()}`,
    type,
    owner: `entity_${randomUUID()}`,
    createdAt: "2025-01-01T00:00:00Z",
    updatedAt: "2025-01-01T00:00:00Z",
    balances,
  };
}

/** Returns `count` assets, each with a value in usd. */
export function makeBalances(count: number): WireBalance[] {
  return Array.from({ length: count }, (_, at) =>
    makeBalance(`a${at}`, `${at}.${String(at).padStart(18, "0")}`, `${count - at}.25`),
  );
}

/** @param usd its value; without one it has no price */
export function makeBalance(symbol: string, total: string, usd?: string): WireBalance {
  return {
    asset: { symbol, type: "crypto", name: `Asset ${symbol}`.slice(0, 40), decimals: 18 },
    amount: {
      [symbol]: { available: total, total },
      ...(usd !== undefined && { usd: { available: usd, total: usd } }),
    },
  };
}

/** As many and as long denominations as a snapshot's totals can hold. */
const LONG = Object.fromEntries(
  Array.from({ length: 20 }, (_, at) => [`d${at}`, { available: "7".repeat(999), total: "8".repeat(999) }]),
);

/** Returns a balance of 40 KB: a snapshot of eight of them needs several items. */
export function makeLargeBalance(symbol: string, total: string, usd: string): WireBalance {
  const { asset, amount } = makeBalance(symbol, total, usd);
  return { asset, amount: { ...LONG, ...amount } };
}

/** Amounts by asset and denomination, of what an API gives and of what a table holds, in a form to be compared. */
export type Held = Record<string, Record<string, { available: string; total: string }>>;

export function heldBy(account: SimulatedAccount): Held {
  return Object.fromEntries(account.balances.map(({ asset, amount }) => [asset.symbol, amount]));
}

export function heldIn(snapshot: Snapshot | undefined): Held | undefined {
  return (
    snapshot &&
    Object.fromEntries([...snapshot.balances].map(([symbol, amounts]) => [symbol, Object.fromEntries(amounts)]))
  );
}
