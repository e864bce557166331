import { describe, expect, it } from "@jest/globals";
import { balanceRows } from "../../../core/history/balance-rows.ts";
import { ACCOUNT, SLOT, snapshotWith } from "../domain/snapshots.ts";

describe("balanceRows", () => {
  it("returns one row per asset, with its hold and its values", () => {
    const snapshot = snapshotWith({
      btc: { btc: ["2.5", "3.0"], usd: ["252705.4", "303246.48"] },
      usd: { usd: ["90", "100"] },
      rep: { rep: ["1", "1"] },
    });

    const rows = balanceRows(snapshot, "usd");

    const common = { slot: SLOT, capturedAt: "2026-11-23T10:00:01.234Z", accountId: ACCOUNT };
    const [btc, usd] = [
      { available: "252705.4", total: "303246.48" },
      { available: "90", total: "100" },
    ];
    expect(rows).toEqual([
      { ...common, asset: "btc", available: "2.5", total: "3.0", hold: "0.5", values: { usd: btc } },
      { ...common, asset: "usd", available: "90", total: "100", hold: "10", values: { usd } },
      // Unpriced is not worthless: there is no value.
      { ...common, asset: "rep", available: "1", total: "1", hold: "0", values: {} },
    ]);
  });

  it("sorts by total value as a number, then by symbol, assets without a price last", () => {
    const snapshot = snapshotWith({
      zzz: { zzz: ["9", "9"] },
      ten: { ten: ["0", "1"], usd: ["0", "10.5"] },
      nine: { nine: ["1", "1"], usd: ["9.75", "9.75"] },
      aaa: { aaa: ["999999", "999999"] },
      debt: { debt: ["-1", "-1"], usd: ["-3", "-3"] },
      zero: { zero: ["1", "1"], usd: ["0", "0"] },
      also: { also: ["1", "1"], usd: ["9.75", "9.750"] },
      xfine: { xfine: ["1", "1"], usd: ["10.500000000000000001", "10.500000000000000001"] },
    });

    const rows = balanceRows(snapshot, "usd");

    expect(rows.map(({ asset }) => asset)).toEqual(["xfine", "ten", "also", "nine", "zero", "debt", "aaa", "zzz"]);
  });

  it("sorts by the given denomination, and returns the values in all denominations", () => {
    const snapshot = snapshotWith({
      btc: { btc: ["1", "1"], usd: ["100", "100"], eur: ["1", "1"] },
      eth: { eth: ["1", "1"], usd: ["10", "10"], eur: ["2", "2"] },
    });

    const rows = balanceRows(snapshot, "eur");

    expect(rows.map(({ asset }) => asset)).toEqual(["eth", "btc"]);
    expect(Object.keys(rows[0]?.values ?? {}).sort()).toEqual(["eur", "usd"]);
  });
});
