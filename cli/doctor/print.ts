import { printable } from "../../core/domain/untrusted-text.ts";
import { accountLabel } from "../shared/account-names.ts";
import { counted } from "../shared/counted.ts";
import { displayWidth } from "../shared/format/display-width.ts";
import { wrapWords } from "../shared/format/wrap.ts";
import { lineWidth, type OutputTarget, standardOutput } from "../shared/output.ts";
import { CHECKS, type CheckResult, type Status } from "./check-result.ts";

export const DOCTOR_FORMATS = ["table", "json"] as const;
export type DoctorFormat = (typeof DOCTOR_FORMATS)[number];

const CHECK_WIDTH = Math.max(...CHECKS.map(({ length }) => length));
const STATUS_WIDTH = 7;
/** A message continues below its start, and a suggested fix is below the message. */
const INDENT = " ".repeat(STATUS_WIDTH + CHECK_WIDTH + 4);
/** In a line with less room for the message, both start further left. */
const MIN_MESSAGE_WIDTH = 40;
const NARROW_INDENT = " ".repeat(STATUS_WIDTH + 2);

/** A command to copy, at the end of a suggested fix: it is never broken. */
const COMMAND = /(?<=^|: )(?:aws|balances) .*[^.]$/;

/**
 * Prints results as they arrive: as JSON, one object per line; or as text, with each suggested fix below its message
 * and the counts at the end. Sets the exit code to 1 before it prints a failed check, because a closed pipe ends the process.
 */
export async function printResults(
  results: AsyncIterable<CheckResult>,
  format: DoctorFormat,
  target: OutputTarget = standardOutput,
): Promise<void> {
  const counts = { passed: 0, warning: 0, failed: 0, skipped: 0 };
  // Consecutive checks that are skipped for the same reason share a line.
  let pending: CheckResult[] = [];
  const flush = async () => {
    const [first] = pending;
    if (first !== undefined)
      await target.write(formatLine({ ...first, check: pending.map(({ check }) => check).join(", ") }));
    pending = [];
  };
  for await (const result of results) {
    counts[result.status]++;
    if (result.status === "failed") process.exitCode = 1;
    if (format === "json") {
      await target.write(`${JSON.stringify(result)}\n`);
      continue;
    }
    if (result.status !== "skipped" || !isAlike(pending[0], result)) await flush();
    if (result.status === "skipped") pending.push(result);
    else await target.write(formatLine(result));
  }
  await flush();
  if (format === "table") await target.write(`\n${formatCounts(counts)}\n`);
}

/** Returns whether two checks are skipped for the same reason and the same key. */
function isAlike(a: CheckResult | undefined, b: CheckResult): boolean {
  return a !== undefined && a.message === b.message && a.key === b.key;
}

function formatLine(result: Omit<CheckResult, "check"> & { readonly check: string }): string {
  const { check, status, key, accountId, accountName, message, suggestedFix } = result;
  const account = accountId && accountLabel(accountId, accountName);
  const text = [key, account, message].filter((part) => part !== undefined).join(": ");
  const shownStatus = status === "passed" || status === "skipped" ? status : status.toUpperCase();
  const maxWidth = lineWidth();
  const indent = maxWidth - INDENT.length < MIN_MESSAGE_WIDTH ? NARROW_INDENT : INDENT;
  const line = `${shownStatus.padEnd(STATUS_WIDTH)}  ${check.padEnd(CHECK_WIDTH)}  ${printable(text)}`;
  const lines = [
    wrapWords(line, maxWidth, indent),
    ...(suggestedFix === undefined ? [] : fixLines(suggestedFix, indent, maxWidth)),
  ];
  return `${lines.join("\n")}\n`;
}

function fixLines(suggestedFix: string, indent: string, maxWidth: number): string[] {
  const text = printable(suggestedFix);
  const [command = ""] = COMMAND.exec(text) ?? [];
  const advice = text.slice(0, text.length - command.length).trimEnd();
  const isShort = displayWidth(`${indent}→ ${text}`) <= maxWidth;
  if (isShort || command === "") return [wrapWords(`${indent}→ ${text}`, maxWidth, `${indent}  `)];
  const commandIndent = displayWidth(`${indent}  ${command}`) <= maxWidth ? indent : NARROW_INDENT;
  if (advice === "") return [`${commandIndent}→ ${command}`];
  return [wrapWords(`${indent}→ ${advice}`, maxWidth, `${indent}  `), `${commandIndent}  ${command}`];
}

function formatCounts(counts: Readonly<Record<Status, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => (status === "warning" ? counted(count, status) : `${count} ${status}`))
    .join(", ");
}
