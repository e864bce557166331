import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { balanceRows } from "../../../core/history/balance-rows.ts";
import { anyDecimal, negated, sumByBigInt } from "../domain/decimal.ts";
import { ACCOUNT, amountsOf, SLOT, snapshotWith } from "../domain/snapshots.ts";

describe("balanceRows", () => {
  it("has a row an asset, with what is on hold and what it is worth", () => {
    const snapshot = snapshotWith({
      btc: { btc: ["2.5", "3.0"], usd: ["252705.4", "303246.48"] },
      usd: { usd: ["90", "100"] },
    });

    const rows = balanceRows(snapshot, "usd");

    const common = { slot: SLOT, capturedAt: "2026-11-23T10:00:01.234Z", accountId: ACCOUNT };
    expect(rows).toEqual([
      {
        ...common,
        asset: "btc",
        available: "2.5",
        total: "3.0",
        hold: "0.5",
        values: { usd: { available: "252705.4", total: "303246.48" } },
      },
      {
        ...common,
        asset: "usd",
        available: "90",
        total: "100",
        hold: "10",
        values: { usd: { available: "90", total: "100" } },
      },
    ]);
  });

  it("has the most valuable first, by number and not by text, and what has no price last, by symbol", () => {
    const snapshot = snapshotWith({
      zzz: { zzz: ["9", "9"] },
      ten: { ten: ["1", "1"], usd: ["10.5", "10.5"] },
      nine: { nine: ["1", "1"], usd: ["9.75", "9.75"] },
      aaa: { aaa: ["999999", "999999"] },
      debt: { debt: ["-1", "-1"], usd: ["-3", "-3"] },
      zero: { zero: ["1", "1"], usd: ["0", "0"] },
      xfine: { xfine: ["1", "1"], usd: ["10.500000000000000001", "10.500000000000000001"] },
    });

    const rows = balanceRows(snapshot, "usd");

    expect(rows.map(({ asset }) => asset)).toEqual(["xfine", "ten", "nine", "zero", "debt", "aaa", "zzz"]);
  });

  it("goes by the total, not by what is available, and by symbol where that is the same", () => {
    const snapshot = snapshotWith({
      c: { c: ["1", "1"], usd: ["5", "5.00"] },
      b: { b: ["1", "1"], usd: ["5", "5"] },
      a: { a: ["1", "1"], usd: ["0", "6"] },
    });

    const rows = balanceRows(snapshot, "usd");

    expect(rows.map(({ asset }) => asset)).toEqual(["a", "b", "c"]);
  });

  it("gives no value where there is no price: unpriced is not worthless", () => {
    const snapshot = snapshotWith({ rep: { rep: ["1", "1"] }, btc: { btc: ["1", "1"], usd: ["1", "1"] } });

    const rows = balanceRows(snapshot, "usd");

    expect(rows[1]).toMatchObject({ asset: "rep", values: {} });
  });

  it("sorts by the denomination that is asked for, and has the values in all of them", () => {
    const snapshot = snapshotWith({
      btc: { btc: ["1", "1"], usd: ["100", "100"], eur: ["1", "1"] },
      eth: { eth: ["1", "1"], usd: ["10", "10"], eur: ["2", "2"] },
    });

    const rows = balanceRows(snapshot, "eur");

    expect(rows.map(({ asset }) => asset)).toEqual(["eth", "btc"]);
    expect(Object.keys(rows[0]?.values ?? {}).sort()).toEqual(["eur", "usd"]);
  });

  it("does not take an asset's own quantity for a value, unless the asset is a denomination", () => {
    const snapshot = snapshotWith({
      btc: { btc: ["1", "1"], usd: ["100", "100"] },
      usd: { usd: ["5", "5"] },
    });

    const rows = balanceRows(snapshot, "usd");

    expect(rows.map(({ values }) => Object.keys(values))).toEqual([["usd"], ["usd"]]);
  });

  it("has the worth of an account of nothing but dollars in dollars", () => {
    const rows = balanceRows(snapshotWith({ usd: { usd: ["90", "100"] } }), "usd");

    expect(rows[0]?.values).toEqual({ usd: { available: "90", total: "100" } });
  });

  it("is empty for an empty account", () => {
    const rows = balanceRows(snapshotWith({}), "usd");

    expect(rows).toEqual([]);
  });

  it("has every asset once, its amounts as they were, and the hold exact", () => {
    const amount = fc.tuple(anyDecimal, anyDecimal);
    fc.assert(
      fc.property(fc.array(fc.tuple(amount, fc.option(amount)), { minLength: 2, maxLength: 20 }), (assets) => {
        const balances = new Map(
          assets.map(([own, usd], at) => [`a${at}`, amountsOf({ [`a${at}`]: own, ...(usd && { usd }) })]),
        );

        const rows = balanceRows(snapshotWith(balances), "usd");

        expect(rows.map(({ asset }) => asset).sort()).toEqual([...balances.keys()].sort());
        for (const row of rows) {
          const [[available, total], usd] = assets[Number(row.asset.slice(1))] ?? [["", ""], null];
          expect(row).toMatchObject({ available, total, hold: sumByBigInt([total, negated(available)]) });
          expect(row.values).toEqual(usd === null ? {} : { usd: { available: usd[0], total: usd[1] } });
        }
      }),
    );
  });
});
