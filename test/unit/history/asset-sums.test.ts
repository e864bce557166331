import { assetSums, sumsTotal } from "../../../core/history/asset-sums.ts";
import { combinedChanges } from "../../../core/history/changes.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { type AmountTexts, assetOf, type BalanceTexts, snapshotWith } from "../domain/snapshots.ts";

const btc = (total: string, value: string): AmountTexts => ({ btc: [total, total], usd: [value, value] });
const onHold: AmountTexts = { eth: ["1.5", "4"], usd: ["30", "80"] };
const unpriced: AmountTexts = { eth: ["1", "1"] };

/** Returns one snapshot for each account: a, b, c. */
const accounts = (...balances: readonly BalanceTexts[]) =>
  balances.map((of, at) => snapshotWith(of, { accountId: "abc"[at] ?? "" }));

describe("assetSums and sumsTotal", () => {
  it("add up exactly over accounts, the most valuable asset first", () => {
    const snapshots = accounts({ btc: btc("0.1", "10.1"), eth: onHold }, { btc: btc("0.20", "20.20") });

    const sums = assetSums(snapshots, "usd", new Map([["eth", assetOf("eth", { name: "Ether" })]]));

    const nobody = { unpriced: [], unsettled: [] };
    expect(sums).toEqual([
      {
        ...{ asset: "eth", name: "Ether", quantity: "4", available: "1.5", hold: "2.5", value: "80" },
        ...{ derivedPrice: "20", share: "72.53", accounts: 1, covers: 1, of: 1, ...nobody },
      },
      {
        ...{ asset: "btc", name: null, quantity: "0.30", available: "0.30", hold: "0.00", value: "30.30" },
        ...{ derivedPrice: "101", share: "27.47", accounts: 2, covers: 2, of: 2, ...nobody },
      },
    ]);
    expect(sumsTotal(snapshots, "usd", ["c"])).toEqual({
      ...{ value: "110.30", valueAvailable: "60.30", covers: 3, of: 3, missing: [] },
      ...{ accounts: 2, accountsOf: 3, without: ["c"], altered: [] },
      capturedAt: "2026-11-23T10:00:01.234Z",
    });
  });

  it("show what is known of an asset that is unpriced or unsettled in some accounts, without a price", () => {
    const snapshots = [
      snapshotWith({ eth: onHold, usd: { usd: ["1", "1"] } }, { accountId: "a" }),
      snapshotWith({ eth: unpriced, usd: { usd: ["1", "1"] } }, { accountId: "b" }),
      snapshotWith({}, { accountId: "c", unsettled: ["eth", "xyz"], hidden: 1 }),
    ];

    const [eth, , xyz] = assetSums(snapshots, "usd");

    expect(eth).toMatchObject({ quantity: "5", value: "80", derivedPrice: null, share: "97.56", accounts: 2 });
    expect(eth).toMatchObject({ covers: 1, of: 3, unpriced: ["b"], unsettled: ["c"] });
    expect(xyz).toMatchObject({ asset: "xyz", quantity: null, hold: null, value: null, share: null, accounts: 0 });
    expect(sumsTotal(snapshots, "usd")).toMatchObject({ value: "82", covers: 3, of: 7, missing: ["eth", "xyz"] });
  });

  it("do not cover an account without a snapshot, which may hold any asset: there is no price and no share", () => {
    const [eth] = assetSums(accounts({ eth: onHold }), "usd", new Map(), ["b"]);

    expect(eth).toMatchObject({ quantity: "4", value: "80", derivedPrice: null, share: null, covers: 1, of: 2 });
  });

  it.each<[name: string, balances: BalanceTexts, value: string | null]>([
    ["zero for empty accounts", {}, "0"],
    ["no value if no asset has one", { eth: unpriced }, null],
  ])("return %s, and no shares of it", (_, balances, value) => {
    const snapshots = accounts(balances, balances);

    expect(sumsTotal(snapshots, "usd").value).toBe(value);
    expect(assetSums(snapshots, "usd").every(({ share }) => share === null)).toBe(true);
  });
});

describe("combinedChanges", () => {
  const changeOf = (from: readonly BalanceTexts[], to: readonly BalanceTexts[]) => {
    const [earlier, later] = [accounts(...from), accounts(...to)];
    const pairs = earlier.map((snapshot, at) => ({ earlier: snapshot, later: later[at] ?? snapshot }));
    return combinedChanges(pairs, "usd", new Map([["usd", assetOf("usd", { decimals: 2 })]])).get("btc");
  };

  it("do not count a transfer between two accounts", () => {
    const change = changeOf([{ btc: btc("3", "30.00") }, {}], [{}, { btc: btc("3", "33.00") }]);

    expect(change).toMatchObject({ state: "unchanged", quantity: "0", fromPrice: "10", toPrice: "11" });
    expect(change).toMatchObject({ value: "3.00", quantityEffect: "0.00", priceEffect: "3.00" });
  });

  it("are unknown in value if one account lacks a price at one end, and name the account", () => {
    const change = changeOf(
      [{ btc: btc("1", "10.00") }, { btc: { btc: ["1", "1"] } }],
      [{ btc: btc("1", "12.00") }, { btc: btc("2", "24.00") }],
    );

    expect(change).toMatchObject({ state: "up", quantity: "1", fromValue: null, toValue: "36.00", value: null });
    expect(change).toMatchObject({ fromPrice: null, toPrice: "12", unpriced: ["b"], unsettled: [], priceEffect: null });
  });

  it("are unknown if the asset is unsettled in one account at one end, even if no account is known to hold it", () => {
    const earlier = snapshotWith({}, { accountId: "a" });
    const later = snapshotWith({}, { accountId: "a", unsettled: ["btc"] });

    const change = combinedChanges([{ earlier, later }], "usd", new Map()).get("btc");

    expect(change).toMatchObject({ state: "unsettled", quantity: null, value: null, unsettled: ["a"] });
  });
});
