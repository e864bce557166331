import { printable } from "../../core/domain/untrusted-text.ts";
import { counted } from "../shared/counted.ts";
import { type OutputTarget, standardOutput } from "../shared/output.ts";
import { CHECKS, type CheckResult, type Status } from "./check-result.ts";

export const DOCTOR_FORMATS = ["table", "json"] as const;
export type DoctorFormat = (typeof DOCTOR_FORMATS)[number];

const CHECK_WIDTH = Math.max(...CHECKS.map(({ length }) => length));
const STATUS_WIDTH = 7;
/** A suggested fix is printed below the message. */
const INDENT = " ".repeat(STATUS_WIDTH + CHECK_WIDTH + 4);

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
    if (result.status !== "skipped" || pending[0]?.message !== result.message) await flush();
    if (result.status === "skipped") pending.push(result);
    else await target.write(formatLine(result));
  }
  await flush();
  if (format === "table") await target.write(`\n${formatCounts(counts)}\n`);
}

function formatLine(result: Omit<CheckResult, "check"> & { readonly check: string }): string {
  const { check, status, accountId, message, suggestedFix } = result;
  const text = accountId === undefined ? message : `${accountId}: ${message}`;
  const shownStatus = status === "passed" || status === "skipped" ? status : status.toUpperCase();
  const line = `${shownStatus.padEnd(STATUS_WIDTH)}  ${check.padEnd(CHECK_WIDTH)}  ${printable(text)}\n`;
  return suggestedFix === undefined ? line : `${line}${INDENT}→ ${printable(suggestedFix)}\n`;
}

function formatCounts(counts: Readonly<Record<Status, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => (status === "warning" ? counted(count, status) : `${count} ${status}`))
    .join(", ");
}
