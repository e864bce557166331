import { sumByBigInt } from "../unit/domain/decimal.ts";
import type { AmountModel, BalanceModel } from "./wire.ts";

// An independent model of what DynamoDB can store, and of a snapshot's totals.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html

/** A sort key has 1,024 bytes; a space and a slot take 25. */
const SYMBOL_BYTES = 999;
const AMOUNT_LETTERS = 1_000;
const TEXT_BYTES = 10_000;

/** Returns the paths of the fields that cannot be stored. */
export function unstorable(balances: readonly BalanceModel[]): string[] {
  return balances.flatMap(({ asset, amounts }, at) => [
    ...(isSymbol(asset.symbol) ? [] : [`balances.${at}.asset.symbol`]),
    ...(isText(asset.type) ? [] : [`balances.${at}.asset.type`]),
    ...(isText(asset.name) ? [] : [`balances.${at}.asset.name`]),
    ...amounts.flatMap(([denomination, { available, total }]) =>
      isSymbol(denomination) && [available, total].every((text) => text.length <= AMOUNT_LETTERS)
        ? []
        : [`balances.${at}.amount`],
    ),
  ]);
}

function isSymbol(text: string): boolean {
  return text !== "" && text !== "__proto__" && isText(text) && Buffer.byteLength(text) <= SYMBOL_BYTES;
}

function isText(text: string): boolean {
  return Buffer.from(text, "utf8").toString("utf8") === text && Buffer.byteLength(text) <= TEXT_BYTES;
}

/** Amounts by asset and denomination. */
export type Held = Map<string, Map<string, AmountModel>>;

export function heldBy(balances: readonly BalanceModel[]): Held {
  return new Map(balances.map(({ asset, amounts }) => [asset.symbol, new Map(amounts)]));
}

/** Returns the totals of a snapshot: in the denominations of values, or else in the fiat currencies held. */
export function totalsOf(held: Held, balances: readonly BalanceModel[]) {
  const valued = [...held].flatMap(([symbol, amounts]) => [...amounts.keys()].filter((key) => key !== symbol));
  const fiat = balances.flatMap(({ asset }) => (asset.type === "fiat" ? asset.symbol : []));
  const denominations = new Set(valued.length > 0 ? valued : fiat);
  return new Map(
    [...denominations].map((denomination) => {
      const isValue = (symbol: string) => symbol !== denomination || fiat.includes(symbol);
      const amounts = [...held].flatMap(([symbol, of]) => (isValue(symbol) ? (of.get(denomination) ?? []) : []));
      return [
        denomination,
        {
          total: sumByBigInt(amounts.map(({ total }) => total)),
          available: sumByBigInt(amounts.map(({ available }) => available)),
          covers: amounts.length,
          of: held.size,
        },
      ];
    }),
  );
}
