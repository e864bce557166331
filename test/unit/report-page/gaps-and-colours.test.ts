import { gapsNote, gapText, intervalsText } from "../../../report-page/browser/phrases.ts";
import { layersAt, OWN_LAYERS } from "../../../report-page/browser/plots/layers.ts";
import { combineAccounts } from "../../../report-page/browser/state/all-accounts.ts";
import { assetColours } from "../../../report-page/browser/state/asset-order.ts";
import { groupGaps } from "../../../report-page/browser/state/gap-groups.ts";
import { absenceReason, accountViews, type View, type ViewGap } from "../../../report-page/browser/state/view.ts";
import type { ReportAccount } from "../../../report-page/data/report-data.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { makeReport } from "./make-report.ts";

const report = makeReport({ steps: 4, assets: 1 });
const [account] = report.accounts as [ReportAccount];
const RANGE = { first: 0, last: 3 };

describe("a range without a snapshot", () => {
  const empty = { ...account, snapshots: [null, null, null, null], gaps: [] };

  it("has no slots where the account is not active, which is not the same as no gaps", () => {
    const [view] = accountViews({ ...report, accounts: [{ ...empty, inactive: [0, 1, 2, 3] }] }) as [View];

    expect(intervalsText(view, RANGE)).toBe("4 intervals of 1 hour, 4 not active");
    expect(gapsNote([], undefined, { view, range: RANGE })).toBe(
      "No account was active in this range, so no slot was expected.",
    );
  });

  it("is not known to have gaps without a schedule", () => {
    const [view] = accountViews({ ...report, scheduled: false, accounts: [empty] }) as [View];

    expect(intervalsText(view, RANGE)).toBe("4 intervals of 1 hour, 4 without a snapshot");
    expect(gapText(view, 0)).toBe("no complete snapshot");
    expect(absenceReason(view, 0)).toBe("no snapshot");
    expect(gapsNote([], undefined, { view, range: RANGE })).toContain("No schedule is known");
  });
});

describe("groupGaps", () => {
  const gap = (accountId: string, time: number, rest: Partial<ViewGap> = {}): ViewGap => ({
    ...{ accountId, account: accountId, time, slot: String(time) },
    ...rest,
  });
  const shown = (...gaps: ViewGap[]) =>
    groupGaps(gaps).map(({ first, last, slots, accounts, differ }) => [first.slot, last.slot, slots, accounts, differ]);

  it("puts slots in a row with one code together, and accounts with the same slots", () => {
    expect(
      shown(gap("a", 1), gap("b", 1), gap("a", 2, { continues: true }), gap("b", 2, { continues: true }), gap("a", 4)),
    ).toEqual([
      ["1", "2", 2, ["a", "b"], false],
      ["4", "4", 1, ["a"], false],
    ]);
  });

  it("separates codes, and tells that messages differ", () => {
    const reasons = ["x: one", "x: two", "y: two"];
    const gaps = reasons.map((reason, at) => gap("a", at, { reason, ...(at > 0 && { continues: true }) }));

    expect(shown(...gaps)).toEqual([
      ["0", "1", 2, ["a"], true],
      ["2", "2", 1, ["a"], false],
    ]);
  });
});

it("assetColours gives the layers of each account different colours, although they are far apart in the whole report", () => {
  // The second account holds the assets that have the same rank modulo the number of colours.
  const many = makeReport({ steps: 4, assets: 31, accounts: 2 });
  const [first, second] = many.accounts as [ReportAccount, ReportAccount];
  const some = second.assets.filter((_, at) => at % 12 === 2 || at % 12 === 4);
  const views = accountViews({ ...many, accounts: [first, { ...second, assets: some }] });
  const all = [combineAccounts(views), ...views];
  const colours = assetColours(all[0] as View, all);

  for (const view of all) {
    const layers = layersAt(view, 3, { colourOf: (symbol) => colours.get(symbol) ?? "" }).slice(0, OWN_LAYERS);
    expect(new Set(layers.map(({ colour }) => colour)).size).toBe(layers.length);
  }
});
