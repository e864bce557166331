import type { ErrorDetails, JobError } from "../domain/errors.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import { slotAt } from "../domain/slot.ts";
import type { Dependencies, RunRequest } from "./run.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

/**
 * Records that a run failed before it reached the accounts in its scope, unless it is a dry run. Never throws: if the table is
 * unavailable, only the run's own error shows the failure.
 */
export async function recordFailedRun(
  { clock, store, telemetry }: Pick<Dependencies, "clock" | "store" | "telemetry">,
  { key, slot, trigger, dryRun }: Pick<RunRequest, "slot" | "trigger" | "dryRun"> & Pick<FailedRun, "key">,
  scope: FailedRun["scope"],
  { code, message, suggestedFix, correlationId }: Pick<JobError, "code" | "message"> & ErrorDetails,
): Promise<void> {
  if (dryRun) return;
  const run = { key, slot, trigger, scope, code, message, suggestedFix, correlationId, failedAt: slotAt(clock.now()) };
  await warnOnFailure({ telemetry }, "Failed run not recorded", { slot }, () => store.recordFailedRun(run));
}
