import { describe, expect, it } from "@jest/globals";
import { coverage, formatDuration, gapText, intervalsText } from "../../../report-page/browser/phrases.ts";
import { combineAccounts } from "../../../report-page/browser/state/all-accounts.ts";
import { snapshotsIn, stepAt, stepsIn } from "../../../report-page/browser/state/range.ts";
import { timeZone } from "../../../report-page/browser/state/time-zone.ts";
import { absenceReason, type View } from "../../../report-page/browser/state/view.ts";
import { balanceRows } from "../../../report-page/browser/tables/balance-rows.ts";
import { HOUR } from "./make-report.ts";
import { account, type Cell, viewsOf } from "./small-views.ts";

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
    expect(coverage(combined, 0)).toBe("covers 2 of 3 balances; no price: xyz");
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
    expect(coverage(partlyPriced, 0)).toBe("covers 1 of 2 balances; no price: btc");
  });

  it("treats a step that an account does not have as a missing snapshot", () => {
    const uneven = combineAccounts(viewsOf(account("x", ["1", "2"], {}), account("y", ["1"], {})));
    expect(uneven.points.map((point) => point?.total)).toEqual(["2", undefined]);
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

  it("contains the steps at both of its ends", () => {
    expect(stepsIn(view, { from: HOUR, to: 2 * HOUR })).toEqual({ first: 1, last: 2 });
    expect(stepsIn(view, { from: HOUR + 1, to: 2 * HOUR - 1 })).toBeUndefined();
  });

  it("opens and closes with the nearest snapshots inside it", () => {
    expect(snapshotsIn(view, 0, 3)).toEqual({ start: 1, end: 2 });
    expect(snapshotsIn(view, 3, 3)).toBeUndefined();
  });

  it("assigns an instant to the last step at or before it", () => {
    expect([-1, 0, HOUR - 1, HOUR, 99 * HOUR].map((time) => stepAt(view.times, time))).toEqual([0, 0, 0, 1, 3]);
  });

  it("describes its intervals and gaps", () => {
    expect(intervalsText(view, 0, 3)).toBe("4 intervals of 1 hour, 2 gaps");
    expect(intervalsText(view, 1, 1)).toBe("1 interval of 1 hour, no gaps");
    expect([24 * HOUR, 78_840_000].map(formatDuration)).toEqual(["1 day", "21 hours 54 minutes"]);
  });
});

describe("timeZone", () => {
  it.each([
    ["Europe/Zurich", "2026-07-01T00:30:00.061Z", "2026-07-01 02:30:00.061 +02:00"],
    ["Europe/Zurich", "2026-12-31T23:30:00Z", "2027-01-01 00:30:00 +01:00"],
    ["UTC", "1970-01-01T00:00:00Z", "1970-01-01 00:00:00 +00:00"],
  ])("in %s formats %s as %s", (name, instant, text) => {
    expect(timeZone(name).instant(Date.parse(instant))).toBe(text);
  });

  it.each([
    ["Europe/Zurich", "2026-03-29", "2026-03-28T23:00:00.000Z"],
    ["Europe/Zurich", "2026-10-26", "2026-10-25T23:00:00.000Z"],
    ["Pacific/Auckland", "2026-01-01", "2025-12-31T11:00:00.000Z"],
    // Clocks went from midnight to one o'clock.
    ["America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"],
  ])("in %s starts %s at %s", (name, day, start) => {
    expect(new Date(timeZone(name).startOfDay(day)).toISOString()).toBe(start);
  });
});
