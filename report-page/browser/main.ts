import type { PackedReport } from "../data/packing.ts";
import { type SelectableView, setUpControls } from "./controls.ts";
import { byId } from "./dom.ts";
import { quantityPlot } from "./plots/quantity-plot.ts";
import { valuePlot } from "./plots/value-plot.ts";
import { ALL_ACCOUNTS, allAccountsLabel, combineAccounts } from "./state/all-accounts.ts";
import { assetsInOrder } from "./state/asset-order.ts";
import { wholeRange } from "./state/range.ts";
import { type ReportContext, type State, Store } from "./state/store.ts";
import { timeZone } from "./state/time-zone.ts";
import { accountViews, type View } from "./state/view.ts";
import { balanceTable } from "./tables/balance-table.ts";
import { gapTable } from "./tables/gap-table.ts";

// The entry point of the page's script. All data is embedded in the page; nothing is fetched.

const report = JSON.parse(byId("report-data").textContent) as PackedReport;
const context: ReportContext = { zone: timeZone(report.timezone), denomination: report.denomination };
const views = accountViews(report);
const selectable = new Map<string, SelectableView>(
  views.map((view) => [view.id, { label: view.label, view: () => view }]),
);
let combined: View | undefined;
if (views.length > 1) {
  // Combined on first use: exact sums of many accounts take a noticeable time.
  const view = () => {
    combined ??= combineAccounts(views);
    return combined;
  };
  selectable.set(ALL_ACCOUNTS, { label: allAccountsLabel(views), view });
}

const [first] = views;
if (first === undefined) {
  byId("status").textContent = "This report contains no accounts.";
} else {
  const initial: State = {
    view: first,
    range: wholeRange(first),
    asset: assetsInOrder(first)[0]?.symbol ?? "",
    cursor: null,
    sort: { key: "value", direction: "descending" },
  };
  const store = new Store(initial);
  setUpControls(store, context, selectable, () => store.change(initial));
  valuePlot(store, context);
  quantityPlot(store, context);
  balanceTable(store, context);
  gapTable(store, context);
}
