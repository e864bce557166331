import { csvLine } from "../../core/domain/csv.ts";
import { byId, element } from "./dom.ts";
import { snapshotsIn } from "./state/range.ts";
import type { ReportContext, State, Store } from "./state/store.ts";
import { absenceReason, isOpen, totalAt, type View } from "./state/view.ts";
import { balanceRows, sortRows, totalChange } from "./tables/balance-rows.ts";

type Row = readonly (string | number | null | undefined)[];

/** Sets up the buttons that save the balances and the values of the range as CSV files, with exact amounts. */
export function setUpFiles(store: Store, context: ReportContext): void {
  const files = { balances: balanceLines, values: valueLines };
  for (const [name, linesOf] of Object.entries(files)) {
    byId(`save-${name}`).addEventListener("click", () => {
      const lines = linesOf(store.state, context).map((row) => csvLine(row.map((field) => String(field ?? ""))));
      save(`${name}-${fileSuffix(store.state, context)}.csv`, lines.join(""));
    });
  }
}

/** Returns which account the file shows, and the last day of its range. */
function fileSuffix({ view, range }: State, { zone }: ReportContext): string {
  const account = isCombined(view) ? "all" : view.id.replace(/^account_/, "").slice(0, 8);
  return `${account}-${zone.day(view.ends[range.last] ?? 0)}`;
}

/** The page's policy allows no network. A file comes from memory. */
function save(name: string, content: string): void {
  const href = URL.createObjectURL(new Blob([content], { type: "text/csv" }));
  element("a", { href, download: name }).click();
}

/** Returns the table of balances as it is shown: the same rows in the same order, and the total. */
function balanceLines({ view, range, sort }: State, { denomination }: ReportContext): Row[] {
  const header =
    "record,accountId,accountName,at,open,since,asset,name,state,quantity,quantityChange,hold,denomination,value,valueChange".split(
      ",",
    );
  const { start, end } = snapshotsIn(view, range) ?? {};
  if (start === undefined || end === undefined) return [header];
  const times = [stepTime(view, end), isOpen(view, end), stepTime(view, start)].map(String);
  const rows = sortRows(balanceRows(view, start, end), sort.key, sort.direction).map((row): Row => {
    const { symbol, name, state, quantity, quantityChange, hold, value, valueChange } = row;
    const amounts = [quantity, quantityChange, hold, denomination, value, valueChange];
    return ["balance", ...accountFields(view), ...times, symbol, name, state, ...amounts];
  });
  const none = Array<string>(6).fill("");
  const totals = [denomination, totalAt(view, end), totalChange(view, start, end)];
  return [header, ...rows, ["total", ...accountFields(view), ...times, ...none, ...totals]];
}

/** Returns the values over time: a row per step, and a column per asset. */
function valueLines({ view, range }: State, { denomination }: ReportContext): Row[] {
  const assets = view.assets.filter(({ values }) => values.some((value) => value !== null));
  const header = [
    "accountId",
    "accountName",
    "step",
    "open",
    "state",
    "slots",
    "denomination",
    "covers",
    "of",
    "total",
  ];
  const steps = view.times.map((_, step) => step).slice(range.first, range.last + 1);
  return [
    [...header, ...assets.map(({ symbol }) => symbol)],
    ...steps.map((step): Row => {
      const point = view.points[step];
      const state = point ? "snapshot" : absenceReason(view, step);
      const slots = point?.slots.join(" ");
      const values = assets.map(({ values }) => values[step]);
      const name = [stepTime(view, step), String(isOpen(view, step))];
      const coverage = [point?.covers, point?.of, point?.total];
      return [...accountFields(view), ...name, state, slots, denomination, ...coverage, ...values];
    }),
  ];
}

/** Returns the period of a step, or its time as an ISO instant. */
function stepTime({ labels, times }: View, step: number): string {
  return labels?.[step] ?? new Date(times[step] ?? 0).toISOString();
}

/** Returns the id and the name of a view's account; empty for all accounts. */
function accountFields(view: View): Row {
  return isCombined(view) ? [undefined, undefined] : [view.id, view.accounts[0]?.name];
}

function isCombined({ accounts }: View): boolean {
  return accounts.length > 1;
}
