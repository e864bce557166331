import type { Line, LineState } from "../../../core/reconcile/reconciliation.ts";
import type { AssetSum } from "../../../core/reconcile/sums.ts";
import type { StatementColumn, StatementTable } from "../../../report-page/statement/document.ts";
import { counted } from "../counted.ts";
import { shownName } from "../format/shown-name.ts";
import { amountColumn, signed } from "../statement/statement-amounts.ts";
import type { ReconcileOutput } from "./reconcile-output.ts";
import type { AccountLabel } from "./transfer-text.ts";

/** What marks a line. An explained one needs no mark. */
const MARKS: Readonly<Record<LineState, string>> = {
  explained: "",
  undetermined: " undetermined",
  unexplained: " UNEXPLAINED",
  unknown: " unknown",
  not_asked: " not asked",
};

/** In the order of the equation: opening + in − out − fees + unexplained = closing. */
const AMOUNTS: readonly StatementColumn[] = ["opening", "in", "out", "fees", "unexplained", "closing"].map(
  amountColumn,
);

/** Returns a table for each account that has a line to show. */
export function lineTables({ accounts, lines }: ReconcileOutput, label: AccountLabel): StatementTable[] {
  const tables = accounts.map(({ accountId }) => {
    const shown = lines.filter((line) => line.accountId === accountId && !isUnchanged(line));
    return {
      caption: label(accountId),
      columns: [{ title: "asset" }, ...AMOUNTS],
      rows: shown.map((line) => [`${shownName(line.asset)}${MARKS[line.state]}`, ...amountsOf(line)]),
    };
  });
  return tables.filter(({ rows }) => rows.length > 0);
}

/** Returns a table of the sums over accounts. */
export function sumsTable({ sums }: ReconcileOutput): StatementTable {
  const hasLeftOut = sums.some(({ leftOut }) => leftOut.length > 0);
  const accountsOf = ({ accounts, leftOut }: AssetSum) =>
    leftOut.length === 0 ? String(accounts) : `${accounts} of ${accounts + leftOut.length}`;
  return {
    columns: [{ title: "asset" }, ...(hasLeftOut ? [{ title: "accounts", kind: "count" as const }] : []), ...AMOUNTS],
    rows: sums.map((sum) => [
      `${shownName(sum.asset)}${MARKS[sum.state]}`,
      ...(hasLeftOut ? [accountsOf(sum)] : []),
      ...amountsOf(sum),
    ]),
  };
}

/** Returns a sentence about the lines that the tables leave out; none if there are none. */
export function notShown({ lines }: ReconcileOutput): string[] {
  const left = lines.filter(isUnchanged).length;
  if (left === 0) return [];
  return [`${counted(left, "line")} without a change and without transfers ${left === 1 ? "is" : "are"} not shown.`];
}

/** An explained line without transfers has the same quantity at both ends. */
function isUnchanged({ state, transfers, undetermined }: Line): boolean {
  return state === "explained" && transfers.length === 0 && undetermined.length === 0;
}

function amountsOf(line: Pick<Line, "opening" | "in" | "out" | "fees" | "unexplained" | "closing">): string[] {
  const { opening, out, fees, unexplained, closing } = line;
  return [opening ?? "", line.in ?? "", out ?? "", fees ?? "", signed(unexplained), closing ?? ""];
}
