import fc from "fast-check";
import { subtract, sum } from "../../../core/domain/amount.ts";
import { type Totals, totalsOf } from "../../../core/domain/totals.ts";
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

  it.each([["-0", "0", "0"]])("%s - %s is %s", (a, b, expected) => {
    expect(subtract(a, b)).toBe(expected);
  });
});

const BTC: AmountTexts = { btc: ["2.5", "3.0"], usd: ["252705.4", "303246.48"] };
const USD: AmountTexts = { usd: ["90", "100"] };
const UNPRICED: AmountTexts = { rep: ["640", "640"] };

/** Returns totals as texts: the denomination, total, available, and how many of how many assets have a value. */
const textsOf = (totals: Totals) =>
  [...totals].map(([name, { total, available, covers, of }]) => `${name} ${total} ${available} ${covers}/${of}`);

describe("totalsOf", () => {
  const eth: AmountTexts = { eth: ["1", "1"], usd: ["10", "10"], eur: ["9", "9"] };
  const eur: AmountTexts = { eur: ["5", "7"] };
  const dust: AmountTexts = { dust: ["1", "1"], usd: ["0", "0"] };
  const old: AmountTexts = { old: ["2", "2"] };

  it.each<[string, BalanceTexts, string[], string[]]>([
    [
      "leaves out a token with the symbol of the denomination",
      { btc: BTC, usd: USD },
      [],
      ["usd 303246.48 252705.4 1/2"],
    ],
    [
      "leaves an asset without a price out of the sum and of `covers`, and counts it in `of`",
      { btc: BTC, rep: UNPRICED },
      [],
      ["usd 303246.48 252705.4 1/2"],
    ],
    ["counts a price of zero as a price", { dust, rep: UNPRICED }, [], ["usd 0 0 1/2"]],
    ["keeps that total with a token without a price", { usd: USD, rep: UNPRICED }, ["usd"], ["usd 100 90 1/2"]],
    ["returns no total if no asset is valued in another one", { rep: UNPRICED, old }, [], []],
    [
      "returns one total per denomination with its own coverage, sorted by name",
      { eth, btc: BTC, eur },
      ["eur"],
      ["eur 16 14 2/3", "usd 303256.48 252715.4 2/3"],
    ],
  ])("%s", (_, balances, fiat, expected) => {
    expect(textsOf(totalsOf(balancesOf(balances), fiat))).toEqual(expected);
  });
});
