import { readFileSync } from "node:fs";
import { percentChange, rounded, share } from "../../../report-page/browser/format.ts";
import { accountLabels } from "../../../report-page/browser/state/account-labels.ts";
import { allocationOf } from "../../../report-page/browser/state/allocation.ts";
import { fragmentOf, stateOf } from "../../../report-page/browser/state/fragment.ts";
import { headlineOf } from "../../../report-page/browser/state/headline.ts";
import { accountViews } from "../../../report-page/browser/state/view.ts";
import type { ReportAccount, ReportBalance } from "../../../report-page/data/report-data.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { makeReport } from "./make-report.ts";

it.each([
  ["1500086.27", "1500086.27"],
  ["1500086.275", "1500086.28"],
  ["7.19662083", "7.19662"],
  ["-0.000123456789", "-0.000123457"],
  ["999999.999", "1000000.00"],
  ["0.00000000", "0"],
  ["12.50", "12.50"],
  ["123456789012345678901234.5", "123456789012345678901234.5"],
])("rounded shows %s as %s", (exact, shown) => {
  expect(rounded(exact)).toBe(shown);
});

it("share and percentChange have no figure where there is nothing to compare with", () => {
  const shares = ["1", "0.0001", `0.${"0".repeat(40)}1`, "0"].map((value) => share(value, "3"));
  expect([...shares, share("1", "0")]).toEqual([...["33.3%", "<0.1%", "<0.1%", "0.0%", null]]);
  const changes = ["1 3", "-1 -4", "1 0.00", "101 1", "-0.002 100", "0.00 100"].map((pair) => pair.split(" "));
  expect(changes.map(([change = "", from = ""]) => percentChange(change, from))).toEqual([
    ...["+33.33%", "-25.00%", null, ">9999%", "<0.01%", "0.00%"],
  ]);
});

let slots = 0;

/** Returns a snapshot of a slot of its own. */
const point = (total: string | null, covers = 2, lacking: Partial<ReportBalance & object> = {}): ReportBalance => {
  const slot = new Date(++slots * 3_600_000).toISOString();
  return { slot, capturedAt: slot, total, covers, of: 2, ...lacking };
};
const SAME = point("1");
/** What an account has at the end and at the close before: snapshots of both, or no snapshot at one of them. */
const kept = (end = "1") => [point(end), point("1")] as const;
const [NONE_THEN, NONE_NOW] = [[point("1"), "missing"] as const, ["missing", point("1")] as const];

describe("headlineOf", () => {
  const CLOSE = [{ period: "year", day: "2025-12-31" }] as const;
  const changeOf = (...accounts: readonly (readonly [end: ReportBalance, close: ReportBalance])[]) => {
    const shown = accounts.map(([end, close], at) => ({ accountId: `account_${at}`, end, closes: [close] }));
    const { total, changes } = headlineOf(shown as unknown as ReportAccount[], CLOSE);
    return { total, ...changes[0] };
  };

  it("compares the exact totals of all accounts", () => {
    expect(changeOf([point("10.5"), point("8")], [point("0.25"), point("0.75")])).toEqual({
      ...{ total: "10.75", period: "year", day: "2025-12-31", change: "2.00", percent: "+22.86%", note: "" },
    });
  });

  it.each<[string, readonly (readonly [ReportBalance, ReportBalance])[], string, string | null]>([
    ["no account had started", [[point("1"), "not active"]], "not active at 2025-12-31", "1"],
    ["the account has ended", [["not active", point("1")]], "not active at the end", null],
    ["nothing was measured since", [[SAME, SAME]], "no snapshot since 2025-12-31", "1"],
    ["the snapshot is missing", [NONE_THEN], "no snapshot at 2025-12-31", "1"],
    ["one snapshot is missing", [kept(), NONE_THEN], "no snapshot of 1 of 2 accounts at 2025-12-31", "2"],
    ["one snapshot is missing at the end", [kept(), NONE_NOW], "no snapshot of 1 of 2 accounts at the end", "1"],
    ["nothing had a price", [[point("1"), point(null, 0)]], "no price at 2025-12-31", "1"],
    ["nothing has a price", [[point(null, 0), point("1")]], "no price at the end", null],
  ])("has no change, but a reason, if %s", (_, accounts, note, total) => {
    expect(changeOf(...accounts)).toMatchObject({ change: null, percent: null, note, total });
  });

  it.each<[string, readonly (readonly [ReportBalance, ReportBalance])[], string]>([
    ["of which +1 in 1 new account", [kept(), kept(), [point("1"), "not active"]], "1"],
    ["of which −1 in 1 ended account", [kept(), ["not active", point("1")]], "-1"],
    ["1 of 2 accounts has no snapshot since", [[SAME, SAME], kept("3")], "2"],
    ["covered 1 of 2 then", [[point("2"), point("1", 1, { unpriced: ["xyz"] })]], "1"],
    ["covered 1 of 2 then", [[point("2"), point("1", 1, { unsettled: ["xyz"] })]], "1"],
    // An entry that the API hides has no symbol.
    ["covered 1 of 2 then", [[point("2"), point("1", 1)]], "1"],
    ["", [[point("2", 1, { unpriced: ["xyz"] }), point("1", 1, { unpriced: ["xyz"] })]], "1"],
  ])("notes what the change includes: %p", (note, accounts, change) => {
    expect(changeOf(...accounts)).toMatchObject({ change, note });
  });
});

