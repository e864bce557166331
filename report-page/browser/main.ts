import { reportFromJson } from "../data/packing.ts";
import { setUpControls } from "./controls.ts";
import { byId } from "./dom.ts";
import { quantityPlot } from "./plots/quantity-plot.ts";
import { valuePlot } from "./plots/value-plot.ts";
import { assetsInOrder } from "./state/asset-order.ts";
import { wholeRange } from "./state/range.ts";
import { type ReportContext, type State, Store } from "./state/store.ts";
import { timeZone } from "./state/time-zone.ts";
import { accountViews } from "./state/view.ts";
import { balanceTable } from "./tables/balance-table.ts";
import { gapTable } from "./tables/gap-table.ts";

// The entry point of the page's script. All data is embedded in the page; nothing is fetched.

const report = reportFromJson(byId("report-data").textContent);
const context: ReportContext = { zone: timeZone(report.timezone), denomination: report.denomination };
const views = accountViews(report);

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
  setUpControls(store, context, views, () => store.change(initial));
  valuePlot(store, context);
  quantityPlot(store, context);
  balanceTable(store, context);
  gapTable(store, context);
}
