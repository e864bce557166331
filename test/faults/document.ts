import { type Group, titleOf } from "./fault.ts";
import type { Row } from "./run-fault.ts";

const HEAD = `# Fault injection results

What can go wrong, what the run does about it, what a reader of the history sees, and which alarms fire. \`npm run faults\`
injects each fault into the real job and writes this document; the tests fail if it differs from what they observe.

How to read a row:

- **Setup.** The stack is deployed with its defaults and runs every hour. The 09:00 slot is complete; the row is about the 10:00 slot.
- **Fault.** "For ever" outlasts all retries; so does a fault without a duration. "Any page" means the first, a middle and the last.
- **Run.** One result per invocation: \`complete\` or an error code. Lambda retries after 1 and 2 minutes, then sends a dead letter.
- **Reader sees.** A complete snapshot with its consistency, or a gap with the recorded reason. (1) is a note below the table.
- **Alarms.** Those that fire before the next slot, evaluated from the stack's template. Links lead to the runbook.

The clock is simulated, and random pauses always have their mean length.

The tests assert the following for every row, so the rows do not repeat it:

- The run ends within the function's timeout.
- A visible snapshot equals what the API held, to the last digit, except for assets that it lists as unsettled. Readers never see
  part of a snapshot, and never see the 09:00 snapshot as that of 10:00.
- A second, healthy account is complete after the first invocation, unless the row says "every account".
- Complete snapshots never change.
- If the slot ends as a gap, the invocation fails. Its error and its log give the same reason as the record, if there is a record.
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
