import { describe, expect, it } from "@jest/globals";
import { balanceRows } from "../../../core/history/balance-rows.ts";
import { snapshotWith } from "../domain/snapshots.ts";

// total-rows.test.ts compares the rows of any snapshot with an independent computation.

describe("balanceRows", () => {
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
