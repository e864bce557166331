import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { compare, isZero, subtract, sum } from "../../../report-page/browser/state/amounts.ts";
import { anyDecimal, negated, sumByBigInt } from "../domain/decimal.ts";

describe("the report page's amounts", () => {
  it("adds up exactly with the decimals of the longest amount", () => {
    fc.assert(
      fc.property(fc.array(anyDecimal, { minLength: 2, maxLength: 8 }), (amounts) => {
        expect(sum(amounts)).toBe(sumByBigInt(amounts));
      }),
      { numRuns: 50 },
    );
  });

  it("subtracts and compares exactly", () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        const difference = sumByBigInt([a, negated(b)]);
        expect(subtract(a, b)).toBe(difference);
        expect(isZero(difference)).toBe(!/[1-9]/.test(difference));
        expect(compare(a, b)).toBe(isZero(difference) ? 0 : difference.startsWith("-") ? -1 : 1);
      }),
      { numRuns: 50 },
    );
  });

  it("ignores trailing zeros when it compares, and keeps them when it subtracts", () => {
    expect(compare("1.50", "1.5")).toBe(0);
    expect(subtract("1.10", "1.1")).toBe("0.00");
    expect(["0.00", "-0.0", "0.01", "10"].map(isZero)).toEqual([true, true, false, false]);
  });

  it("leaves a single amount unchanged", () => {
    expect([sum(["007.10"]), sum([])]).toEqual(["007.10", "0"]);
  });
});
