import { snapshotTable } from "../../../cli/shared/format/snapshot-table.ts";
import type { Amounts } from "../../../core/domain/balance.ts";
import { snapshotOf, type Walk } from "../../../core/domain/snapshot.ts";
import { balanceRows } from "../../../core/history/balance-rows.ts";
import { changesBetween } from "../../../core/history/changes.ts";
import { holdingRow } from "../../../core/history/holding-row.ts";
import { totalOfAll, totalRow } from "../../../core/history/total-rows.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, type AmountTexts, amountsOf, assetOf, SLOT, snapshotWith, WALK } from "../domain/snapshots.ts";

// test/integration/history*.test.ts compare every row of every command with an independent computation.

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

describe("a token with the symbol of a denomination", () => {
  const holding = (type: string) => {
    const assets = [assetOf("btc"), assetOf("usd", { type })];
    const amounts = [amountsOf({ btc: ["1", "1"], usd: ["100", "100"] }), amountsOf({ usd: ["7", "7"] })];
    const balances = assets.map((asset, at) => ({ asset, amounts: amounts[at] as Amounts }));
    const walked: Walk = { ...WALK, capturedAt: 0, completedAt: 0, balances };
    return snapshotOf(walked, { accountId: ACCOUNT, slot: SLOT, trigger: "schedule" }).snapshot;
  };

  it.each([
    ["crypto", undefined, "100", ["usd"]],
    ["fiat", "7", "107", []],
  ])("has a value in it only if it is a currency: %s", (type, value, total, missing) => {
    const snapshot = holding(type);

    const values = [
      balanceRows(snapshot, "usd").find(({ asset }) => asset === "usd")?.values["usd"]?.total,
      holdingRow(ACCOUNT, "usd", snapshot, "usd").values["usd"]?.total,
      changesBetween(snapshot, snapshot, "usd").get("usd")?.fromValue ?? undefined,
    ];
    const row = totalRow(ACCOUNT, snapshot, "usd");
    const table = snapshotTable(snapshot, { denomination: "usd", assets: new Map(), now: 0 });

    expect(values).toEqual([value, value, value]);
    expect([row.total, row.covers, row.missing]).toEqual([total, 2 - missing.length, missing]);
    expect(table.includes("without a price: usd")).toBe(type === "crypto");
  });
});

describe("changesBetween", () => {
  type Held = Readonly<Record<string, AmountTexts>>;
  const nothing: Held = {};
  const two: Held = { eth: { eth: ["2", "2"], usd: ["4", "4"], eur: ["5", "5"] } };
  const zero: Held = { eth: { eth: ["0", "0"], usd: ["0", "0"], eur: ["0", "0"] } };
  const unpriced: Held = { eth: { eth: ["1", "1"] } };

  it.each<[name: string, before: Held, after: Held, denomination: string, change: object]>([
    ["down for an asset that is still listed", two, zero, "usd", { state: "down", toTotal: "0", value: "-4" }],
    ["values in the given denomination", two, zero, "eur", { fromValue: "5", toValue: "0", value: "-5" }],
    ["no change in value without a price before", unpriced, two, "usd", { state: "up", quantity: "1", value: null }],
    ["no change in value without a price after", two, unpriced, "usd", { state: "down", quantity: "-1", value: null }],
    ["no value of an opened asset without a price", nothing, unpriced, "usd", { state: "opened", value: null }],
    ["no value of a closed asset without a price", unpriced, nothing, "usd", { state: "closed", value: null }],
  ])("returns %s", (_, before, after, denomination, change) => {
    const changes = changesBetween(snapshotWith(before), snapshotWith(after), denomination);

    expect(changes.get("eth")).toMatchObject({ asset: "eth", ...change });
  });
});

describe("totalRow and totalOfAll", () => {
  const rep = snapshotWith({ rep: { rep: ["1", "1"] } });
  const coins = snapshotWith({ btc: { btc: ["1", "1"], usd: ["5", "5"] }, eth: { eth: ["3", "3"], usd: ["6", "6"] } });

  it.each([
    ["no total if no asset has a value", rep, "usd", { total: null, covers: 0, of: 1, missing: ["rep"] }],
    ["no total of quantities", coins, "btc", { total: null, covers: 0, of: 2, missing: ["btc", "eth"] }],
    ["zero for an empty account", snapshotWith({}), "usd", { total: "0", available: "0", covers: 0, of: 0 }],
  ])("return %s", (_, snapshot, denomination, row) => {
    const one = totalRow(ACCOUNT, snapshot, denomination);

    expect(one).toMatchObject({ partial: false, ...row });
    expect(totalOfAll([one], denomination)).toMatchObject({ partial: false, ...row });
  });
});
