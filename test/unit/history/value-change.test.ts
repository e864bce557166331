import Big from "big.js";
import fc from "fast-check";
import { derivedPrice, percent, scale } from "../../../core/domain/amount.ts";
import { type ChangeEnd, denominationDigits, valueChange } from "../../../core/history/value-change.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { anyDecimal, dividedByBigInt, negated, productByBigInt, sumByBigInt } from "../domain/decimal.ts";
import { assetOf } from "../domain/snapshots.ts";

const NOT_HELD: ChangeEnd = { held: false, total: null, value: null };
const UNSETTLED: ChangeEnd = { held: undefined, total: null, value: null };
const holding = (total: string, value: string | null): ChangeEnd => ({ held: true, total, value });

const anyEnd = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(anyDecimal, anyDecimal).map(([total, value]) => holding(total, value)) },
  fc.constant(NOT_HELD),
);

describe("valueChange", () => {
  it("splits any change into effects that add up to it exactly", () => {
    fc.assert(
      fc.property(anyEnd, anyEnd, fc.nat(20), (from, to, digits) => {
        const { quantityEffect, priceEffect } = valueChange(from, to, digits);

        const change = sumByBigInt([to.value ?? "0", negated(from.value ?? "0")]);
        const difference = sumByBigInt([quantityEffect ?? "", priceEffect ?? "", negated(change)]);
        expect(new Big(difference).eq(0)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("rounds the quantity effect once, whatever the digits of the price", () => {
    const isZero = (text: string) => /^-?[0.]*$/.test(text);
    fc.assert(
      fc.property(anyDecimal, anyDecimal, anyDecimal, anyDecimal, fc.nat(8), (a, b, c, d, digits) => {
        fc.pre(!isZero(a) && !isZero(b) && sumByBigInt([a, negated(b)]) !== "0");
        const { quantityEffect } = valueChange(holding(a, c), holding(b, d), digits);

        const difference = sumByBigInt([b, negated(a)]);
        expect(quantityEffect).toBe(dividedByBigInt(productByBigInt(difference, c), a, digits));
      }),
      { numRuns: 100 },
    );
  });

  it.each<[name: string, from: ChangeEnd, to: ChangeEnd, quantityEffect: string | null, priceEffect: string | null]>([
    ["an opened position: all quantity", NOT_HELD, holding("2", "10.00"), "10.00", "0.00"],
    ["a quantity of zero before: all quantity", holding("0", "0.00"), holding("2", "10.00"), "10.00", "0.00"],
    ["a quantity of zero after: all quantity", holding("3", "10.001"), holding("0", "0.00"), "-10.001", "0.000"],
    ["the same quantity: all price", holding("3.0", "10.00"), holding("3", "12.50"), "0.00", "2.50"],
    ["nothing held at either end", NOT_HELD, NOT_HELD, "0.00", "0.00"],
    ["a tie, which rounds away from zero", holding("2", "0.01"), holding("1", "0.01"), "-0.01", "0.01"],
    ["no price before", holding("3", null), holding("4", "16.00"), null, null],
    ["no price after", holding("3", "16.00"), holding("4", null), null, null],
    ["a closed position that had no price", holding("3", null), NOT_HELD, null, null],
    ["an unsettled asset", UNSETTLED, holding("4", "16.00"), null, null],
  ])("splits: %s", (_, from, to, quantityEffect, priceEffect) => {
    expect(valueChange(from, to, 2)).toMatchObject({ quantityEffect, priceEffect });
  });

  it.each<[name: string, from: ChangeEnd, to: ChangeEnd, expected: object]>([
    [
      "prices and percentages",
      holding("3", "10.00"),
      holding("4", "16.00"),
      { fromPrice: "3.3333333", toPrice: "4", quantityPercent: "33.33", valuePercent: "60.00" },
    ],
    [
      "no percentage of an asset that was not held",
      NOT_HELD,
      holding("4", "16.00"),
      { fromPrice: null, toPrice: "4", quantityPercent: null, valuePercent: null },
    ],
  ])("returns %s", (_, from, to, expected) => {
    expect(valueChange(from, to, 2)).toMatchObject(expected);
  });
});

describe("derivedPrice", () => {
  it.each([
    ["1", "3", "0.33333333"],
    ["2", "3", "0.66666667"],
    ["123456785", "1", "123456790"],
    ["0.000012345678499", "1", "0.000012345678"],
    ["9.99999995", "1", "10"],
    // Rounded to nine digits first, this would end in 35.
    ["1.23456784999999999999999999999999999999999", "1", "1.2345678"],
    ["-5", "2", "-2.5"],
    ["0.00", "7", "0"],
    ["5", "0.0", null],
  ])("of %s for %s is %s", (value, quantity, price) => {
    expect(derivedPrice(value, quantity)).toBe(price);
  });
});

describe("percent and scale", () => {
  it("round exact quotients half away from zero", () => {
    expect([percent("1", "8"), percent("1", "80000"), percent("-1", "20000"), percent("1", "-2")]).toEqual([
      ...["12.50", "0.00", "-0.01", "50.00"],
    ]);
    expect([percent("5", "0.00"), scale("1", "1", "2", 0), scale("1", "1", "400", 1)]).toEqual([null, "1", "0.0"]);
  });
});

describe("denominationDigits", () => {
  it.each([
    ["the decimals of its description", "usd", 2, 2],
    ["the longest fraction without a description", "eur", 2, 4],
    ["the longest fraction if the description is not plausible", "usd", 1e9, 4],
  ])("returns %s", (_, denomination, decimals, digits) => {
    const assets = new Map([["usd", assetOf("usd", { decimals })]]);

    expect(denominationDigits(denomination, assets, ["1", "2.1234", "3.12"])).toBe(digits);
  });
});
