import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import * as job from "../../../core/domain/amount.ts";
import { compare, isZero, subtract, sum } from "../../../report-page/browser/state/amounts.ts";

const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.nat({ max: 24 })).map(write);

/** `units` hundredths, thousandths, …: an independent way to write a decimal. */
function write([units, places]: [bigint, number]): string {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
  const fraction = places === 0 ? "" : `.${digits.slice(-places)}`;
  return `${units < 0n ? "-" : ""}${digits.slice(0, digits.length - places)}${fraction}`;
}

/** At 24 decimals, so that all of them compare as integers. */
function scaled(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(`${whole}${fraction.padEnd(24, "0")}`);
}

describe("the page's arithmetic", () => {
  it("sums exactly, and writes it as the job does", () => {
    fc.assert(
      fc.property(fc.array(decimal, { maxLength: 8 }), (decimals) => {
        const total = sum(decimals);
        expect(scaled(total)).toBe(decimals.reduce((units, text) => units + scaled(text), 0n));
        if (decimals.length !== 1) expect(total).toBe(job.sum(decimals));
      }),
    );
  });

  it("subtracts exactly, and writes it as the job does", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(scaled(subtract(a, b))).toBe(scaled(a) - scaled(b));
        expect(subtract(a, b)).toBe(job.subtract(a, b));
      }),
    );
  });

  it("compares exactly, whatever the decimals", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(Math.sign(compare(a, b))).toBe(scaled(a) < scaled(b) ? -1 : scaled(a) > scaled(b) ? 1 : 0);
      }),
    );
    expect(compare("1.50", "1.5")).toBe(0);
  });

  it("knows nought", () => {
    expect(["0", "0.00", "-0.0", "0.01", "10"].map(isZero)).toEqual([true, true, true, false, false]);
    expect(subtract("1.10", "1.1")).toBe("0.00");
  });

  it("leaves a part alone as it was given", () => {
    expect(sum(["007.10"])).toBe("007.10");
    expect(sum([])).toBe("0");
  });
});
