import { printable } from "../../../core/domain/untrusted-text.ts";
import type {
  StatementColumn,
  StatementDocument,
  StatementSection,
  StatementTable,
} from "../../../report-page/statement/document.ts";
import { type Column, fittingTable, NO_VALUE, textTable } from "../format/table.ts";
import { wrapWords } from "../format/wrap.ts";

const INDENT = "    ";

/** Returns a statement as text, with a final line end. @param width the columns that a line may take; infinite: any number */
export function documentText(document: StatementDocument, width: number): string {
  const { title, subtitle, generated, incomplete, sections } = document;
  const wrapped = (text: string) => wrapWords(printable(text), width, "");
  const paragraphs = [
    [title, subtitle, generated].map(wrapped),
    incomplete.map((sentence) => wrapped(`incomplete: ${sentence}`)),
    ...sections.map((section) => sectionTexts(section, width, wrapped)),
  ];
  const texts = paragraphs.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${texts.join("\n\n")}\n`;
}

function sectionTexts(
  { title, notes = [], tables = [], commands = [] }: StatementSection,
  width: number,
  wrapped: (text: string) => string,
): string[] {
  return [
    title.toUpperCase(),
    ...notes.map(wrapped),
    ...tables.flatMap(({ caption = [], ...table }) => ["", ...[caption].flat(), tableText(table, width)]),
    ...(commands.length === 0 ? [] : [""]),
    ...commands.map((words) => commandText(words, width)),
  ];
}

function tableText({ columns, rows, total }: StatementTable, width: number): string {
  const all = total === undefined ? rows : [...rows, total];
  const filled = columns.map((column, at) => {
    // A blank below a row is no line, and a total has only amounts.
    const blankOf = (row: readonly string[]) =>
      column.inText === "below" || (row === total && column.kind !== "amount") ? "" : NO_VALUE;
    return { ...column, cells: all.map((row) => row[at] || blankOf(row)) };
  });
  const fitting = (amount: Column["kind"]) =>
    fittingTable(filled.map(columnWith(amount)), width, { hasTotal: total !== undefined });
  // Amounts with many decimals take less room if their points are not aligned.
  return fitting("decimal") ?? fitting("count") ?? stackedText(filled, width);
}

/** Returns a table that is too wide for a line: the amounts of a row one below the other. */
function stackedText(columns: readonly FilledColumn[], width: number): string {
  const [first, ...amounts] = columns.filter(({ inText }) => inText !== "optional");
  if (first === undefined || amounts.some(({ kind }) => kind !== "amount")) {
    return textTable(columns.map(columnWith("count")), width);
  }
  const rows = first.cells.flatMap((text, row) =>
    amounts.map(({ title, cells }, at) => [at === 0 ? text : "", title, cells[row] ?? ""] as const),
  );
  const column = (title: string, at: 0 | 1 | 2, kind?: Column["kind"]) => ({
    title,
    kind,
    cells: rows.map((row) => row[at]),
  });
  return textTable([column(first.title, 0), column("", 1), column("amount", 2, "decimal")], width);
}

interface FilledColumn extends StatementColumn {
  readonly cells: readonly string[];
}

function columnWith(amount: Column["kind"]) {
  // The milliseconds of a time stay.
  const kinds = { amount, count: "count", time: undefined, account: "id", code: "note" } as const;
  return ({ title, kind, inText, cells }: FilledColumn): Column => ({
    ...{ title, cells, kind: inText === "below" ? "note" : kind && kinds[kind] },
    drop: inText === "optional" ? 0 : undefined,
  });
}

/** Returns a command on as many lines as it needs. */
function commandText(words: readonly string[], width: number): string {
  const [first = "", ...others] = words.map(printable);
  return wrapWords([INDENT + first, ...others], width, INDENT, " \\");
}