describe("allocationOf", () => {
  const allocated = (...allocations: ReportAccount["allocation"][]) =>
    allocationOf(allocations.map((allocation) => ({ allocation })) as unknown as ReportAccount[], 2);

  it("adds up accounts exactly, and puts the least valuable assets together", () => {
    const first = [
      ["btc", "0.1"],
      ["eth", "5"],
      ["sol", "3"],
      ["rep", null],
    ] as const;
    const { slices, unpriced } = allocated(first, [
      ["btc", "0.2"],
      ["ada", "1.7"],
    ]);

    expect(slices).toEqual([
      { symbols: ["eth"], value: "5", share: "50.0%" },
      { symbols: ["sol"], value: "3", share: "30.0%" },
      { symbols: ["ada", "btc"], value: "2.0", share: "20.0%" },
    ]);
    expect(unpriced).toEqual(["rep"]);
  });

  it("has no shares if a value is negative", () => {
    const { slices } = allocated(Object.entries({ btc: "5", usd: "-1" }));

    expect(slices.map(({ share }) => share)).toEqual([null, null]);
  });
});

it("accountLabels shows the name and a short id, which is longer where it would not be unique", () => {
  const ids = ["account_89af9ed0-1", "account_89af9ed0-2", "account_12345678-9", "odd"];
  const accounts = ids.map((accountId, at) => ({ accountId, ...(at === 0 && { name: "Treasury" }) }));

  expect([...accountLabels(accounts as unknown as ReportAccount[]).values()]).toEqual([
    ...["Treasury 89af9ed0-1", "89af9ed0-2", "12345678", "odd"],
  ]);
});

it("accountLabels keeps the id behind a name that is written from right to left", () => {
  const accounts = [{ accountId: "account_89af9ed0", name: "חשבון" }] as unknown as ReportAccount[];

  expect(accountLabels(accounts).get("account_89af9ed0")).toBe("\u2068חשבון\u2069 89af9ed0");
});

describe("the fragment", () => {
  const views = accountViews(makeReport({ accounts: 2, steps: 48, assets: 3 }));
  const [view, other] = views as [(typeof views)[0], (typeof views)[0]];
  const sort = { key: "value", direction: "descending" } as const;
  const initial = { view, range: { first: 0, last: 47 }, asset: "btc", sort };

  it("keeps the account, the range, the asset and the order", () => {
    const state = { view: other, range: { first: 3, last: 40 }, asset: "eth", sort: { ...sort, key: "hold" } as const };

    expect(stateOf(fragmentOf(state, initial), initial, views)).toEqual(state);
    expect(fragmentOf(initial, initial)).toBe("");
  });

  it.each([
    "account=nobody",
    "from=yesterday",
    "from=2026-11-02&to=2026-11-01",
    "asset=xyz",
    "sort=-price",
    "%",
    "=&&",
  ])("ignores %s, which is not valid", (fragment) => {
    expect(stateOf(fragment, initial, views)).toEqual(initial);
  });
});

it("every asset has a colour that contrasts with the paper, in light and dark", () => {
  const style = readFileSync("report-page/browser/style/base.css", "utf8");
  const colours = [...style.matchAll(/--(asset-\d+|other|paper): #([0-9a-f]{3,6});/g)].map(([, name, hex = ""]) => ({
    name,
    luminance: luminanceOf(hex.length === 3 ? hex.replace(/./g, "$&$&") : hex),
  }));
  const schemes = [colours.slice(0, 14), colours.slice(14)];
  for (const [paper, ...assets] of schemes) {
    expect([paper?.name, assets.length]).toEqual(["paper", 13]);
    for (const { luminance } of assets) {
      const [light, dark] = [luminance, paper?.luminance ?? 0].sort((a, b) => b - a) as [number, number];
      // WCAG 2.2, 1.4.11.
      expect((light + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(3);
    }
  }
});

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminanceOf(hex: string): number {
  const [red = 0, green = 0, blue = 0] = (hex.match(/../g) ?? []).map((byte) => {
    const channel = Number.parseInt(byte, 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
