import type { Facts, RunFact } from "./facts.ts";
import { judgeAccounts } from "./isolation.ts";
import { slotsOf } from "./slots.ts";
import { readTelemetry, type Telemetry } from "./telemetry.ts";

/** What a run reports if the API refuses the key: a 401 or a 403. */
const KEY_REFUSED = ["api_unauthorized", "api_forbidden"];

/** Judges each run: what it had to store, what it reported, and that one account's failure costs no other its snapshot. */
export function judgeRuns(facts: Facts, runs: readonly RunFact[]): string[] {
  return runs.flatMap((run) => {
    const seen = readTelemetry(run.output);
    const problems = [...judgeEnding(run, seen), ...judgeMetrics(run, seen), ...judgeAccounts(facts, run, seen)];
    return problems.map((problem) => `run ${run.run} of ${describe(run)}: ${problem}`);
  });
}

function describe({ from, scheduledTime }: RunFact): string {
  return `${new Date(from).toISOString()} for ${scheduledTime === undefined ? "now" : new Date(scheduledTime).toISOString()}`;
}

/** Loud: a run with a failed account fails, with a line that says so. One without does not. */
function judgeEnding({ died, error, result }: RunFact, { accounts, aborted, runEnded }: Telemetry): string[] {
  if (died) return [];
  const failed = accounts.filter(({ outcome }) => outcome === "failed");
  const problems: string[] = [];
  if (aborted.length + Number(runEnded) !== 1) problems.push("the log has not exactly one end of the run");
  if ((failed.length > 0 || aborted.length > 0) !== (error !== undefined)) {
    problems.push(`${failed.length} accounts failed, ${aborted.length} aborted, and the error is ${error?.message}`);
  }
  for (const { accountId, code } of failed) {
    const isNamed = error?.message.includes(`${accountId}: ${code}`);
    if (!isNamed) problems.push(`the error does not name ${accountId} and ${code}`);
  }
  const counted = (result as { accounts?: Record<string, number> } | undefined)?.accounts;
  if (
    counted !== undefined &&
    counted["complete"] !== accounts.filter(({ outcome }) => outcome === "complete").length
  ) {
    problems.push(`the result counts ${counted["complete"]} complete accounts, the log differs`);
  }
  return problems;
}

function judgeMetrics(run: RunFact, { accounts, aborted, metrics, runEnded, warnings }: Telemetry): string[] {
  if (run.died) return [];
  const count = (outcome: string) => accounts.filter((account) => account.outcome === outcome).length;
  const expected: Record<string, number | undefined> = runEnded
    ? {
        AccountsComplete: count("complete") + count("alreadyComplete"),
        AccountsFailed: count("failed"),
        CompleteRuns: isForSlot(run) ? Number(count("failed") === 0) : undefined,
        Warnings: warnings.length,
      }
    : { AccountsComplete: undefined, CompleteRuns: undefined };
  const problems = Object.entries(expected).flatMap(([name, value]) => {
    const values = metrics.get(name) ?? [];
    const isRight = value === undefined ? values.length === 0 : values.length === 1 && values[0] === value;
    return isRight ? [] : [`the metric ${name} is ${values.join(", ") || "absent"}, expected ${value ?? "absent"}`];
  });
  const isKeyFailure = [...aborted, ...accounts.map(({ code }) => code)].some((code) =>
    KEY_REFUSED.includes(code ?? ""),
  );
  const keyFailures = metrics.get("KeyFailures") ?? [];
  if (keyFailures.length !== 1 || isKeyFailure !== (keyFailures[0] ?? 0) > 0) {
    problems.push(
      `the metric KeyFailures is ${keyFailures.join(", ")}, and the key was ${isKeyFailure ? "" : "not "}refused`,
    );
  }
  return problems;
}

/** Whether the run is for a slot of its schedule. Every other run is a manual one. */
export function isForSlot({ scheduledTime, configuration }: RunFact): boolean {
  return scheduledTime !== undefined && slotsOf(configuration.schedule, scheduledTime, scheduledTime).length === 1;
}
