import { DECIMAL, subtract } from "../../../core/domain/amount.ts";
import { type Balance, quantity } from "../../../core/domain/balance.ts";

/** Counts what the project relies on in balances. No number is an amount. */
export function countBalances(balances: readonly Balance[]) {
  const amounts = balances.flatMap(({ asset, amounts }) =>
    [...amounts].map(([denomination, amount]) => ({
      asset,
      denomination,
      amount,
      isOwn: denomination === asset.symbol,
    })),
  );
  const own = amounts.filter(({ isOwn }) => isOwn);
  const count = <T>(items: readonly T[], matches: (item: T) => boolean) => items.filter(matches).length;
  return {
    balances: balances.length,
    withUsd: count(balances, ({ amounts }) => amounts.has("usd")),
    otherDenominations: count(amounts, ({ isOwn, denomination }) => !isOwn && denomination !== "usd"),
    zeroTotals: count(own, ({ amount }) => isZero(amount.total)),
    negativeAmounts: count(amounts, ({ amount }) => isNegative(amount.available) || isNegative(amount.total)),
    availableAboveTotal: count(amounts, ({ amount }) => isNegative(subtract(amount.total, amount.available))),
    moreDigitsThanDecimals: count(own, ({ asset, amount }) => fractionOf(amount.total).length > asset.decimals),
    trailingZeros: count(own, ({ amount }) => fractionOf(amount.total).endsWith("0")),
    symbolsNotLowerCase: count(balances, ({ asset }) => asset.symbol !== asset.symbol.toLowerCase()),
    symbolsOver42: count(balances, ({ asset }) => asset.symbol.length > 42),
    repeatedSymbols: balances.length - new Set(symbolsOf(balances)).size,
    typesOtherThanFiatOrCrypto: count(balances, ({ asset }) => !["fiat", "crypto"].includes(asset.type)),
  };
}

/** Counts neighbours whose values in usd are not in descending order, and balances without a value before one with it. */
export function countUnordered(balances: readonly Balance[]) {
  const values = balances.map(({ amounts }) => amounts.get("usd")?.total);
  const priced = values.flatMap((value) => value ?? []);
  const lastPriced = values.findLastIndex((value) => value !== undefined);
  return {
    outOfOrder: priced.filter((value, at) => isNegative(subtract(priced[at - 1] ?? value, value))).length,
    unpriced: values.length - priced.length,
    unpricedBeforePriced: values.filter((value, at) => value === undefined && at < lastPriced).length,
  };
}

/** Describes the difference between two reads of the same list. */
export function compareReads(first: readonly string[], second: readonly string[]): string {
  const [missing, added] = [first.filter((key) => !second.includes(key)), second.filter((key) => !first.includes(key))];
  if (missing.length + added.length > 0) return `${missing.length} missing, ${added.length} new`;
  return first.join("\n") === second.join("\n") ? "same order" : "another order";
}

/** Describes whether a page continues a list after its first items. The end of the list may be unknown. */
export function compareNext(list: readonly string[], firstItems: number, page: readonly string[]): string {
  const expected = list.slice(firstItems, firstItems + page.length);
  if (expected.length === 0) return "no items";
  const repeated = page.filter((key) => list.slice(0, firstItems).includes(key)).length;
  const missing = expected.filter((key) => !page.includes(key)).length;
  if (repeated + missing > 0) return `${repeated} of ${page.length} items repeated, ${missing} missing`;
  const isSameOrder = expected.every((key, at) => key === page[at]);
  return isSameOrder ? "continues the list" : "continues the list, in another order";
}

/** Compares the quantity of one asset, which does not move with prices. */
export function compareQuantity(listed: Balance, alone: Balance): string {
  const { symbol } = listed.asset;
  if (alone.asset.symbol !== symbol) return "another symbol";
  const [a, b] = [listed, alone].map(({ amounts }) => JSON.stringify(quantity(symbol, amounts)));
  return a === b ? "as in the list" : "another quantity";
}

/** The names in page tokens that say how the API finds the next page. Others are counted. */
const TOKEN_FIELDS = ["id", "key", "last_id", "lastId", "limit", "offset", "page", "pageSize", "timestamp", "value"];

/** Describes a page token: its form, and whether it is JSON. */
export function describePageToken(token: string) {
  const encoding = /^[A-Za-z0-9+/]+=*$/.test(token) ? "base64" : /^[\w-]+$/.test(token) ? "base64url" : "other";
  try {
    const content: unknown = JSON.parse(Buffer.from(token, "base64").toString());
    const names = Object.keys(Object(content));
    const known = names.filter((name) => TOKEN_FIELDS.includes(name));
    return { length: token.length, encoding, jsonFields: known, otherJsonFields: names.length - known.length };
  } catch {
    return { length: token.length, encoding };
  }
}

export function symbolsOf(balances: readonly Balance[]): string[] {
  return balances.map(({ asset }) => asset.symbol);
}

function isNegative(decimal: string): boolean {
  return decimal.startsWith("-") && !isZero(decimal);
}

function isZero(decimal: string): boolean {
  return DECIMAL.test(decimal) && !/[1-9]/.test(decimal);
}

function fractionOf(decimal: string): string {
  return decimal.split(".")[1] ?? "";
}
