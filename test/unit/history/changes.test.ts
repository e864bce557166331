import { describe, expect, it } from "@jest/globals";
import { changesBetween } from "../../../core/history/changes.ts";
import { type AmountTexts, snapshotWith } from "../domain/snapshots.ts";

type Held = Readonly<Record<string, AmountTexts>>;

// total-rows.test.ts compares the changes of any history with an independent computation.

describe("changesBetween", () => {
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
