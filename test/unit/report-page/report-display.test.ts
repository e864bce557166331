import { describe, expect, it } from "@jest/globals";
import { assignColours } from "../../../report-page/browser/plots/layers.ts";
import { stackBands } from "../../../report-page/browser/plots/stacking.ts";
import { tickLabels } from "../../../report-page/browser/plots/tick-labels.ts";
import { rankByValue } from "../../../report-page/browser/state/asset-order.ts";
import type { View } from "../../../report-page/browser/state/view.ts";
import { balanceRows, sortRows } from "../../../report-page/browser/tables/balance-rows.ts";
import { account, viewsOf } from "./small-views.ts";

describe("rankByValue", () => {
  const asset = (symbol: string, ...values: (string | null)[]) => ({ symbol, values });

  it("compares values exactly, beyond the precision of floats", () => {
    const assets = [asset("b", "2", "9007199254740992.5"), asset("a", "1", "9007199254740993"), asset("c", "3", "5")];
    expect(rankByValue(assets, 1).map(({ symbol }) => symbol)).toEqual(["a", "b", "c"]);
  });

  it("puts assets without a value at the step last and omits assets that never have one", () => {
    const assets = [asset("closed", "9", null), asset("unpriced", null, null), asset("held", "1", "1")];
    expect(rankByValue(assets, 1).map(({ symbol }) => symbol)).toEqual(["held", "closed"]);
  });
});

it("assignColours keeps an asset's colour while the asset is shown", () => {
  const previous = assignColours(["a", "b", "c"], new Map());

  expect(Object.fromEntries(assignColours(["c", "d", "a"], previous))).toEqual({ c: 2, d: 1, a: 0 });
});

it("stackBands stacks positive values up and negative values down, and leaves gaps out", () => {
  const columns = ["1 2 9", "3 -4 9"].map((column) => column.split(" ").map(Number));

  expect(stackBands(columns, [true, true, false])).toEqual([
    { low: [0, 0, null], high: [1, 2, null] },
    { low: [1, -4, null], high: [4, 0, null] },
  ]);
});

it.each([
  ["0 500000 1000000", "0 0.5M 1.0M"],
  ["66.25 66.5 66.75", "66.25 66.50 66.75"],
  ["0 2500 5000", "0 2.5k 5.0k"],
])("tickLabels labels %s with as many decimals as distinguish the ticks", (ticks, labels) => {
  expect(tickLabels(ticks.split(" ").map(Number)).join(" ")).toBe(labels);
});

describe("balance rows", () => {
  const [view] = viewsOf(
    account("x", ["10", null, "30", "25"], {
      kept: [["1.50", "10"], null, ["2", "20"], ["1.25", "15.5"]],
      opened: [null, null, null, ["7", "9.5"]],
      closed: [["3", null], null, ["3", "10"], null],
      unpriced: [["1", null], null, ["1", null], ["2", null]],
    }),
  ) as [View];

  it("distinguish held, opened, closed and unpriced assets, with exact changes", () => {
    const rows = new Map(balanceRows(view, 2, 3).map((row) => [row.symbol, row]));
    expect(rows.get("kept")).toMatchObject({ state: "held", quantityChange: "-0.75", valueChange: "-4.5" });
    expect(rows.get("opened")).toMatchObject({ state: "opened", quantityChange: "7", valueChange: "9.5" });
    expect(rows.get("closed")).toMatchObject({ state: "closed", quantity: null, value: null, valueChange: "-10" });
    expect(rows.get("unpriced")).toMatchObject({ value: null, quantityChange: "1", valueChange: null });
  });

  it("have no change in value without a price at the start, and no change at all with a single snapshot", () => {
    const closed = balanceRows(view, 0, 3).find(({ symbol }) => symbol === "closed");
    expect(closed).toMatchObject({ quantityChange: "-3", valueChange: null });
    expect(balanceRows(view, 2, 2).map(({ quantityChange }) => quantityChange)).toEqual([null, null, null]);
  });

  it.each([
    ["descending", ["kept", "opened", "closed", "unpriced"]],
    ["ascending", ["opened", "kept", "closed", "unpriced"]],
  ] as const)("sort %s with missing values last", (direction, symbols) => {
    expect(sortRows(balanceRows(view, 2, 3), "value", direction).map(({ symbol }) => symbol)).toEqual(symbols);
  });
});
