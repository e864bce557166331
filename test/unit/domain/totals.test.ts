import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { totalsOf } from "../../../core/domain/totals.ts";
import { anyDecimal, sumByBigInt } from "./decimal.ts";
import { amountsOf, balancesOf } from "./snapshots.ts";

describe("totalsOf", () => {
  it("adds up what each asset is worth, a denomination's own holding included", () => {
    const balances = balancesOf({
      btc: { btc: ["2.5", "3.0"], usd: ["252705.4", "303246.48"] },
      usd: { usd: ["90", "100"] },
    });

    const totals = totalsOf(balances, []);

    expect(totals).toEqual(new Map([["usd", { total: "303346.48", available: "252795.4", covers: 2, of: 2 }]]));
  });

  it("leaves an asset without a price out of the sum and of the coverage, and counts it in `of`", () => {
    const balances = balancesOf({
      btc: { btc: ["1", "1"], usd: ["10.00", "10.00"] },
      rep: { rep: ["640", "640"] },
      old: { old: ["1", "1"] },
    });

    const totals = totalsOf(balances, []);

    expect(totals).toEqual(new Map([["usd", { total: "10.00", available: "10.00", covers: 1, of: 3 }]]));
  });

  it("counts a price of zero as a price", () => {
    const balances = balancesOf({ dust: { dust: ["1", "1"], usd: ["0", "0"] }, rep: { rep: ["1", "1"] } });

    const totals = totalsOf(balances, []);

    expect(totals.get("usd")).toEqual({ total: "0", available: "0", covers: 1, of: 2 });
  });

  it("is an account of nothing but dollars in dollars", () => {
    const balances = balancesOf({ usd: { usd: ["90", "100"] } });

    const totals = totalsOf(balances, ["usd"]);

    expect(totals).toEqual(new Map([["usd", { total: "100", available: "90", covers: 1, of: 1 }]]));
  });

  it("keeps the total of an account of dollars that is given a token without a price", () => {
    const balances = balancesOf({ usd: { usd: ["90", "100"] }, airdrop: { airdrop: ["1", "1"] } });

    const totals = totalsOf(balances, ["usd"]);

    expect(totals).toEqual(new Map([["usd", { total: "100", available: "90", covers: 1, of: 2 }]]));
  });

  it("has no denomination where several assets have no value in anything else: one is not another's worth", () => {
    const balances = balancesOf({ rep: { rep: ["1", "1"] }, old: { old: ["2", "2"] } });

    const totals = totalsOf(balances, []);

    expect(totals).toEqual(new Map());
  });

  it("does not take an asset for a denomination that nothing is valued in", () => {
    const balances = balancesOf({
      btc: { btc: ["1", "1"], usd: ["5", "5"] },
      eth: { eth: ["1", "1"], usd: ["2", "2"] },
    });

    const totals = totalsOf(balances, []);

    expect([...totals.keys()]).toEqual(["usd"]);
  });

  it("is nothing for an empty account", () => {
    const totals = totalsOf(new Map(), []);

    expect(totals).toEqual(new Map());
  });

  it("has one total for each of several denominations, by name, each with its own coverage", () => {
    const balances = balancesOf({
      btc: { btc: ["1", "1"], usd: ["100", "100"], eur: ["90", "90"] },
      eth: { eth: ["1", "1"], usd: ["10", "10"] },
      eur: { eur: ["5", "7"], usd: ["5.5", "7.7"] },
      rep: { rep: ["1", "1"] },
    });

    const totals = totalsOf(balances, []);

    expect([...totals]).toEqual([
      ["eur", { total: "97", available: "95", covers: 2, of: 4 }],
      ["usd", { total: "117.7", available: "115.5", covers: 3, of: 4 }],
    ]);
  });

  it("is exact and covers just the priced, whatever the amounts", () => {
    const value = fc.option(fc.tuple(anyDecimal, anyDecimal));
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 30 }), (values) => {
        const balances = new Map(
          values.map((usd, at) => [`a${at}`, amountsOf({ [`a${at}`]: ["1", "1"], ...(usd && { usd }) })]),
        );
        const priced = values.flatMap((usd) => (usd === null ? [] : [usd]));

        const total = totalsOf(balances, []).get("usd");

        expect(total).toEqual(
          priced.length === 0
            ? undefined
            : {
                available: sumByBigInt(priced.map(([available]) => available)),
                total: sumByBigInt(priced.map(([, all]) => all)),
                covers: priced.length,
                of: values.length,
              },
        );
      }),
    );
  });
});
