import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { DECIMAL, subtract, sum } from "../../../core/domain/amount.ts";
import { anyDecimal, negated, sumByBigInt } from "./decimal.ts";

describe("sum", () => {
  it("is exact for decimals of any length and sign", () => {
    fc.assert(
      fc.property(fc.array(anyDecimal, { maxLength: 40 }), (decimals) => {
        const total = sum(decimals);

        expect(total).toBe(sumByBigInt(decimals));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [[], "0"],
    [["1"], "1"],
    [["0.1", "0.2"], "0.3"],
    [["0.10", "0.2"], "0.30"],
    [["1.50", "0.50"], "2.00"],
    [["99999999999999999999999999999999999999", "1"], "100000000000000000000000000000000000000"],
    [
      ["12345678901234567890123456789012345678.123456789012345678", "0.000000000000000001"],
      "12345678901234567890123456789012345678.123456789012345679",
    ],
    [["9007199254740993", "0"], "9007199254740993"],
    [["-2.5", "1"], "-1.5"],
    [["0.000000000000000000000000000001"], "0.000000000000000000000000000001"],
    [["007.10"], "7.10"],
  ])("of %j is %s", (decimals, expected) => {
    const total = sum(decimals);

    expect(total).toBe(expected);
  });

  it.each([
    [["-0"], "0"],
    [["-0.00"], "0.00"],
    [["-1.5", "1.50"], "0.00"],
    [["-0", "-0.0"], "0.0"],
  ])("of %j has no minus sign: %s", (decimals, expected) => {
    const total = sum(decimals);

    expect(total).toBe(expected);
  });

  it("accepts any iterable", () => {
    const total = sum(new Set(["1.25", "2"]));

    expect(total).toBe("3.25");
  });
});

describe("subtract", () => {
  it("is exact, and has as many decimals as the longer input", () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        const difference = subtract(a, b);

        expect(difference).toBe(sumByBigInt([a, negated(b)]));
      }),
      { numRuns: 300 },
    );
  });

  it("reverses sum", () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        const back = subtract(sum([a, b]), b);

        expect(subtract(back, a)).toMatch(/^0(\.0+)?$/);
      }),
    );
  });

  it.each([
    ["3.0", "2.5", "0.5"],
    ["1.00", "1", "0.00"],
    ["1", "1.000", "0.000"],
    ["0", "0.3", "-0.3"],
    ["-0", "0", "0"],
    ["1000000000000000000000000000000000000000.1", "0.1", "1000000000000000000000000000000000000000.0"],
  ])("%s - %s is %s", (a, b, expected) => {
    const difference = subtract(a, b);

    expect(difference).toBe(expected);
  });
});

describe("DECIMAL", () => {
  it("accepts every plain decimal number", () => {
    fc.assert(fc.property(anyDecimal, (decimal) => DECIMAL.test(decimal)));
  });

  it.each([
    "",
    " 1",
    "1 ",
    "1.",
    ".5",
    "+1",
    "1e3",
    "1E-7",
    "1,000",
    "0x10",
    "NaN",
    "Infinity",
    "--1",
    "1.2.3",
    "1\n",
    "١",
  ])("rejects %j", (text) => {
    const accepted = DECIMAL.test(text);

    expect(accepted).toBe(false);
  });
});
