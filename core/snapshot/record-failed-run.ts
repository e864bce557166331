import type { ErrorDetails, JobError } from "../domain/errors.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import type { Telemetry } from "../domain/ports.ts";
import { slotAt } from "../domain/slot.ts";
import { describeTaskError } from "../domain/task-error.ts";
import type { Dependencies, Run, RunRequest } from "./run.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

/** Returns the name of a run's key, and those of all configured keys. */
export function keysOf({ settings: { key, keys } }: Run): Pick<FailedRun, "key" | "keys"> {
  return { key, keys };
}

/**
 * Records that a run failed before it reached the accounts in its scope, unless it is a dry run. Never throws: if the table is
 * unavailable, only the run's own error shows the failure.
 */
export async function recordFailedRun(
  { clock, store, telemetry }: Pick<Dependencies, "clock" | "store"> & { readonly telemetry: Telemetry },
  {
    key,
    keys,
    slot,
    trigger,
    dryRun,
    taken,
  }: Pick<RunRequest, "slot" | "trigger" | "dryRun" | "taken"> & Pick<FailedRun, "key" | "keys">,
  scope: FailedRun["scope"],
  { code, message, suggestedFix, correlationId }: Pick<JobError, "code" | "message"> & ErrorDetails,
): Promise<FailedRun> {
  const error = {
    code,
    message: taken?.error === undefined ? message : `${message} ${describeTaskError(taken.error)}`,
  };
  const run = { key, keys, slot, trigger, scope, ...error, suggestedFix, correlationId, failedAt: slotAt(clock.now()) };
  if (dryRun) return run;
  await warnOnFailure({ telemetry }, "Failed run not recorded", { slot }, () => store.recordFailedRun(run));
  return run;
}
