import type { Transfer } from "../../../core/domain/transfer.ts";
import type { FeeReading, Undetermined } from "../../../core/reconcile/reconciliation.ts";
import type { StatementSection, StatementTable } from "../../../report-page/statement/document.ts";
import { localTime } from "../date-time.ts";
import { withoutZeroMilliseconds } from "../format/row-table.ts";
import { shownName } from "../format/shown-name.ts";
import { amountColumn, signed } from "../statement/statement-amounts.ts";
import type { ReconcileTexts } from "./reconcile-document.ts";
import { counterpartyOf, effectsIn, effectsText, instantOf, transferText } from "./transfer-text.ts";

const REASONS: Readonly<Record<Undetermined["reason"], string>> = {
  completed_in_walk: "completed then",
  in_progress: "in progress then",
  no_time: "no time of completion",
};

/** The first statuses in the order of a reconciliation: those that may still move something come first. */
const STATUSES = ["processing", "quoted", "failed"];

/** Shows the transfers that a reader has to look at. */
export function transferSections(texts: ReconcileTexts): StatementSection[] {
  const { result } = texts;
  return [
    ...(result.undetermined.length === 0 ? [] : [undeterminedSection(texts)]),
    ...(result.notCompleted.length === 0 ? [] : [notCompletedSection(texts)]),
    ...(result.incomplete.length === 0 ? [] : [incompleteSection(texts)]),
  ];
}

function undeterminedSection(texts: ReconcileTexts): StatementSection {
  const { result, label } = texts;
  const lines = result.lines.filter(({ undetermined }) => undetermined.length > 0);
  return {
    title: "Undetermined transfers",
    notes: [
      "It is unknown whether the balances at an end include them. They were completed or in progress while those were read, or less than a minute before or after, or the API states no time of completion. They count for no line; their lines show both remainders.",
    ],
    tables: [
      {
        caption: "Undetermined transfers",
        columns: [
          { title: "account", kind: "account" },
          { title: "completed", kind: "time" },
          { title: "end" },
          { title: "reason" },
          { title: "moves", inText: "below" },
          { title: "id", kind: "code", inText: "below" },
        ],
        rows: result.undetermined.map(({ accountId, transfer, end, reason }) => [
          ...[label(accountId), timeOf(transfer.completedAt, texts), end, REASONS[reason]],
          ...[effectsText(transfer, accountId, result.reading), shownName(transfer.transferId)],
        ]),
      },
      {
        caption: "Unexplained without and with them",
        columns: [
          ...[{ title: "account", kind: "account" as const }, { title: "asset" }],
          ...["without", "with all"].map(amountColumn),
          { title: "explained if these count", kind: "code", inText: "below" },
        ],
        rows: lines.map(({ accountId, asset, unexplained, unexplainedWithUndetermined, explainedBy }) => [
          ...[label(accountId), shownName(asset), signed(unexplained), signed(unexplainedWithUndetermined)],
          explainedBy.map(shownName).join(", "),
        ]),
      },
    ],
  };
}

function notCompletedSection(texts: ReconcileTexts): StatementSection {
  const rankOf = ({ status }: Transfer) => (STATUSES.includes(status) ? STATUSES.indexOf(status) : STATUSES.length);
  const sorted = [...texts.result.notCompleted].sort((a, b) => rankOf(a) - rankOf(b));
  return {
    title: "Transfers that are not completed",
    notes: ["They count for no line. One that is processing may have left its source already."],
    tables: [listTable("Not completed", sorted, texts)],
  };
}

function incompleteSection(texts: ReconcileTexts): StatementSection {
  return {
    title: "Transfers without an amount or asset",
    notes: ["They are completed, and the API does not state what they moved. Their lines are unknown."],
    tables: [listTable("Without an amount or asset", texts.result.incomplete, texts)],
  };
}

function listTable(caption: string, transfers: readonly Transfer[], texts: ReconcileTexts): StatementTable {
  return {
    caption,
    columns: [
      { title: "status" },
      { title: "created", kind: "time" },
      { title: "transfer", inText: "below" },
      { title: "id", kind: "code", inText: "below" },
    ],
    rows: transfers.map((transfer) => [
      ...[shownName(transfer.status), timeOf(transfer.createdAt, texts)],
      ...[transferText(transfer, texts.label), shownName(transfer.transferId)],
    ]),
  };
}

/** Shows the transfers behind each line. */
export function detailSection(texts: ReconcileTexts): StatementSection {
  const { result, output, label } = texts;
  const tables = output.accounts.map(({ accountId }) => ({
    caption: label(accountId),
    columns: [
      { title: "asset" },
      { title: "completed", kind: "time" as const },
      { title: "direction" },
      amountColumn("amount"),
      { title: "other side", inText: "below" as const },
      { title: "id", kind: "code" as const, inText: "below" as const },
    ],
    rows: result.lines
      .filter((line) => line.accountId === accountId)
      .flatMap(({ asset, transfers, undetermined }) => [
        ...transfers.flatMap((id) => detailRows(id, accountId, asset, "", texts)),
        ...undetermined.flatMap((id) => detailRows(id, accountId, asset, " undetermined", texts)),
      ]),
  }));
  return { title: "Transfers of each line", tables: tables.filter(({ rows }) => rows.length > 0) };
}

function detailRows(id: string, accountId: string, asset: string, mark: string, texts: ReconcileTexts): string[][] {
  const transfer = texts.transfers.get(id);
  if (transfer === undefined) return [];
  const reading: FeeReading = texts.result.reading;
  return effectsIn(transfer, accountId, asset, reading).map(({ column, amount }) => [
    ...[shownName(asset), timeOf(transfer.completedAt, texts), `${column}${mark}`, amount ?? ""],
    ...[counterpartyOf(transfer, accountId, texts.label), shownName(id)],
  ]);
}

function timeOf(time: string | undefined, { timezone }: ReconcileTexts): string {
  const instant = instantOf(time);
  return instant === undefined ? "" : withoutZeroMilliseconds(localTime(instant, timezone));
}
