import { describe, expect, it } from "@jest/globals";
import { changesBetween } from "../../../core/history/changes.ts";
import { snapshotWith } from "../domain/snapshots.ts";

describe("changesBetween", () => {
  it("tells how much more of an asset is held, and how much more that is worth, exactly", () => {
    const earlier = snapshotWith({ btc: { btc: ["1", "1.10000000"], usd: ["0", "100000.01"] } });
    const later = snapshotWith({ btc: { btc: ["1", "1.3"], usd: ["0", "99999"] } });

    const changes = changesBetween(earlier, later, "usd");

    expect([...changes.values()]).toEqual([
      {
        asset: "btc",
        state: "up",
        fromTotal: "1.10000000",
        toTotal: "1.3",
        quantity: "0.20000000",
        fromValue: "100000.01",
        toValue: "99999",
        value: "-1.01",
      },
    ]);
  });

  it("tells an asset that was not held before as opened, with all of it", () => {
    const earlier = snapshotWith({});
    const later = snapshotWith({ eth: { eth: ["1", "2.5"], usd: ["1", "8000.10"] } });

    const changes = changesBetween(earlier, later, "usd");

    expect(changes.get("eth")).toEqual({
      asset: "eth",
      state: "opened",
      fromTotal: null,
      toTotal: "2.5",
      quantity: "2.5",
      fromValue: null,
      toValue: "8000.10",
      value: "8000.10",
    });
  });

  it("tells an asset that is no longer held as closed, with all of it gone", () => {
    const earlier = snapshotWith({ eth: { eth: ["1", "2.5"], usd: ["1", "8000.10"] } });
    const later = snapshotWith({});

    const changes = changesBetween(earlier, later, "usd");

    expect(changes.get("eth")).toEqual({
      asset: "eth",
      state: "closed",
      fromTotal: "2.5",
      toTotal: null,
      quantity: "-2.5",
      fromValue: "8000.10",
      toValue: null,
      value: "-8000.10",
    });
  });

  it("tells an asset of which all is gone as down, as long as it is in the list", () => {
    const earlier = snapshotWith({ eth: { eth: ["2", "2"], usd: ["4", "4"] } });
    const later = snapshotWith({ eth: { eth: ["0", "0"], usd: ["0", "0"] } });

    const changes = changesBetween(earlier, later, "usd");

    expect(changes.get("eth")).toMatchObject({ state: "down", toTotal: "0", quantity: "-2", value: "-4" });
  });

  it("goes by the quantity: what is worth more and is as much is unchanged", () => {
    const earlier = snapshotWith({ eth: { eth: ["2", "2.0"], usd: ["4", "4"] } });
    const later = snapshotWith({ eth: { eth: ["1", "2.00"], usd: ["9", "9"] } });

    const changes = changesBetween(earlier, later, "usd");

    expect(changes.get("eth")).toMatchObject({ state: "unchanged", quantity: "0.00", value: "5" });
  });

  it.each([
    ["the earlier end", { rep: { rep: ["1", "1"] } }, { rep: { rep: ["3", "3"], usd: ["6", "6"] } }],
    ["the later end", { rep: { rep: ["1", "1"], usd: ["2", "2"] } }, { rep: { rep: ["3", "3"] } }],
    ["both ends", { rep: { rep: ["1", "1"] } }, { rep: { rep: ["3", "3"] } }],
  ] as const)("has no change of worth for an asset without a price at %s, but one of quantity", (_, before, after) => {
    const changes = changesBetween(snapshotWith(before), snapshotWith(after), "usd");

    expect(changes.get("rep")).toMatchObject({ asset: "rep", state: "up", quantity: "2", value: null });
  });

  it("has no worth of an opened or closed asset that never had a price", () => {
    const priceless = snapshotWith({ rep: { rep: ["1", "1"] } });
    const empty = snapshotWith({});

    const opened = changesBetween(empty, priceless, "usd");
    const closed = changesBetween(priceless, empty, "usd");

    expect(opened.get("rep")).toMatchObject({ state: "opened", quantity: "1", toValue: null, value: null });
    expect(closed.get("rep")).toMatchObject({ state: "closed", quantity: "-1", fromValue: null, value: null });
  });

  it("has every asset of either end", () => {
    const earlier = snapshotWith({ a: { a: ["1", "1"] }, b: { b: ["1", "1"] } });
    const later = snapshotWith({ b: { b: ["1", "1"] }, c: { c: ["1", "1"] } });

    const changes = changesBetween(earlier, later, "usd");

    expect([...changes].map(([symbol, { state }]) => [symbol, state])).toEqual([
      ["a", "closed"],
      ["b", "unchanged"],
      ["c", "opened"],
    ]);
  });

  it("goes by the denomination that is asked for", () => {
    const earlier = snapshotWith({ btc: { btc: ["1", "1"], usd: ["1", "1"], eur: ["5", "5"] } });
    const later = snapshotWith({ btc: { btc: ["1", "1"], usd: ["3", "3"], eur: ["4", "4"] } });

    const changes = changesBetween(earlier, later, "eur");

    expect(changes.get("btc")?.value).toBe("-1");
  });
});
