import { type Amount, DECIMAL } from "../domain/amount.ts";
import { type Amounts, type Asset, quantity } from "../domain/balance.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { decodeAsset, encodeAsset } from "./assets-item.ts";
import { type Item, map, mapOf, sortedEntries, string, unreadable } from "./attributes.ts";

/** Stands for an amount that does not exist. */
const NO_AMOUNT = "-";

/** Stands for the amounts of an unsettled asset. */
const UNSETTLED = "?";

/** The first character of a description. No amount contains it. */
const DESCRIPTION_START = "[";

/**
 * Encodes balances by symbol, each as one text of columns: the quantity, then the amount in each denomination. A missing
 * amount is `-`; trailing missing amounts are omitted. An amount is `available/total`, or one number if both are equal:
 * `2.5/3.0 252705.4/303246.48`. Takes 20 to 40 bytes per asset and is readable in the DynamoDB console. A description that
 * differs from the catalog's follows the amounts. An unsettled asset is `?`: its symbol alone can be too long for a list
 * beside the balances.
 */
export function encodeBalances(
  { balances, unsettled, descriptions }: Pick<Snapshot, "balances" | "unsettled" | "descriptions">,
  denominations: readonly string[],
) {
  const held = [...balances].map(([symbol, amounts]) => {
    const asset = descriptions.get(symbol);
    const text = encodeAmounts(symbol, amounts, denominations);
    return [symbol, string(asset === undefined ? text : `${text} ${encodeAsset(asset)}`)] as const;
  });
  return map([...held, ...unsettled.map((symbol) => [symbol, string(UNSETTLED)] as const)]);
}

function encodeAmounts(symbol: string, amounts: Amounts, denominations: readonly string[]): string {
  const values = denominations.map((denomination) => (denomination === symbol ? undefined : amounts.get(denomination)));
  const columns = [quantity(symbol, amounts), ...values].map((amount) => (amount ? encodeAmount(amount) : NO_AMOUNT));
  return columns.join(" ").replace(/( -)+$/, "");
}

function encodeAmount({ available, total }: Amount): string {
  return available === total ? total : `${available}/${total}`;
}

/** Decodes the attribute `balances` of an item. @throws StoreError `item_unreadable` */
export function decodeBalances(item: Item, denominations: readonly string[]) {
  const balances = new Map<string, Amounts>();
  const descriptions = new Map<string, Asset>();
  const unsettled: string[] = [];
  for (const [symbol, { S: text = "" }] of sortedEntries(mapOf(item, "balances"))) {
    if (text === UNSETTLED) {
      unsettled.push(symbol);
      continue;
    }
    const start = text.indexOf(DESCRIPTION_START);
    const columns = start < 0 ? text : text.slice(0, start).trimEnd();
    const amounts = decodeAmounts(symbol, columns, denominations);
    balances.set(symbol, amounts ?? unreadable(item, `balances.${symbol}`));
    if (start < 0) continue;
    descriptions.set(symbol, decodeAsset(symbol, text.slice(start)) ?? unreadable(item, `balances.${symbol}`));
  }
  return { balances, descriptions, unsettled };
}

/** Returns `undefined` if the text is malformed. */
function decodeAmounts(symbol: string, text: string, denominations: readonly string[]): Amounts | undefined {
  const columns = text.split(" ");
  if (columns[0] === NO_AMOUNT || columns.length > denominations.length + 1) return undefined;
  const amounts = new Map<string, Amount>();
  for (const [at, column] of columns.entries()) {
    if (column === NO_AMOUNT) continue;
    const [available = "", total = available, ...rest] = column.split("/");
    if (!DECIMAL.test(available) || !DECIMAL.test(total) || rest.length > 0) return undefined;
    amounts.set(at === 0 ? symbol : (denominations[at - 1] ?? ""), { available, total });
  }
  return amounts;
}
