import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Amount } from "../domain/amount.ts";
import { type Amounts, quantity } from "../domain/balance.ts";
import { type Item, list, map, recordOf, sizeOf, string, unreadable } from "./attributes.ts";

/**
 * Balances of more bytes than this are stored in parts: well below the 400 KB of an item, for names, keys and totals
 * come on top. Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const PART_BYTES = 300_000;

/** The symbols under which the amounts of other assets are given: the columns of the balances' lists. */
export function denominationsOf(balances: ReadonlyMap<string, Amounts>): string[] {
  const found = new Set<string>();
  for (const [symbol, amounts] of balances) {
    for (const denomination of amounts.keys()) if (denomination !== symbol) found.add(denomination);
  }
  return [...found].sort();
}

/**
 * Balances by symbol, each a list: available and total in the asset itself, then available and total in each of the
 * denominations, `NULL` twice where there is none, which is left out at the end. About 45 bytes an asset.
 */
export function encodeBalances(balances: Iterable<readonly [string, Amounts]>, denominations: readonly string[]) {
  return map([...balances].map(([symbol, amounts]) => [symbol, encodeAmounts(symbol, amounts, denominations)]));
}

function encodeAmounts(symbol: string, amounts: Amounts, denominations: readonly string[]): AttributeValue {
  const values = denominations.map((denomination) => (denomination === symbol ? undefined : amounts.get(denomination)));
  const lastValue = values.findLastIndex((value) => value !== undefined);
  const pairs = [quantity(symbol, amounts), ...values.slice(0, lastValue + 1)];
  return list(
    pairs.flatMap((pair) => (pair ? [string(pair.available), string(pair.total)] : [{ NULL: true }, { NULL: true }])),
  );
}

export function decodeBalances(item: Item, denominations: readonly string[]): [string, Amounts][] {
  return Object.entries(recordOf(item, "balances")).map(([symbol, value]) => {
    const pairs = chunk(value.L ?? unreadable(item, `balances.${symbol}`));
    const amounts = new Map<string, Amount>();
    for (const [index, { available, total }] of pairs.entries()) {
      const denomination = index === 0 ? symbol : denominations[index - 1];
      if (denomination === undefined) unreadable(item, `balances.${symbol}`);
      if (available?.S !== undefined && total?.S !== undefined) {
        amounts.set(denomination, { available: available.S, total: total.S });
      }
    }
    if (!amounts.has(symbol)) unreadable(item, `balances.${symbol}`);
    return [symbol, amounts];
  });
}

function chunk(values: readonly AttributeValue[]): {
  available: AttributeValue | undefined;
  total: AttributeValue | undefined;
}[] {
  const pairs = [];
  for (let at = 0; at < values.length; at += 2) pairs.push({ available: values[at], total: values[at + 1] });
  return pairs;
}

/** The balances in as many runs as it takes for each to fit into an item; of none, one empty run. */
export function splitBalances(balances: ReadonlyMap<string, Amounts>, denominations: readonly string[]) {
  const runs: [string, Amounts][][] = [[]];
  let bytes = 0;
  for (const entry of balances) {
    const size = sizeOf(encodeBalances([entry], denominations));
    if (bytes + size > PART_BYTES) {
      runs.push([]);
      bytes = 0;
    }
    runs.at(-1)?.push(entry);
    bytes += size;
  }
  return runs;
}
