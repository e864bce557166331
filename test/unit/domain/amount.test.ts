import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { subtract, sum } from "../../../core/domain/amount.ts";
import { anyDecimal, negated, sumByBigInt } from "./decimal.ts";

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
    [["1.50", "0.50"], "2.00"],
    [
      ["12345678901234567890123456789012345678.123456789012345678", "0.000000000000000001"],
      "12345678901234567890123456789012345678.123456789012345679",
    ],
    [["9007199254740993", "0"], "9007199254740993"],
    [["-2.5", "1"], "-1.5"],
    [["0.000000000000000000000000000001"], "0.000000000000000000000000000001"],
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
    ["3.0", "2.5", "0.5"],
    ["1", "1.000", "0.000"],
    ["-0", "0", "0"],
    ["1000000000000000000000000000000000000000.1", "0.1", "1000000000000000000000000000000000000000.0"],
  ])("%s - %s is %s", (a, b, expected) => {
    expect(subtract(a, b)).toBe(expected);
  });
});
