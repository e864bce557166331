import { printable } from "../../../core/domain/untrusted-text.ts";
import type {
  StatementColumn,
  StatementDocument,
  StatementSection,
  StatementTable,
} from "../../../report-page/statement/document.ts";
import { displayWidth } from "./display-width.ts";
import { type Column, NO_VALUE, textTable } from "./table.ts";
import { wrapWords } from "./wrap.ts";

const INDENT = "    ";

/** Returns a statement as text for a terminal of a width, with a final line end. */
export function documentText(document: StatementDocument, width: number): string {
  const { title, subtitle, generated, incomplete, sections } = document;
  const paragraphs = [
    [title, subtitle, generated].flatMap((text) => wrappedWords(text, width)),
    incomplete.flatMap((sentence) => wrappedWords(`incomplete: ${sentence}`, width)),
    ...sections.map((section) => sectionLines(section, width)),
  ];
  const texts = paragraphs.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${texts.join("\n\n")}\n`;
}

function sectionLines({ title, notes = [], tables = [], commands = [] }: StatementSection, width: number): string[] {
  return [
    title.toUpperCase(),
    ...notes.flatMap((note) => wrappedWords(note, width)),
    ...tables.flatMap(({ caption = [], ...table }) => ["", ...[caption].flat(), ...tableLines(table, width)]),
    ...(commands.length === 0 ? [] : [""]),
    ...commands.flatMap((words) => commandLines(words, width)),
  ];
}

/** Returns the lines of a table. Columns that are shown below a row are indented there. */
function tableLines({ columns, rows, total }: StatementTable, width: number): string[] {
  const all = total === undefined ? rows : [...rows, total];
  const shown = columns.map((column, at) => ({ ...column, cells: all.map((row) => row[at] || NO_VALUE) }));
  const inRow = shown.filter(({ inText = "row" }) => inText === "row");
  const below = shown.filter(({ inText }) => inText === "below");
  // Amounts with many decimals take less room if their points are not aligned.
  const aligned = (["decimal", "count"] as const)
    .map((amount) => textTable(inRow.map(withKind(amount)), width).split("\n"))
    .find(([, rule = ""]) => RULE.test(rule));
  if (aligned === undefined) return stackedLines([...inRow, ...below], width);
  const [titles = "", rule = "", ...lines] = aligned;
  return [
    titles,
    rule,
    ...lines.flatMap((line, row) => [
      ...(total !== undefined && row === rows.length ? [rule] : []),
      line,
      ...below.flatMap(({ cells }) => wrappedWords(cells[row] ?? "", width, INDENT)),
    ]),
  ];
}

/** Returns a table that is too wide for a line: the amounts of a row one below the other. */
function stackedLines(columns: readonly FilledColumn[], width: number): string[] {
  const [first, ...amounts] = columns;
  if (first === undefined || amounts.some(({ kind }) => kind !== "amount")) {
    return textTable(columns.map(withKind("count")), width).split("\n");
  }
  const rows = first.cells.flatMap((text, row) =>
    amounts.map(({ title, cells }, at) => [at === 0 ? text : "", title, cells[row] ?? ""] as const),
  );
  const column = (title: string, at: 0 | 1 | 2, kind?: Column["kind"]) => ({
    title,
    kind,
    cells: rows.map((row) => row[at]),
  });
  const stacked = [column(first.title, 0), column("", 1), column("amount", 2, "decimal")];
  return textTable(stacked, width).split("\n");
}

interface FilledColumn extends StatementColumn {
  readonly cells: readonly string[];
}

const RULE = /^[─ ]+$/;

function withKind(amount: Column["kind"]) {
  // The milliseconds of a time stay.
  const kinds = { amount, count: "count", time: undefined, account: "id", code: "note" } as const;
  return ({ title, kind, cells }: FilledColumn): Column => {
    return { title, cells, kind: kind && kinds[kind] };
  };
}

/** Returns a text on as many lines as it needs. */
function wrappedWords(text: string, width: number, indent = ""): string[] {
  return wrapWords(indent + printable(text), width, indent).split("\n");
}

/** Returns a command on as many lines as it needs. A word is never broken: the shell would see two. */
function commandLines(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words.map(printable)) {
    const last = lines.at(-1);
    const line = last === undefined ? INDENT + word : `${last} ${word}`;
    if (last === undefined || displayWidth(line + CONTINUED) > width) lines.push(INDENT + word);
    else lines.splice(-1, 1, line);
  }
  return lines.map((line, at) => (at < lines.length - 1 ? line + CONTINUED : line));
}

/** Ends a line of a command that goes on. */
const CONTINUED = " \\";
