import { type Group, titleOf } from "./fault.ts";
import type { Row } from "./run-fault.ts";

const HEAD = `# Fault injection results

What a run does about each fault, what a reader of the history sees, and which alarms fire. \`npm run faults\` injects the
faults into the real job and writes this document; the tests fail if it differs from what they observe.

- **Setup.** The stack has its defaults and runs every hour. The 09:00 slot is complete; the row is about the 10:00 slot.
- **Fault.** "For ever" outlasts all retries; so does a fault without a duration. "Any page" means each of three pages. Where
  a row lists several faults, each hits a different account.
- **Run.** One result per invocation: \`complete\` or an error code, which for an error of the API is \`api_\` and its type.
  Lambda retries after 1 and 2 minutes, then sends a dead letter. Numbers in parentheses are notes below the table.
- **Reader sees.** A complete snapshot with its consistency, or a gap with the recorded code.
- **Alarms.** Those that fire before the next slot, evaluated from the stack's template.

The clock is simulated, and random pauses have their mean length. The tests also assert for every row:

- The run ends within the function's timeout.
- A visible snapshot equals what the API held, to the last digit, except for assets that it lists as unsettled. Readers never
  see part of a snapshot, nor the 09:00 snapshot as that of 10:00.
- A second, healthy account is complete after the first invocation, unless the row says "every account".
- Complete snapshots never change.
- If the slot ends as a gap, the invocation fails. Its error and its log give the reason; so does the record, if there is one.
- When the fault is over, the same event completes the slot, unless the slot has become too old.
- No log, error, result or item contains the key or a token.
`;

const COLUMNS = ["fault", "run", "reader sees", "alarms"];

/** Returns the document that describes the observed rows. */
export function writeDocument(groups: readonly { readonly group: Group; readonly rows: readonly Row[] }[]): string {
  const alarms = new Set(groups.flatMap(({ rows }) => rows.flatMap((row) => row.alarms)));
  const links = [...alarms].sort().map((name) => `[${name}]: runbook.md#${name}\n`);
  return [HEAD, ...groups.map(({ group, rows }) => section(group, rows)), links.join("")].join("\n");
}

/** Returns each row of a document by its fault, with its notes in place of their numbers. */
export function rowsByFault(document: string): Map<string, readonly string[]> {
  return new Map(
    document.split("\n## ").flatMap((section) => {
      const lines = section.split("\n");
      const notes = lines.filter((line) => /^\d+\. /.test(line)).map((line) => line.replace(/^\d+\. /, ""));
      const noteOf = (number: string) => notes[Number(number) - 1] ?? `no note ${number}`;
      const withNotes = (cell: string) =>
        cell.replace(
          / \((\d+(?:, \d+)*)\)$/,
          (_, numbers: string) => ` (${numbers.split(", ").map(noteOf).join(" ")})`,
        );
      return rowsOf(lines).map(([fault = "", ...cells]) => [fault, cells.map(withNotes)] as const);
    }),
  );
}

/**
 * Returns one fault of every kind of outcome that a document describes, and at least one of every group. Kinds differ in the alarms,
 * or in what the reader sees, apart from codes and details.
 */
export function faultOfEachKind(document: string): ReadonlySet<string> {
  const kinds = new Map<string, string>();
  for (const section of document.split("\n## ")) {
    const rows = rowsOf(section.split("\n"));
    const added = rows.filter(([fault = "", , reader = "", alarms = ""]) => {
      const kind = `${/^(every account: )?[a-z ]+(, [a-z]+)?/.exec(reader)?.[0].trim()} | ${alarms}`;
      const isNew = !kinds.has(kind);
      if (isNew) kinds.set(kind, fault);
      return isNew;
    });
    const [[first = ""] = []] = rows;
    if (added.length === 0) kinds.set(section, first);
  }
  return new Set(kinds.values());
}

function rowsOf(lines: readonly string[]): string[][] {
  const rows = lines.filter((line) => /^\| (?!fault |---)/.test(line));
  return rows.map((row) => row.slice(2, -2).split(" | "));
}

/** Returns the visible text of every table cell of a document. */
export function visibleCells(document: string): string[] {
  const rows = document.split("\n").filter((line) => line.startsWith("| "));
  return rows.flatMap((row) => row.split(" | ").map((cell) => cell.replace(/[`[\]]|^\| | \|$/g, "")));
}

function section({ title }: Group, rows: readonly Row[]): string {
  const notes: string[] = [];
  const withNotes = (summary: string, texts: readonly string[]): string => {
    const numbers = texts.map((text) => {
      if (!notes.includes(text)) notes.push(text);
      return notes.indexOf(text) + 1;
    });
    return numbers.length === 0 ? summary : `${summary} (${numbers.join(", ")})`;
  };
  const cells = rows.map(({ fault, run, reader, alarms }) => [
    titleOf(fault),
    withNotes(run.summary, run.notes),
    withNotes(fault.everyAccount ? `every account: ${reader.summary}` : reader.summary, reader.notes),
    alarms.map((name) => `[${name}]`).join(", ") || "none",
  ]);
  const table = [COLUMNS, COLUMNS.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`);
  const list = notes.map((note, index) => `${index + 1}. ${note.replaceAll("\n", " ")}`);
  return [`## ${title}`, "", ...table, "", ...(list.length > 0 ? [...list, ""] : [])].join("\n");
}
