import { describe, expect, it } from "@jest/globals";
import { changesBetween } from "../../../lambda/history/change.ts";
import { snapshotWith } from "../domain/snapshots.ts";

describe("changesBetween", () => {
  it("tells how much more of an asset is held, and how much more that is worth, exactly", () => {
    const earlier = snapshotWith({ btc: { btc: ["1", "1.10000000"], usd: ["0", "100000.01"] } });
    const later = snapshotWith({ btc: { btc: ["1", "1.3"], usd: ["0", "99999"] } });

    const changes = changesBetween(earlier, later, "usd");

    expect([...changes.values()]).toEqual([{ asset: "btc", state: "held", quantity: "0.20000000", value: "-1.01" }]);
  });

  it("tells an asset that was not held before as opened, with all of it", () => {
    const earlier = snapshotWith({});
    const later = snapshotWith({ eth: { eth: ["1", "2.5"], usd: ["1", "8000.10"] } });

    const changes = changesBetween(earlier, later, "usd");

    expect(changes.get("eth")).toEqual({ asset: "eth", state: "opened", quantity: "2.5", value: "8000.10" });
  });

  it("tells an asset that is no longer held as closed, with all of it gone", () => {
    const earlier = snapshotWith({ eth: { eth: ["1", "2.5"], usd: ["1", "8000.10"] } });
    const later = snapshotWith({});

    const changes = changesBetween(earlier, later, "usd");

    expect(changes.get("eth")).toEqual({ asset: "eth", state: "closed", quantity: "-2.5", value: "-8000.10" });
  });

  it("tells an asset that is still held as held, although all of it is gone", () => {
    const earlier = snapshotWith({ eth: { eth: ["2", "2"], usd: ["4", "4"] } });
    const later = snapshotWith({ eth: { eth: ["0", "0"], usd: ["0", "0"] } });

    const changes = changesBetween(earlier, later, "usd");

    expect(changes.get("eth")).toMatchObject({ state: "held", quantity: "-2", value: "-4" });
  });

  it.each([
    ["the earlier end", { rep: { rep: ["1", "1"] } }, { rep: { rep: ["3", "3"], usd: ["6", "6"] } }],
    ["the later end", { rep: { rep: ["1", "1"], usd: ["2", "2"] } }, { rep: { rep: ["3", "3"] } }],
    ["both ends", { rep: { rep: ["1", "1"] } }, { rep: { rep: ["3", "3"] } }],
  ] as const)("has no change of worth for an asset without a price at %s, but one of quantity", (_, before, after) => {
    const changes = changesBetween(snapshotWith(before), snapshotWith(after), "usd");

    expect(changes.get("rep")).toEqual({ asset: "rep", state: "held", quantity: "2", value: undefined });
  });

  it("has no worth of an opened or closed asset that never had a price", () => {
    const priceless = snapshotWith({ rep: { rep: ["1", "1"] } });
    const empty = snapshotWith({});

    const opened = changesBetween(empty, priceless, "usd");
    const closed = changesBetween(priceless, empty, "usd");

    expect(opened.get("rep")).toEqual({ asset: "rep", state: "opened", quantity: "1", value: undefined });
    expect(closed.get("rep")).toEqual({ asset: "rep", state: "closed", quantity: "-1", value: undefined });
  });

  it("has every asset of either end", () => {
    const earlier = snapshotWith({ a: { a: ["1", "1"] }, b: { b: ["1", "1"] } });
    const later = snapshotWith({ b: { b: ["1", "1"] }, c: { c: ["1", "1"] } });

    const changes = changesBetween(earlier, later, "usd");

    expect([...changes].map(([symbol, { state }]) => [symbol, state])).toEqual([
      ["a", "closed"],
      ["b", "held"],
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
