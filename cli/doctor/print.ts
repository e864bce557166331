import { printable } from "../../core/domain/untrusted-text.ts";
import { print } from "../shared/output.ts";
import { type CheckResult, STEPS, type Status } from "./check-result.ts";

export const DOCTOR_FORMATS = ["table", "json"] as const;
export type DoctorFormat = (typeof DOCTOR_FORMATS)[number];

const STEP_WIDTH = Math.max(...STEPS.map(({ length }) => length));
const STATUSES: Readonly<Record<Status, string>> = {
  ok: "ok",
  warning: "WARNING",
  failed: "FAILED",
  skipped: "skipped",
};
const STATUS_WIDTH = 7;
/** A remedy stands below what was found. */
const INDENT = " ".repeat(STATUS_WIDTH + STEP_WIDTH + 4);

/**
 * Prints findings as they come: JSON, one object a line; or a line each for a person, the remedy below, and a sum at the end.
 * @returns how many there were of each status
 */
export async function printFindings(
  findings: AsyncIterable<CheckResult>,
  format: DoctorFormat,
): Promise<Readonly<Record<Status, number>>> {
  const counts = { ok: 0, warning: 0, failed: 0, skipped: 0 };
  // What is skipped for the same reason is one line, as soon as something else comes.
  let held: CheckResult[] = [];
  const release = async () => {
    const [first] = held;
    if (first !== undefined) await print(line({ ...first, step: held.map(({ step }) => step).join(", ") }));
    held = [];
  };
  for await (const finding of findings) {
    counts[finding.status]++;
    if (format === "json") {
      await print(`${JSON.stringify(finding)}\n`);
      continue;
    }
    if (finding.status !== "skipped" || held[0]?.found !== finding.found) await release();
    if (finding.status === "skipped") held.push(finding);
    else await print(line(finding));
  }
  await release();
  if (format === "table") await print(`\n${sum(counts)}\n`);
  return counts;
}

function line({
  step,
  status,
  accountId,
  found,
  remedy,
}: Omit<CheckResult, "step"> & { readonly step: string }): string {
  const what = accountId === undefined ? found : `${accountId}: ${found}`;
  const head = `${STATUSES[status].padEnd(STATUS_WIDTH)}  ${step.padEnd(STEP_WIDTH)}  ${printable(what)}\n`;
  return remedy === undefined ? head : `${head}${INDENT}→ ${printable(remedy)}\n`;
}

function sum(counts: Readonly<Record<Status, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`)
    .join(", ");
}
