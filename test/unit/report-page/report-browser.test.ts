import { coverage, formatDuration, gapText, intervalsText } from "../../../report-page/browser/phrases.ts";
import { layersAt } from "../../../report-page/browser/plots/layers.ts";
import { stackBands } from "../../../report-page/browser/plots/stacking.ts";
import { combineAccounts } from "../../../report-page/browser/state/all-accounts.ts";
import { assetColours, rankByValue } from "../../../report-page/browser/state/asset-order.ts";
import { snapshotsIn, stepAt } from "../../../report-page/browser/state/range.ts";
import {
  absenceReason,
  accountViews,
  countGaps,
  stepName,
  type View,
} from "../../../report-page/browser/state/view.ts";
import { balanceRows, sortRows } from "../../../report-page/browser/tables/balance-rows.ts";
import type { ReportAccount } from "../../../report-page/data/report-data.ts";
import { describe, expect, it } from "../../support/jest.ts";

// What the report's browser code computes and displays. test/e2e/report.test.ts runs it in a browser.

const HOUR = 3_600_000;

const AT_CLOSES = { end: "missing", closes: [], allocation: [] } as const;

type Cell = readonly [quantity: string, value: string | null] | null;

/** Returns an account with hourly steps from epoch; `null` in `totals` is a gap. */
function account(accountId: string, totals: readonly (string | null)[], held: Record<string, readonly Cell[]>) {
  const steps = totals.map((_, step) => new Date(step * HOUR).toISOString());
  const assets = Object.entries(held).map(([symbol, cells]) => ({
    symbol,
    name: `${symbol} coin`,
    quantities: cells.map((cell) => cell?.[0] ?? null),
    holds: cells.map((cell) => (cell ? "0" : null)),
    values: cells.map((cell) => cell?.[1] ?? null),
  }));
  const snapshots = totals.map((total, step) => {
    const present = assets.filter(({ quantities }) => quantities[step] !== null);
    const covers = present.filter(({ values }) => values[step] !== null).length;
    const slot = steps[step] ?? "";
    const known = covers === 0 && present.length > 0 ? null : total;
    return total === null ? null : { slot, capturedAt: slot, total: known, covers, of: present.length };
  });
  const gaps = steps.flatMap((slot, step) => (totals[step] === null ? [{ slot, reason: `reason ${step}` }] : []));
  return { accountId, ...AT_CLOSES, snapshots, assets, gaps } satisfies ReportAccount;
}

const texts = {
  title: "",
  generatedAt: "",
  timezone: "UTC",
  denomination: "usd",
  scheduled: true,
  end: "",
  closes: [],
};

/** Returns the views of a report about accounts, with hourly steps from epoch. */
function viewsOf(...accounts: readonly ReportAccount[]): View[] {
  const steps = accounts[0]?.snapshots.map((_, step) => new Date(step * HOUR).toISOString()) ?? [];
  return accountViews({ ...texts, since: new Date(-HOUR).toISOString(), steps, accounts });
}

