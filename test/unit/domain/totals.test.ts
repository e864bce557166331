import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { totalsOf } from "../../../core/domain/totals.ts";
import { anyDecimal, sumByBigInt } from "./decimal.ts";
import { amountsOf, balancesOf } from "./snapshots.ts";

describe("totalsOf", () => {
  it("adds the value of each asset, including the denomination itself", () => {
    const balances = balancesOf({
      btc: { btc: ["2.5", "3.0"], usd: ["252705.4", "303246.48"] },
      usd: { usd: ["90", "100"] },
    });

    const totals = totalsOf(balances, []);

    expect(totals).toEqual(new Map([["usd", { total: "303346.48", available: "252795.4", covers: 2, of: 2 }]]));
  });

  it("leaves an asset without a price out of the sum and of `covers`, and counts it in `of`", () => {
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

  it("returns the total of an account with only dollars in dollars", () => {
    const balances = balancesOf({ usd: { usd: ["90", "100"] } });

    const totals = totalsOf(balances, ["usd"]);

    expect(totals).toEqual(new Map([["usd", { total: "100", available: "90", covers: 1, of: 1 }]]));
  });

  it("keeps that total if the account receives a token without a price", () => {
    const balances = balancesOf({ usd: { usd: ["90", "100"] }, airdrop: { airdrop: ["1", "1"] } });

    const totals = totalsOf(balances, ["usd"]);

    expect(totals).toEqual(new Map([["usd", { total: "100", available: "90", covers: 1, of: 2 }]]));
  });

  it("returns no total if no asset is valued in another one", () => {
    const balances = balancesOf({ rep: { rep: ["1", "1"] }, old: { old: ["2", "2"] } });

    const totals = totalsOf(balances, []);

    expect(totals).toEqual(new Map());
  });

  it("does not use an asset as a denomination if no other asset is valued in it", () => {
    const balances = balancesOf({
      btc: { btc: ["1", "1"], usd: ["5", "5"] },
      eth: { eth: ["1", "1"], usd: ["2", "2"] },
    });

    const totals = totalsOf(balances, []);

    expect([...totals.keys()]).toEqual(["usd"]);
  });

  it("returns no total for an empty account", () => {
    const totals = totalsOf(new Map(), []);

    expect(totals).toEqual(new Map());
  });

  it("returns one total per denomination with its own coverage, sorted by name", () => {
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

  it("is exact and covers only assets with a price, for any amounts", () => {
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
