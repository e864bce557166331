import { type Amount, DECIMAL } from "../domain/amount.ts";
import { type Amounts, quantity } from "../domain/balance.ts";
import { type Item, map, recordOf, sizeOf, string, unreadable } from "./attributes.ts";

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
 * Balances by symbol, each a text of columns: the amount in the asset itself, then one in each of the denominations, `-`
 * where there is none, which is left out at the end. An amount is `available/total`, or one number where the two are
 * the same text: `2.5/3.0 252705.4/303246.48`. 20 to 40 bytes an asset, and readable in the console.
 */
export function encodeBalances(balances: Iterable<readonly [string, Amounts]>, denominations: readonly string[]) {
  return map([...balances].map(([symbol, amounts]) => [symbol, string(encodeAmounts(symbol, amounts, denominations))]));
}

function encodeAmounts(symbol: string, amounts: Amounts, denominations: readonly string[]): string {
  const values = denominations.map((denomination) => (denomination === symbol ? undefined : amounts.get(denomination)));
  const columns = [quantity(symbol, amounts), ...values].map((amount) => (amount ? encodeAmount(amount) : NONE));
  return columns.join(" ").replace(/( -)+$/, "");
}

function encodeAmount({ available, total }: Amount): string {
  return available === total ? total : `${available}/${total}`;
}

export function decodeBalances(item: Item, denominations: readonly string[]): [string, Amounts][] {
  return Object.entries(recordOf(item, "balances")).map(([symbol, value]) => [
    symbol,
    decodeAmounts(symbol, value.S ?? "", denominations) ?? unreadable(item, `balances.${symbol}`),
  ]);
}

/** `undefined` for a text that is not as this program writes it. */
function decodeAmounts(symbol: string, text: string, denominations: readonly string[]): Amounts | undefined {
  const columns = text.split(" ");
  if (columns[0] === NONE || columns.length > denominations.length + 1) return undefined;
  const amounts = new Map<string, Amount>();
  for (const [at, column] of columns.entries()) {
    if (column === NONE) continue;
    const [available = "", total = available, ...rest] = column.split("/");
    if (!DECIMAL.test(available) || !DECIMAL.test(total) || rest.length > 0) return undefined;
    amounts.set(at === 0 ? symbol : (denominations[at - 1] ?? ""), { available, total });
  }
  return amounts;
}

/** In the place of an amount that there is none of. */
const NONE = "-";

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
