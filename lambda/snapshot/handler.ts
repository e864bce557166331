import type { Context } from "aws-lambda";
import { answerOf, type KeysResult } from "../../core/domain/keys-result.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import type { TakeStep } from "../../core/domain/run-step.ts";
import { withFixInMessage } from "../invocation-error.ts";
import { type EventRunner, eventRunner } from "./event-runner.ts";
import { powertoolsTelemetry } from "./telemetry.ts";

/** Created at the first invocation, not on load, so that a failure is an invocation error, which Lambda retries. */
let run: EventRunner | undefined;

/**
 * Runs the job once, for one key or for several, or a step of it.
 * @throws RunFailedError if any account failed, after all others are stored; any other JobError if the run could not start
 */
export function handler(event: unknown, context: Context): Promise<RunResult | KeysResult | TakeStep> {
  return withFixInMessage(async () => {
    run ??= eventRunner(process.env, powertoolsTelemetry);
    const ended = await run(event, context.getRemainingTimeInMillis());
    // A step has a name, a list of outcomes has none.
    return "name" in ended ? ended : answerOf(ended);
  });
}
