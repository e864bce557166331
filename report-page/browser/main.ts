import type { PackedReport } from "../data/packing.ts";
import { controls } from "./controls.ts";
import { byId } from "./dom.ts";
import { assetsInOrder, quantityPlot } from "./plots/quantity-plot.ts";
import { valuePlot } from "./plots/value-plot.ts";
import { ALL, combine } from "./state/all-accounts.ts";
import { wholeRange } from "./state/range.ts";
import { type ReportFacts, type State, Store } from "./state/store.ts";
import { zoneOf } from "./state/time-zone.ts";
import { accountViews, type View } from "./state/view.ts";
import { balanceTable } from "./tables/balance-table.ts";
import { gapTable } from "./tables/gap-table.ts";

// The page of a report. It reads what it shows from the page itself, and asks nobody for anything.

const report = JSON.parse(byId("report-data").textContent) as PackedReport;
const facts: ReportFacts = {
  timezone: report.timezone,
  zone: zoneOf(report.timezone),
  denomination: report.denomination,
};
const singles = accountViews(report);
let all: View | undefined;
const views = new Map(singles.map((view) => [view.id, { label: view.label, view: () => view }]));
if (singles.length > 1) {
  const sum = () => {
    all ??= combine(singles);
    return all;
  };
  views.set(ALL, { label: `All ${singles.length} accounts`, view: sum });
}

const [first] = singles;
if (first === undefined) {
  byId("status").textContent = "The report is of no account.";
} else {
  const opened: State = {
    view: first,
    range: wholeRange(first),
    asset: assetsInOrder(first)[0]?.symbol ?? "",
    cursor: null,
    sort: { key: "value", direction: "descending" },
  };
  const store = new Store(opened);
  controls(store, facts, views, () => store.change(opened));
  valuePlot(store, facts);
  quantityPlot(store, facts);
  balanceTable(store, facts);
  gapTable(store, facts);
  performance.mark("report-drawn");
}
