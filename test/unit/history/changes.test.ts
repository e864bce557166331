import { describe, expect, it } from "@jest/globals";
import { changesBetween } from "../../../core/history/changes.ts";
import { type AmountTexts, snapshotWith } from "../domain/snapshots.ts";

type Held = Readonly<Record<string, AmountTexts>>;

describe("changesBetween", () => {
  const nothing: Held = {};
  const priced: Held = { eth: { eth: ["1", "2.5"], usd: ["1", "8000.10"] } };
  const unpriced: Held = { eth: { eth: ["1", "1"] } };

  it.each<[name: string, before: Held, after: Held, change: object]>([
    [
      "the exact difference in quantity and in value",
      { eth: { eth: ["1", "1.10000000"], usd: ["0", "100000.01"] } },
      { eth: { eth: ["1", "1.3"], usd: ["0", "99999"] } },
      {
        ...{ state: "up", fromTotal: "1.10000000", toTotal: "1.3", quantity: "0.20000000" },
        ...{ fromValue: "100000.01", toValue: "99999", value: "-1.01" },
      },
    ],
    [
      "opened for an asset that was not held before",
      nothing,
      priced,
      {
        ...{ state: "opened", fromTotal: null, toTotal: "2.5", quantity: "2.5" },
        ...{ fromValue: null, toValue: "8000.10", value: "8000.10" },
      },
    ],
    [
      "closed for an asset that is no longer held",
      priced,
      nothing,
      {
        ...{ state: "closed", fromTotal: "2.5", toTotal: null, quantity: "-2.5" },
        ...{ fromValue: "8000.10", toValue: null, value: "-8000.10" },
      },
    ],
    [
      "down for an asset that fell to zero and is still listed",
      { eth: { eth: ["2", "2"], usd: ["4", "4"] } },
      { eth: { eth: ["0", "0"], usd: ["0", "0"] } },
      { state: "down", toTotal: "0", quantity: "-2", value: "-4" },
    ],
    [
      "unchanged for the same quantity with another value",
      { eth: { eth: ["2", "2.0"], usd: ["4", "4"] } },
      { eth: { eth: ["1", "2.00"], usd: ["9", "9"] } },
      { state: "unchanged", quantity: "0.00", value: "5" },
    ],
    ["no change in value without a price before", unpriced, priced, { state: "up", quantity: "1.5", value: null }],
    ["no change in value without a price after", priced, unpriced, { state: "down", quantity: "-1.5", value: null }],
    ["no value of an opened asset without a price", nothing, unpriced, { state: "opened", toValue: null, value: null }],
    [
      "no value of a closed asset without a price",
      unpriced,
      nothing,
      { state: "closed", fromValue: null, value: null },
    ],
  ])("returns %s", (_, before, after, change) => {
    const changes = changesBetween(snapshotWith(before), snapshotWith(after), "usd");

    expect(changes.get("eth")).toMatchObject({ asset: "eth", ...change });
  });

  it("compares values in the given denomination", () => {
    const earlier = snapshotWith({ btc: { btc: ["1", "1"], usd: ["1", "1"], eur: ["5", "5"] } });
    const later = snapshotWith({ btc: { btc: ["1", "1"], usd: ["3", "3"], eur: ["4", "4"] } });

    expect(changesBetween(earlier, later, "eur").get("btc")?.value).toBe("-1");
  });
});
