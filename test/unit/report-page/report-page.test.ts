import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { coverage, gapText, spacing } from "../../../report-page/browser/phrases.ts";
import { layersAt, valueAt } from "../../../report-page/browser/plots/layers.ts";
import { stack } from "../../../report-page/browser/plots/stacking.ts";
import { tickLabels } from "../../../report-page/browser/plots/tick-labels.ts";
import { combine } from "../../../report-page/browser/state/all-accounts.ts";
import { assignColours, fold } from "../../../report-page/browser/state/asset-order.ts";
import { endsOf, lastDays, stepAt, stepsIn } from "../../../report-page/browser/state/range.ts";
import { zoneOf } from "../../../report-page/browser/state/time-zone.ts";
import { accountViews, totalAt, type View, whyNone } from "../../../report-page/browser/state/view.ts";
import { balanceLines, sortLines } from "../../../report-page/browser/tables/balance-rows.ts";
import { pack, packReport, unpack } from "../../../report-page/data/packing.ts";
import type { ReportAccount, ReportData } from "../../../report-page/data/report-data.ts";

const HOUR = 3_600_000;

type Cell = readonly [quantity: string, value: string | null] | null;

/** An account of hourly steps; `null` in `totals` is a gap. */
function account(accountId: string, totals: readonly (string | null)[], held: Record<string, readonly Cell[]>) {
  const steps = totals.map((_, at) => new Date(at * HOUR).toISOString());
  const assets = Object.entries(held).map(([symbol, cells]) => ({
    symbol,
    name: `${symbol} coin`,
    quantities: cells.map((cell) => cell?.[0] ?? null),
    holds: cells.map((cell) => (cell ? "0" : null)),
    values: cells.map((cell) => cell?.[1] ?? null),
  }));
  const snapshots = totals.map((total, at) => {
    const here = assets.filter(({ quantities }) => quantities[at] !== null);
    const covers = here.filter(({ values }) => values[at] !== null).length;
    const slot = steps[at] ?? "";
    const known = covers === 0 && here.length > 0 ? null : total;
    return total === null ? null : { slot, capturedAt: slot, total: known, covers, of: here.length };
  });
  const gaps = steps.flatMap((slot, at) => (totals[at] === null ? [{ slot, reason: `reason ${at}` }] : []));
  return { accountId, steps, snapshots, assets, gaps } satisfies ReportAccount;
}

function viewsOf(...accounts: readonly ReportAccount[]): View[] {
  const data: ReportData = { title: "", generatedAt: "", timezone: "UTC", denomination: "usd", accounts };
  return accountViews(packReport(data));
}

describe("packed columns", () => {
  it("are what they were once unpacked", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(null, "0", "1.5", "12")), (cells) => {
        expect(unpack(pack(cells))).toEqual(cells);
      }),
    );
  });

  it("say how often a cell is repeated", () => {
    expect(pack(["1", "1", "1", null, null, "2"])).toEqual(["1", 2, null, 1, "2"]);
  });
});

describe("folding into other", () => {
  const asset = (symbol: string, ...values: (string | null)[]) => ({ symbol, values });

  it("shows the most valuable at the step, compared exactly, and folds the others", () => {
    const assets = [asset("a", "1", "9007199254740993"), asset("b", "2", "9007199254740992.5"), asset("c", "3", "5")];
    const { top, other } = fold(assets, 1, 2);
    expect(top.map(({ symbol }) => symbol)).toEqual(["a", "b"]);
    expect(other.map(({ symbol }) => symbol)).toEqual(["c"]);
  });

  it("puts last what has no value there, and leaves out what never has one", () => {
    const { top } = fold([asset("gone", "9", null), asset("unpriced", null, null), asset("here", "1", "1")], 1, 3);
    expect(top.map(({ symbol }) => symbol)).toEqual(["here", "gone"]);
  });

  it("sums the folded exactly, and says why there is no sum", () => {
    const names = Array.from({ length: 10 }, (_, at) => `a${at}`);
    const held = Object.fromEntries(names.map((name, at) => [name, [["1", at < 8 ? "100" : "0.1"], null] as Cell[]]));
    const [view] = viewsOf(account("x", ["800.2", "0"], held));
    const other = layersAt(view as View, 0, new Map()).at(-1);
    expect(other?.label).toBe("other (2 assets)");
    expect(other && valueAt(other, 0)).toEqual({ value: "0.2" });
    expect(other && valueAt(other, 1)).toEqual({ none: "not held" });
  });

  it("lets an asset keep its colour as long as it is shown", () => {
    const before = assignColours(["a", "b", "c"], new Map());
    expect([...assignColours(["c", "d", "a"], before)]).toEqual([
      ["c", 2],
      ["d", 1],
      ["a", 0],
    ]);
  });
});