describe("combineAccounts", () => {
  const combined = combineAccounts(
    viewsOf(
      account("x", ["1.1", "2", null], { btc: [["1", "1.1"], ["1", "2"], null] }),
      account("y", ["2.25", null, null], { btc: [["2", "2.25"], null, null], xyz: [["5", null], null, null] }),
    ),
  );

  it("adds up a step only if every account has a snapshot there", () => {
    expect(combined.points.map((point) => point?.total)).toEqual(["3.35", undefined, undefined]);
    expect(combined.assets.map(({ symbol, quantities }) => [symbol, ...quantities])).toEqual([
      ["btc", "3", null, null],
      ["xyz", "5", null, null],
    ]);
    expect(coverage(combined, 0)).toBe("covers 2 of 3 balances in 2 accounts; no price: xyz");
  });

  it("names the accounts without a snapshot where others have one", () => {
    expect(combined.missingAccounts).toEqual([[], ["y"], []]);
    expect(gapText(combined, 1)).toBe("gap: 1 of 2 accounts has no snapshot (y)");
    expect(gapText(combined, 2)).toBe("gap: no complete snapshot (reason 2)");
  });

  it("reports a price that one of the accounts lacks", () => {
    const partlyPriced = combineAccounts(
      viewsOf(account("x", ["7"], { btc: [["1", "7"]] }), account("y", ["0"], { btc: [["1", null]] })),
    );
    expect(partlyPriced.assets[0]?.values).toEqual(["7"]);
    expect(balanceRows(partlyPriced, 0, 0)[0]?.unpricedAccounts).toBe(1);
    expect(coverage(partlyPriced, 0)).toBe("covers 1 of 2 balances in 2 accounts; no price: btc");
  });

  it("leaves out an account before its start and after its end, which are no gaps", () => {
    const young = { ...account("y", [null, null, "2", null], {}), inactive: [0, 1] };
    const closed = { ...account("z", [null, "4", null, null], {}), inactive: [0, 2, 3] };
    const views = viewsOf(young, closed);
    const combined = combineAccounts(views);

    expect(views.map((view) => countGaps(view, { first: 0, last: 3 }))).toEqual([1, 0]);
    expect(combined.points.map((point) => point?.total)).toEqual([undefined, "4", "2", undefined]);
    expect(combined.activeAccounts).toEqual([0, 1, 1, 1]);
    expect(combined.missingAccounts).toEqual([[], [], [], []]);
    expect([0, 3].map((step) => gapText(combined, step).slice(0, 10))).toEqual(["not active", "gap: no co"]);
    expect(coverage(combined, 1)).toBe("covers 0 of 0 balances in 1 account");
  });

  it("has the length of a single step as its interval, so that nothing is drawn into the future", () => {
    const views = viewsOf(account("x", ["1"], {}), account("y", ["2"], {}));

    expect([...views, combineAccounts(views)].map(({ interval }) => interval)).toEqual([HOUR, HOUR, HOUR]);
  });
});

describe("an unsettled asset", () => {
  const always = (quantity: string, value: string | null) => Array<Cell>(2).fill([quantity, value]);
  const held = account("x", ["1", "1"], { btc: [["1", "1"], null], eth: always("2", null) });
  const [settled, last] = held.snapshots;
  const snapshots = [settled ?? null, last ? { ...last, of: 2, unsettled: ["btc"] } : null];
  const [view] = viewsOf({ ...held, snapshots }) as [View];

  it("is neither held nor closed and has no change", () => {
    expect(balanceRows(view, 0, 1).find(({ symbol }) => symbol === "btc")).toMatchObject({
      ...{ state: "unsettled", quantity: null, value: null, quantityChange: null, valueChange: null },
    });
    expect(["btc", "eth"].map((symbol) => absenceReason(view, 1, symbol))).toEqual(["unsettled", "not held"]);
    expect(coverage(view, 1)).toBe("covers 0 of 2 assets; no price: eth; unsettled: btc");
  });

  it("has no sum over all accounts even if another account holds it", () => {
    const combined = combineAccounts([view, ...viewsOf(account("y", ["1", "1"], { btc: always("5", "5") }))]);

    expect(combined.assets.find(({ symbol }) => symbol === "btc")?.quantities).toEqual(["6", null]);
    expect(absenceReason(combined, 1, "btc")).toBe("unsettled");
  });
});

