import type { Row } from "./examine.ts";
import { type Group, nameOf } from "./fault.ts";

const HEAD = `# What becomes of every fault

For an auditor who asks what can go wrong, and for the engineer at night: one row a fault, with what the run does, what a reader
of the history sees of the slot, and which alarms go off. **No cell is written by hand.** \`npm run faults\` has each fault happen to
the real job and writes this document; the tests do the same and fail if a cell differs.

How to read it:

- The stack is as deployed without configuration, every hour. The slot of 9:00 is complete; the row is about that of 10:00, of an
  account with three pages. The event is delivered as Lambda delivers it: after an error it comes again a minute later, and two
  minutes after that; then it is a dead letter. A fault "for ever" outlasts that, and so does one that says nothing else.
- "Fails with" has the error's code. What a message quotes of the API is what the simulated API said.
- A reader sees a complete snapshot, and how its walk was settled ([ADR 6](adr/0006-walk-consistency.md)); or a
  gap, and the reason that was recorded.
- An alarm is named if what happened sets it off before the next slot. It is evaluated from the stack's own template, over the
  metrics that the run emitted, and over what Lambda, EventBridge Scheduler and SQS would count by their documentation. Links lead
  to the runbook.
- Pauses are drawn at random; here the draw is always the middle. The clock is simulated: nobody waited.

What is true of every row, is asserted there, and is not said again:

- The run ends within the function's time.
- A snapshot that is seen is what the API held, to the last digit, unless it says itself what it does not know. Nothing else is seen:
  no part of one, and not that of 9:00 in its place.
- A second account, which nothing was wrong with, is complete at once, unless the row says **every account**.
- The snapshots of 9:00 stay as they were written. So does that of 10:00, once it is complete.
- Where a run ended in a gap, the invocation failed, and its error and its log say why: the same as the record, where there is one.
- When the fault is over, the same event completes the slot, unless it has become too old for that.
- Neither key nor token is in anything that was logged, thrown, returned or stored.
`;

const COLUMNS = ["fault", "what the run does", "what a reader sees", "what alarms"];

/** The document, of the rows that were observed. */
export function writeDocument(groups: readonly { readonly group: Group; readonly rows: readonly Row[] }[]): string {
  return [HEAD, ...groups.map(({ group, rows }) => writeGroup(group, rows))].join("\n");
}

function writeGroup({ title, text = "" }: Group, rows: readonly Row[]): string {
  const lines = [COLUMNS, COLUMNS.map(() => "---"), ...rows.map(cells)].map((line) => `| ${line.join(" | ")} |`);
  return `## ${title}\n\n${text && `${text}\n\n`}${lines.join("\n")}\n`;
}

function cells({ fault, runs, sights, alarms }: Row): string[] {
  const links = alarms.map((name) => `[${name}](runbook.md#${name})`).join(", ");
  const seen = fault.forAll ? `**Every account.** ${sights}` : sights;
  return [nameOf(fault), runs, seen, links || "none"].map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " "));
}
