import { reportFromJson } from "../data/packing.ts";
import { allocation } from "./allocation.ts";
import { setUpControls } from "./controls.ts";
import { setUpFiles } from "./csv-files.ts";
import { byId } from "./dom.ts";
import { headline } from "./headline.ts";
import { quantityPlot } from "./plots/quantity-plot.ts";
import { valuePlot } from "./plots/value-plot.ts";
import { keepInAddress, openingState } from "./state/address.ts";
import { combineAccounts } from "./state/all-accounts.ts";
import { assetColours, assetIn } from "./state/asset-order.ts";
import { wholeRange } from "./state/range.ts";
import { type ReportContext, type State, Store } from "./state/store.ts";
import { timeZone } from "./state/time-zone.ts";
import { accountViews } from "./state/view.ts";
import { balanceTable } from "./tables/balance-table.ts";
import { gapTable } from "./tables/gap-table.ts";

// The entry point of the page's script. All data is embedded in the page; nothing is fetched.

const report = reportFromJson(byId("report-data").textContent);
const accounts = accountViews(report);
const views = accounts.length > 1 ? [combineAccounts(accounts), ...accounts] : accounts;

const [first] = views;
if (first === undefined) {
  byId("status").textContent = "This report contains no accounts.";
} else {
  const colours = assetColours(first, views);
  const context: ReportContext = {
    report,
    zone: timeZone(report.timezone),
    denomination: report.denomination,
    colourOf: (symbol) => colours.get(symbol) ?? "other",
  };
  const initial: State = {
    view: first,
    range: wholeRange(first),
    asset: assetIn(first, ""),
    cursor: null,
    sort: { key: "value", direction: "descending" },
  };
  const store = new Store(openingState(initial, views));
  setUpControls(store, context, views, () => store.change(initial));
  setUpFiles(store, context);
  headline(store, context);
  allocation(store, context);
  valuePlot(store, context);
  quantityPlot(store, context);
  balanceTable(store, context);
  gapTable(store, context);
  keepInAddress(store, initial, views);
}
