import type { Context } from "aws-lambda";
import { readJobConfig } from "../../core/config.ts";
import { type RunResult, runFailedError } from "../../core/domain/run-result.ts";
import { composeJob } from "../../core/job.ts";
import { withFixInMessage } from "../invocation-error.ts";
import { parseEvent } from "./event.ts";
import { powertoolsTelemetry } from "./telemetry.ts";

type Run = (event: unknown, remainingMs: number) => Promise<RunResult>;

/** Composed at the first invocation, not on load, so that a failure is an invocation error, which Lambda retries. */
let run: Run | undefined;

/**
 * Runs the job once.
 * @throws RunFailedError if any account failed, after all others are stored; any other JobError if the run could not start
 */
export function handler(event: unknown, context: Context): Promise<RunResult> {
  return withFixInMessage(async () => {
    run ??= compose(process.env);
    const result = await run(event, context.getRemainingTimeInMillis());
    if (result.accounts.failed > 0) throw runFailedError(result);
    return result;
  });
}

function compose(env: NodeJS.ProcessEnv): Run {
  const config = readJobConfig(env);
  const job = composeJob(config, { telemetry: powertoolsTelemetry() });
  return (event, remainingMs) => job.run(parseEvent(event, config.accounts, Date.now()), remainingMs);
}
