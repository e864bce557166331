import type { StatementDocument, StatementSection, StatementTable } from "../../../report-page/statement/document.ts";
import { localTime } from "../date-time.ts";
import { withoutZeroMilliseconds } from "../format/row-table.ts";
import { shownName } from "../format/shown-name.ts";
import { factSections, resultNotes, unexplainedTables } from "./fact-sections.ts";
import { lineTables, notShown, sumsTable } from "./line-tables.ts";
import type { EndOutput, ReconcileResult } from "./reconcile-output.ts";
import { detailSection, transferSections } from "./transfer-sections.ts";
import type { AccountLabel } from "./transfer-text.ts";

/** What the sections of a reconciliation show, and how. */
export interface ReconcileTexts extends ReconcileResult {
  readonly label: AccountLabel;
  /** IANA name. */
  readonly timezone: string;
  readonly byAsset: boolean;
  /** Whether the transfers behind each line are listed. */
  readonly detail: boolean;
}

/** Returns a reconciliation as its readers see it. It depends on nothing but the table, the transfers and the options. */
export function reconcileDocument(texts: ReconcileTexts): StatementDocument {
  const { output, label, timezone, byAsset, detail } = texts;
  const [from, to] = [output.from, output.to].map((at) => localTime(at, timezone));
  return {
    title: "Reconciliation",
    subtitle: `${from} to ${to}`,
    generated: "All amounts are exact: opening + in − out − fees + unexplained = closing.",
    incomplete: output.incomplete,
    sections: [
      { title: "Result", notes: resultNotes(output), tables: unexplainedTables(texts) },
      endsSection(texts),
      byAsset
        ? { title: "Lines by asset", tables: [sumsTable(output)] }
        : { title: "Lines by account and asset", notes: notShown(output), tables: lineTables(output, label) },
      ...transferSections(texts),
      ...(detail ? [detailSection(texts)] : []),
      ...factSections(texts),
    ],
  };
}

/** Returns the section of a statement that reconciles its quantities. */
export function reconciliationSection(texts: ReconcileTexts): StatementSection {
  const { output, label } = texts;
  const facts = factSections(texts);
  return {
    title: "Reconciliation",
    notes: [
      "Quantities, not values: opening + in − out − fees + unexplained = closing.",
      ...resultNotes(output),
      ...output.incomplete.map((sentence) => `Incomplete: ${sentence}`),
      ...notShown(output),
      ...facts.flatMap(({ notes = [] }) => notes),
    ],
    tables: [
      ...unexplainedTables(texts),
      ...lineTables(output, label),
      ...[...transferSections(texts), ...facts].flatMap(({ tables = [] }) => tables),
    ],
  };
}

/** Shows from which snapshots the balances at both ends are. */
function endsSection({ output, label, timezone }: ReconcileTexts): StatementSection {
  const time = (instant: string) => withoutZeroMilliseconds(localTime(instant, timezone));
  const table = (end: "opening" | "closing"): StatementTable => {
    const remarks = output.accounts.map((account) => remarkOf(account[end]));
    const hasRemarks = remarks.some(Boolean);
    return {
      caption: end === "opening" ? "Opening" : "Closing",
      columns: [
        { title: "account", kind: "account" },
        { title: "slot", kind: "time" },
        { title: "first request", kind: "time", inText: "optional" },
        { title: "completed", kind: "time" },
        ...(hasRemarks ? [{ title: "remark", inText: "below" as const }] : []),
      ],
      rows: output.accounts.map(({ accountId, ...ends }, row) => {
        const { slot, capturedAt, completedAt } = ends[end];
        return [
          ...[label(accountId), time(slot), time(capturedAt), time(completedAt)],
          ...(hasRemarks ? [remarks[row] ?? ""] : []),
        ];
      }),
    };
  };
  return {
    title: "Snapshots",
    notes: [
      "A transfer is in the period if it was completed after the opening balances were read and before the closing ones were. A minute before and after each reading is tolerance: two clocks are involved.",
    ],
    tables: output.accounts.length === 0 ? [] : [table("opening"), table("closing")],
  };
}

function remarkOf({ altered, unsettled, hidden }: EndOutput): string {
  return [
    ...(altered ? ["ALTERED: it does not match its digest"] : []),
    ...(hidden > 0 ? ["uncertain: an asset may be missing"] : []),
    ...(unsettled.length > 0 ? [`uncertain: ${unsettled.map(shownName).join(", ")}`] : []),
  ].join("; ");
}
