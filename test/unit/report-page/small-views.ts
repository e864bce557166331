import { accountViews, type View } from "../../../report-page/browser/state/view.ts";
import { packReport } from "../../../report-page/data/packing.ts";
import type { ReportAccount, ReportData } from "../../../report-page/data/report-data.ts";
import { HOUR } from "./make-report.ts";

export type Cell = readonly [quantity: string, value: string | null] | null;

/** Returns an account with hourly steps from epoch; `null` in `totals` is a gap. */
export function account(accountId: string, totals: readonly (string | null)[], held: Record<string, readonly Cell[]>) {
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
  return { accountId, steps, snapshots, assets, gaps } satisfies ReportAccount;
}

/** Returns the views of a report about accounts. */
export function viewsOf(...accounts: readonly ReportAccount[]): View[] {
  const data: ReportData = { title: "", generatedAt: "", timezone: "UTC", denomination: "usd", accounts };
  return accountViews(packReport(data));
}