describe("the balances at the end of a range", () => {
  const [view] = viewsOf(
    account("x", ["10", null, "30", "25"], {
      kept: [["1.50", "10"], null, ["2", "20"], ["1.25", "15.5"]],
      opened: [null, null, null, ["7", "9.5"]],
      closed: [["3", null], null, ["3", "10"], null],
      unpriced: [["1", null], null, ["1", null], ["2", null]],
    }),
  ) as [View];

  it("tell what was opened, closed, and not priced, with exact changes", () => {
    const lines = new Map(balanceLines(view, 2, 3).map((line) => [line.symbol, line]));
    expect(lines.get("kept")).toMatchObject({ state: "held", quantityChange: "-0.75", valueChange: "-4.5" });
    expect(lines.get("opened")).toMatchObject({ state: "opened", quantityChange: "7", valueChange: "9.5" });
    expect(lines.get("closed")).toMatchObject({ state: "closed", quantity: null, value: null, valueChange: "-10" });
    expect(lines.get("unpriced")).toMatchObject({ value: null, quantityChange: "1", valueChange: null });
  });

  it("have no change in value where a price is lacking at the start", () => {
    const closed = balanceLines(view, 0, 3).find(({ symbol }) => symbol === "closed");
    expect(closed).toMatchObject({ quantityChange: "-3", valueChange: null });
  });

  it("have no change when there is nothing to compare with", () => {
    expect(balanceLines(view, 2, 2).map(({ quantityChange }) => quantityChange)).toEqual([null, null, null]);
  });

  it("are sorted with what has no figure last, in both directions", () => {
    const symbols = (direction: "ascending" | "descending") =>
      sortLines(balanceLines(view, 2, 3), "value", direction).map(({ symbol }) => symbol);
    expect(symbols("descending")).toEqual(["kept", "opened", "closed", "unpriced"]);
    expect(symbols("ascending")).toEqual(["opened", "kept", "closed", "unpriced"]);
  });
});

describe("the sum over accounts", () => {
  const views = viewsOf(
    account("x", ["1.1", "2", null], { btc: [["1", "1.1"], ["1", "2"], null] }),
    account("y", ["2.25", null, null], { btc: [["2", "2.25"], null, null], xyz: [["5", null], null, null] }),
  );
  const all = combine(views);

  it("counts a step only if every account has a snapshot there", () => {
    expect(all.points.map((point) => point?.total)).toEqual(["3.35", undefined, undefined]);
    expect(all.assets.map(({ symbol, quantities }) => [symbol, ...quantities])).toEqual([
      ["btc", "3", null, null],
      ["xyz", "5", null, null],
    ]);
  });

  it("says which accounts a partial step lacks, and calls no step partial that nobody has", () => {
    expect(all.missing).toEqual([[], ["y"], []]);
    expect(gapText(all, 1)).toBe("partial: 1 account of 2 without a snapshot (y), left as a gap");
    expect(gapText(all, 2)).toBe("gap: no complete snapshot (reason 2)");
  });

  it("says what the sum covers", () => {
    expect(coverage(all, 0)).toBe("covers 2 of 3 balances, without a price: xyz");
  });

  it("does not take a price of one account for that of another", () => {
    const sum = combine(
      viewsOf(account("x", ["7"], { btc: [["1", "7"]] }), account("y", ["0"], { btc: [["1", null]] })),
    );
    expect(sum.assets[0]?.values).toEqual(["7"]);
    expect(balanceLines(sum, 0, 0)[0]?.unpricedIn).toBe(1);
    expect(coverage(sum, 0)).toBe("covers 1 of 2 balances, without a price: btc");
  });

  it("takes accounts with other steps for accounts without a snapshot there", () => {
    const sum = combine(viewsOf(account("x", ["1", "2"], {}), account("y", ["1"], {})));
    expect(sum.points.map((point) => point?.total)).toEqual(["2", undefined]);
  });
});

