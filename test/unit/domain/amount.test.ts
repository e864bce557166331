import fc from "fast-check";
import { subtract, sum } from "../../../core/domain/amount.ts";
import { totalsOf } from "../../../core/domain/totals.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { anyDecimal, negated, sumByBigInt } from "./decimal.ts";
import { type AmountTexts, type BalanceTexts, balancesOf } from "./snapshots.ts";

describe("sum", () => {
  it("is exact for decimals of any length and sign", () => {
    fc.assert(
      fc.property(fc.array(anyDecimal, { maxLength: 40 }), (decimals) => {
        expect(sum(decimals)).toBe(sumByBigInt(decimals));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [[], "0"],
    [["0.1", "0.2"], "0.3"],
    [["007.10"], "7.10"],
    // Zero has no minus sign.
    [["-0.00"], "0.00"],
    [["-1.5", "1.50"], "0.00"],
  ])("of %j is %s", (decimals, expected) => {
    expect(sum(decimals)).toBe(expected);
  });
});

describe("subtract", () => {
  it("is exact, and has as many decimals as the longer input", () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        expect(subtract(a, b)).toBe(sumByBigInt([a, negated(b)]));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["1", "1.000", "0.000"],
    ["-0", "0", "0"],
  ])("%s - %s is %s", (a, b, expected) => {
    expect(subtract(a, b)).toBe(expected);
  });
});

const BTC: AmountTexts = { btc: ["2.5", "3.0"], usd: ["252705.4", "303246.48"] };
const USD: AmountTexts = { usd: ["90", "100"] };
const UNPRICED: AmountTexts = { rep: ["640", "640"] };

describe("totalsOf", () => {
  it.each<[string, BalanceTexts, string[], object]>([
    [
      "adds the value of each asset, including the denomination itself",
      { btc: BTC, usd: USD },
      [],
      { usd: { total: "303346.48", available: "252795.4", covers: 2, of: 2 } },
    ],
    [
      "leaves an asset without a price out of the sum and of `covers`, and counts it in `of`",
      { btc: BTC, rep: UNPRICED },
      [],
      { usd: { total: "303246.48", available: "252705.4", covers: 1, of: 2 } },
    ],
    [
      "counts a price of zero as a price",
      { dust: { dust: ["1", "1"], usd: ["0", "0"] }, rep: UNPRICED },
      [],
      { usd: { total: "0", available: "0", covers: 1, of: 2 } },
    ],
    [
      "returns the total of an account with only dollars in dollars",
      { usd: USD },
      ["usd"],
      { usd: { total: "100", available: "90", covers: 1, of: 1 } },
    ],
    [
      "keeps that total if the account receives a token without a price",
      { usd: USD, rep: UNPRICED },
      ["usd"],
      { usd: { total: "100", available: "90", covers: 1, of: 2 } },
    ],
    ["returns no total if no asset is valued in another one", { rep: UNPRICED, old: { old: ["2", "2"] } }, [], {}],
    ["returns no total for an empty account", {}, [], {}],
    [
      "returns one total per denomination with its own coverage, sorted by name",
      { eth: { eth: ["1", "1"], usd: ["10", "10"], eur: ["9", "9"] }, btc: BTC, eur: { eur: ["5", "7"] } },
      [],
      {
        eur: { total: "16", available: "14", covers: 2, of: 3 },
        usd: { total: "303256.48", available: "252715.4", covers: 2, of: 3 },
      },
    ],
  ])("%s", (_, balances, fiat, expected) => {
    expect([...totalsOf(balancesOf(balances), fiat)]).toEqual(Object.entries(expected));
  });
});
