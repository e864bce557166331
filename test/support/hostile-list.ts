import type { Fault } from "../../local/simulated-cdp/faults/fault.ts";
import { formatPageToken } from "../../local/simulated-cdp/pages.ts";
import type { WireBalance } from "../../local/simulated-cdp/server.ts";

/** What an API lists that wants to exhaust the memory: pages of balances, each page as large as the client accepts. */
export interface HostileShape {
  readonly name: string;
  /** Balances of a page. */
  readonly balances: number;
  readonly balance: (symbol: string, at: number) => WireBalance;
}

/** A balance of an asset with this name, and amounts in these denominations. */
const balance = (symbol: string, name: string, amounts: readonly (readonly [string, string])[]): WireBalance => ({
  asset: { symbol, type: "crypto", name, decimals: 18 },
  amount: Object.fromEntries(amounts.map(([denomination, total]) => [denomination, { available: `${total}1`, total }])),
});

const DENOMINATIONS = Array.from({ length: 400 }, (_, at) => `d${at}`);

/** Each is the worst for another limit. A page has at most 25,000 values and 1 MiB. */
export const HOSTILE_SHAPES: readonly HostileShape[] = [
  {
    name: "as many balances as possible",
    balances: 1_000,
    balance: (symbol, at) =>
      balance(symbol, symbol, [
        [symbol, `${at}.5`],
        ["usd", `${at}.25`],
      ]),
  },
  {
    name: "as many amounts as possible",
    balances: 20,
    balance: (symbol, at) =>
      balance(symbol, symbol, [
        [symbol, "1"],
        ...DENOMINATIONS.map((denomination, index) => [denomination, `${at}${index}`] as const),
      ]),
  },
];

/**
 * Makes the balances of accounts a list of this many pages, with new assets on each. Every account lists the same.
 * @param on which requests
 */
export function hostileList({ balances, balance }: HostileShape, pages: number, on: Fault["on"]): Fault {
  const bodies = new Map<number, string>();
  const bodyOf = (page: number) => {
    const list = Array.from({ length: balances }, (_, at) => balance(`x${page}-${at}`, page * balances + at));
    const body = bodies.get(page) ?? JSON.stringify(list);
    bodies.set(page, body);
    return body;
  };
  return {
    kind: "change",
    on: { path: /\/balances$/, ...on },
    change: (_, { path: list, page }) => {
      const next = page < pages && formatPageToken({ list, offset: 0, page: page + 1 });
      const token = next === false ? "" : `,"nextPageToken":${JSON.stringify(next)}`;
      return { body: Buffer.from(`{"balances":${bodyOf(page)}${token}}`) };
    },
  };
}