describe("an asset of which the API did not tell", () => {
  const held = account("x", ["1", "1"], {
    btc: [["1", "1"], null],
    eth: [
      ["2", null],
      ["2", null],
    ],
  });
  const [settled, last] = held.snapshots;
  const unsettled = { ...held, snapshots: [settled ?? null, last ? { ...last, of: 2, unsettled: ["btc"] } : null] };
  const [view] = viewsOf(unsettled) as [View];

  it("is neither held nor closed, and has no change", () => {
    expect(balanceLines(view, 0, 1).find(({ symbol }) => symbol === "btc")).toMatchObject({
      ...{ state: "unsettled", quantity: null, value: null, quantityChange: null, valueChange: null },
    });
    expect(["btc", "eth"].map((symbol) => whyNone(view, 1, symbol))).toEqual(["unsettled", "not held"]);
    expect(coverage(view, 1)).toBe("covers 0 of 2 assets, without a price: eth, unsettled: btc");
  });

  it("has no sum over accounts, of which another one holds it", () => {
    const all = combine([
      view,
      ...viewsOf(
        account("y", ["1", "1"], {
          btc: [
            ["5", "5"],
            ["5", "5"],
          ],
        }),
      ),
    ]);

    expect(all.assets.find(({ symbol }) => symbol === "btc")?.quantities).toEqual(["6", null]);
    expect(whyNone(all, 1, "btc")).toBe("unsettled");
  });
});

describe("a range", () => {
  const [view] = viewsOf(account("x", [null, "1", "2", null], {})) as [View];

  it("is of the steps within, both ends included", () => {
    expect(stepsIn(view, { from: HOUR, to: 2 * HOUR })).toEqual({ first: 1, last: 2 });
    expect(stepsIn(view, { from: HOUR + 1, to: 2 * HOUR - 1 })).toBeUndefined();
  });

  it("starts and ends with the nearest snapshots inside of it", () => {
    expect(endsOf(view, 0, 3)).toEqual({ start: 1, end: 2 });
    expect(endsOf(view, 3, 3)).toBeUndefined();
  });

  it("counts days back from the end, and not beyond the start", () => {
    expect(lastDays({ from: 0, to: 10 * 24 * HOUR }, 7)).toEqual({ from: 3 * 24 * HOUR, to: 10 * 24 * HOUR });
    expect(lastDays({ from: 0, to: HOUR }, 7).from).toBe(0);
  });

  it("finds the step that an instant belongs to", () => {
    expect([-1, 0, HOUR - 1, HOUR, 99 * HOUR].map((time) => stepAt(view.times, time))).toEqual([0, 0, 0, 1, 3]);
  });
});

describe("a time zone", () => {
  it("writes instants with their offset, on both sides of daylight saving", () => {
    const { instant } = zoneOf("Europe/Zurich");
    expect(instant(Date.parse("2026-07-01T00:30:00.061Z"))).toBe("2026-07-01 02:30:00.061 +02:00");
    expect(instant(Date.parse("2026-12-31T23:30:00Z"))).toBe("2027-01-01 00:30:00 +01:00");
    expect(zoneOf("UTC").instant(0)).toBe("1970-01-01 00:00:00 +00:00");
  });

  it.each([
    ["Europe/Zurich", "2026-03-29", "2026-03-28T23:00:00.000Z"],
    ["Europe/Zurich", "2026-03-30", "2026-03-29T22:00:00.000Z"],
    ["Europe/Zurich", "2026-10-26", "2026-10-25T23:00:00.000Z"],
    ["Pacific/Auckland", "2026-01-01", "2025-12-31T11:00:00.000Z"],
    ["America/Los_Angeles", "2026-11-02", "2026-11-02T08:00:00.000Z"],
    // Its clocks went from midnight to one o'clock.
    ["America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"],
  ])("of %s knows when %s starts", (timezone, day, start) => {
    expect(new Date(zoneOf(timezone).startOf(day)).toISOString()).toBe(start);
  });
});

describe("what is drawn", () => {
  it("stacks upwards, hangs what is negative below, and leaves gaps out", () => {
    const bands = stack(
      [
        [1, 2, 9],
        [3, -4, 9],
      ],
      [true, true, false],
    );
    expect(bands).toEqual([
      { low: [0, 0, null], high: [1, 2, null] },
      { low: [1, -4, null], high: [4, 0, null] },
    ]);
  });

  it("labels axes with what tells their marks apart", () => {
    expect(tickLabels([0, 500_000, 1_000_000])).toEqual(["0", "0.5M", "1.0M"]);
    expect(tickLabels([66.25, 66.5, 66.75])).toEqual(["66.25", "66.50", "66.75"]);
    expect(tickLabels([0, 2500, 5000])).toEqual(["0", "2.5k", "5.0k"]);
  });

  it("says how far steps are apart", () => {
    expect([HOUR, 22 * HOUR, 24 * HOUR, 78_840_000].map(spacing)).toEqual([
      "1 hour",
      "22 hours",
      "1 day",
      "21 hours 54 minutes",
    ]);
  });
});

describe("a total", () => {
  it("is none where things are held without a price, and nought where nothing is held", () => {
    const [view] = viewsOf(account("x", ["0", "0", null], { xyz: [["1", null], null, null] })) as [View];
    expect([0, 1, 2].map((step) => totalAt(view, step))).toEqual([null, "0", null]);
  });
});
