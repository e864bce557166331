import type { Context } from "aws-lambda";
import { type RunResult, runFailedError } from "../../core/domain/run-result.ts";
import { withFixInMessage } from "../invocation-error.ts";
import { type EventRunner, eventRunner, type NextEvent } from "./event-runner.ts";
import { powertoolsTelemetry } from "./telemetry.ts";

/** Created at the first invocation, not on load, so that a failure is an invocation error, which Lambda retries. */
let run: EventRunner | undefined;

/**
 * Runs the job once, or a step of it.
 * @throws RunFailedError if any account failed, after all others are stored; any other JobError if the run could not start
 */
export function handler(event: unknown, context: Context): Promise<RunResult | NextEvent> {
  return withFixInMessage(async () => {
    run ??= eventRunner(process.env, powertoolsTelemetry());
    const result = await run(event, context.getRemainingTimeInMillis());
    if (!("step" in result) && result.accounts.failed > 0) throw runFailedError(result);
    return result;
  });
}
