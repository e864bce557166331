import {
  compareNext,
  compareQuantity,
  compareReads,
  countBalances,
  countUnordered,
  describePageToken,
} from "../../../cli/doctor/probe/findings.ts";
import type { Balance } from "../../../core/domain/balance.ts";
import { makeBalance } from "../../support/accounts.ts";
import { expect, it } from "../../support/jest.ts";

// What the record of `balances doctor --probe` says about the API's answers.

const balance = (symbol: string, total: string, usd?: string): Balance => {
  const { asset, amount } = makeBalance(symbol, total, usd);
  return { asset, amounts: new Map(Object.entries(amount)) };
};

it.each([
  ["abc", "abc", "same order"],
  ["abc", "acb", "another order"],
  ["abc", "bcde", "1 missing, 2 new"],
])("two reads of a list: %s, then %s: %s", (first, second, expected) => {
  expect(compareReads([...first], [...second])).toBe(expected);
});

it.each([
  ["abcdef", "def", "continues the list"],
  ["abcdef", "defgh", "continues the list"],
  ["abcdef", "edf", "continues the list, in another order"],
  ["abcdef", "cde", "1 of 3 items repeated, 1 missing"],
  ["abcdef", "de", "continues the list"],
  ["abcdef", "", "no items"],
])("a page after the first three of %s, with %s: %s", (list, page, expected) => {
  expect(compareNext([...list], 3, [...page])).toBe(expected);
});

it("compares a balance that was requested alone by its quantity, not by its value", () => {
  const listed = balance("btc", "1.50", "10");

  expect(compareQuantity(listed, balance("btc", "1.50", "11"))).toBe("as in the list");
  expect(compareQuantity(listed, balance("btc", "1.51", "10"))).toBe("another quantity");
  expect(compareQuantity(listed, balance("BTC", "1.50", "10"))).toBe("another symbol");
});

it("counts what the order of a list by value does not explain", () => {
  const list = [balance("a", "1", "9.5"), balance("b", "1"), balance("c", "1", "10"), balance("d", "1", "9.9")];

  expect(countUnordered(list)).toEqual({ outOfOrder: 1, unpriced: 1, unpricedBeforePriced: 1 });
});

it("counts unusual balances", () => {
  const debt = balance("debt", "-2", "-4");
  const rounded = { ...balance("X", "0.123", "1"), asset: { ...balance("X", "1").asset, decimals: 2, type: "metal" } };
  const held = { ...balance("held", "1"), amounts: new Map([["held", { available: "2", total: "1.0" }]]) };
  const list = [debt, rounded, held, balance("none", "0.00"), balance("none", "0.00")];

  expect(countBalances(list)).toEqual({
    ...{ balances: 5, withUsd: 2, otherDenominations: 0, zeroTotals: 2, negativeAmounts: 2, availableAboveTotal: 1 },
    ...{ moreDigitsThanDecimals: 1, trailingZeros: 3, symbolsNotLowerCase: 1, symbolsOver42: 0, repeatedSymbols: 1 },
    typesOtherThanFiatOrCrypto: 1,
  });
});

it.each([
  ["eyJsYXN0X2lkIjogImFiYzEyMyIsICJ0aW1lc3RhbXAiOiAxNzA3ODIzNzAxfQ==", ["last_id", "timestamp"], 0],
  [Buffer.from('{"offset":20,"account_1":"x"}').toString("base64"), ["offset"], 1],
  ["MTIz", [], 0],
  ["not_json-at-all", undefined, undefined],
])("shows usual names in the page token %s and counts others", (token, jsonFields, otherJsonFields) => {
  const described = describePageToken(token);

  expect(described).toMatchObject({ length: token.length, encoding: token.includes("_") ? "base64url" : "base64" });
  expect([described.jsonFields, described.otherJsonFields]).toEqual([jsonFields, otherJsonFields]);
});
