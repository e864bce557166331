import type { Context } from "aws-lambda";
import { readConfig } from "../../core/config.ts";
import { type RunResult, runFailedError } from "../../core/domain/run-result.ts";
import { composeJob } from "../../core/job.ts";
import { parseEvent } from "./event.ts";
import { powertoolsTelemetry } from "./telemetry.ts";

type Run = (event: unknown, remainingMs: number) => Promise<RunResult>;

/** Composed at the first invocation, not on load: a failure is then an invocation error, and Lambda retries it. */
let run: Run | undefined;

/**
 * The snapshot function.
 * @returns the run's result
 * @throws RunFailedError if any account failed, after all others are stored; InputError; JobError
 */
export async function handler(event: unknown, context: Context): Promise<RunResult> {
  run ??= compose(process.env);
  const report = await run(event, context.getRemainingTimeInMillis());
  if (report.accounts.failed > 0) throw runFailedError(report);
  return report;
}

function compose(env: NodeJS.ProcessEnv): Run {
  const config = readConfig(env);
  const job = composeJob(config, { telemetry: powertoolsTelemetry() });
  return (event, remainingMs) => job.run(parseEvent(event, config.accounts, Date.now()), remainingMs);
}
