import type { Context } from "aws-lambda";
import { composeFunction, type Job } from "./composition.ts";
import { type Report, runFailed } from "./domain/report.ts";

/** Made at the first invocation, not at the load: a failure then is an invocation's error, and tried again. */
let job: Job | undefined;

/**
 * The function. @returns the run's report
 * @throws RunFailedError if any account failed, after all the others are stored; InputError; JobError
 */
export async function handler(event: unknown, context: Context): Promise<Report> {
  job ??= composeFunction(process.env);
  const report = await job.run(event, context.getRemainingTimeInMillis());
  if (report.accounts.failed > 0) throw runFailed(report);
  return report;
}