describe("a range", () => {
  const [view] = viewsOf(account("x", [null, "1", "2", null], {})) as [View];

  it("opens and closes with the nearest snapshots inside it", () => {
    expect(snapshotsIn(view, { first: 0, last: 3 })).toEqual({ start: 1, end: 2 });
    expect(snapshotsIn(view, { first: 3, last: 3 })).toBeUndefined();
  });

  it("assigns an instant to the last step at or before it", () => {
    expect([-1, 0, HOUR - 1, HOUR, 99 * HOUR].map((time) => stepAt(view, time))).toEqual([0, 0, 0, 1, 3]);
  });

  it("describes its intervals and gaps", () => {
    expect(intervalsText(view, { first: 0, last: 3 })).toBe("4 intervals of 1 hour, 2 gaps");
    expect(intervalsText(view, { first: 1, last: 1 })).toBe("1 interval of 1 hour, no gaps");
    expect([24 * HOUR, 78_840_000].map(formatDuration)).toEqual(["1 day", "21 hours 54 minutes"]);
  });
});

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

it("assetColours gives an asset the same colour in every account and range", () => {
  const always = (value: string): Cell[] => Array<Cell>(2).fill(["1", value]);
  const views = viewsOf(
    account("x", ["9", "5"], {
      btc: always("3"),
      eth: [
        ["1", "6"],
        ["1", "2"],
      ],
    }),
    account("y", ["4", "4"], { eth: always("4"), sol: always("1") }),
  );
  const colours = assetColours(combineAccounts(views), [combineAccounts(views), ...views]);
  const layers = views.flatMap((view) =>
    [0, 1].map((step) => layersAt(view, step, { colourOf: (symbol) => colours.get(symbol) ?? "" })),
  );

  expect(Object.fromEntries(colours)).toEqual({ eth: "asset-0", btc: "asset-1", sol: "asset-2" });
  expect(layers.map((shown) => shown.map(({ label, colour }) => `${label} ${colour}`).join(", "))).toEqual([
    "eth asset-0, btc asset-1",
    "btc asset-1, eth asset-0",
    ...Array<string>(2).fill("eth asset-0, sol asset-2"),
  ]);
});

it("stackBands stacks positive values up and negative values down, without a height where there is no value", () => {
  const columns = ["1 2 0", "3 -4 0"].map((column) => column.split(" ").map(Number));

  expect(stackBands(columns)).toEqual([
    { low: [0, 0, 0], high: [1, 2, 0] },
    { low: [1, -4, 0], high: [4, 0, 0] },
  ]);
});

describe("steps that are calendar periods", () => {
  const gaps = ["2026-11-01T22:00:00.000Z", "2026-11-02T10:00:00.000Z"].map((slot) => ({
    slot,
    reason: `missed ${slot}`,
  }));
  const views = accountViews({
    ...texts,
    since: "2026-10-30T22:59:59.999Z",
    steps: ["2026-10-31T22:59:59.999Z", "2026-11-01T22:59:59.999Z", "2026-11-02T12:00:00.000Z"],
    labels: ["2026-10-31", "2026-11-01", "2026-11-02"],
    open: true,
    accounts: ["x", "y"].map((accountId) => ({ ...account(accountId, ["1", "2", null], {}), gaps })),
  });
  const nameOf = () => "an instant";

  it.each([
    ["an account", views[0]],
    ["all accounts", combineAccounts(views)],
  ])("are drawn from the start of their periods, and named and marked as in the command line, for %s", (_, view) => {
    const { times, ends } = view as View;

    expect(times.map((time) => new Date(time).toISOString())).toEqual([
      ...["2026-10-30T23:00:00.000Z", "2026-10-31T23:00:00.000Z", "2026-11-01T23:00:00.000Z"],
    ]);
    expect(ends.at(-1)).toBe(Date.parse("2026-11-02T12:00:00.000Z"));
    expect(times.map((_, step) => stepName(view as View, step, nameOf))).toEqual([
      ...["2026-10-31", "2026-11-01", "2026-11-02 (open)"],
    ]);
  });

  it("contain the gaps of their own period", () => {
    const [view] = views as [View];

    expect(gapText(view, 2)).toBe("gap: no complete snapshot (missed 2026-11-02T10:00:00.000Z)");
    expect(stepName({ ...view, open: false }, 2, nameOf)).toBe("2026-11-02");
  });
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
