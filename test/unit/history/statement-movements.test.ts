import { sumsTotal } from "../../../core/history/asset-sums.ts";
import { type Ends, movementsOf } from "../../../core/history/statement-movements.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { type BalanceTexts, snapshotWith } from "../domain/snapshots.ts";

const priced = (total: string, value: string): BalanceTexts => ({ btc: { btc: [total, total], usd: [value, value] } });
const unpriced = (total: string): BalanceTexts => ({ rep: { rep: [total, total] } });

/** Returns the movements of one account. */
function movements(opening: BalanceTexts, closing: BalanceTexts) {
  const ends: Ends = { opening: snapshotWith(opening), closing: snapshotWith(closing) };
  const totalOf = (end: keyof Ends) => sumsTotal(ends[end] ? [ends[end]] : [], "usd");
  return movementsOf([ends], { opening: totalOf("opening"), closing: totalOf("closing") }, "usd", new Map());
}

describe("movementsOf", () => {
  it("has no effects, instead of zeros, if no asset has a value at either end", () => {
    const { movement, assets } = movements(unpriced("1"), unpriced("3"));

    expect(movement).toEqual({
      ...{ change: null, quantityEffect: null, priceEffect: null },
      ...{ oneEndOnly: null, leftValue: null, joinedValue: null },
    });
    expect(assets).toMatchObject([{ asset: "rep", quantityChange: "2", quantityOther: "0", valueOther: null }]);
  });

  it("leaves an asset without a value at either end out of known effects", () => {
    const { movement, assets } = movements(
      { ...priced("1", "10"), ...unpriced("1") },
      { ...priced("2", "30"), ...unpriced("1") },
    );

    expect(movement).toMatchObject({ change: "20", quantityEffect: "10", priceEffect: "10", oneEndOnly: "0" });
    expect(assets.map(({ asset, valueOther }) => [asset, valueOther])).toEqual([
      ["btc", "0"],
      ["rep", null],
    ]);
  });

  it("has no other quantity of an asset that is unsettled at both ends", () => {
    const unsettled = snapshotWith({}, { unsettled: ["xyz"] });
    const total = sumsTotal([unsettled], "usd");

    const { assets } = movementsOf(
      [{ opening: unsettled, closing: unsettled }],
      { opening: total, closing: total },
      "usd",
      new Map(),
    );

    expect(assets).toMatchObject([{ asset: "xyz", quantityChange: null, quantityOther: null, valueOther: null }]);
  });
});
