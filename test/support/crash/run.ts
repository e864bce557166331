import { readJobConfig } from "../../../core/config.ts";
import type { Telemetry } from "../../../core/domain/ports.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import { composeJob } from "../../../core/job.ts";
import { ENV } from "../../../core/names/environment.ts";
import { parseEvent } from "../../../lambda/snapshot/event.ts";
import { embeddedEnvironment, LOCAL_TABLE } from "../../../local/dynamodb/embedded-dynamodb.ts";
import { startFunction } from "../../../local/stand-ins/lambda-function.ts";
import { sawOutput } from "../leak-watch.ts";

/** A run that has been started. */
export interface StartedRun {
  /** Rejects if the run fails, reports a warning, or its process dies. */
  readonly ended: Promise<RunResult>;
  /** Kills the run's process. Absent if the run shares this process: then only the gate stops it. */
  readonly kill?: () => void;
}

/** Starts a cold run that knows only the address of a gate. */
export type StartRun = (gateUrl: string, event: { readonly scheduledTime: string }) => Promise<StartedRun>;

/** Runs the job in this process. @param env environment variables of the job */
export function inProcess(env: Readonly<Record<string, string>>): StartRun {
  return async (gateUrl, event) => {
    Object.assign(process.env, addresses(gateUrl));
    const names = { [ENV.tableName]: LOCAL_TABLE, [ENV.apiKeySecretId]: LOCAL_TABLE };
    const config = readJobConfig({ ...names, ...env, ...addresses(gateUrl) });
    const warnings: string[] = [];
    const telemetry: Telemetry = {
      accountEnded: () => {},
      runEnded: (report) => sawOutput(report),
      warning: (what, error) => warnings.push(`${what}: ${error.message}`),
    };
    const job = composeJob(config, { telemetry });
    const ended = job.run(parseEvent(event, config.accounts, Date.now())).then((report) => {
      sawOutput(warnings);
      if (warnings.length > 0) throw new Error(`The run reported warnings: ${warnings.join("; ")}`);
      return report;
    });
    return { ended };
  };
}

/** Runs the deployed bundle in a child process, which can be killed. @param env the whole environment of the process */
export function inChildProcess(bundle: string, env: Readonly<Record<string, string>>): StartRun {
  return async (gateUrl, event) => {
    const fn = await startFunction({ bundle, env: { ...env, ...addresses(gateUrl) }, onLog: sawOutput });
    const ended = fn.invoke(event).then(async ({ result, error }) => {
      await fn.stop();
      if (error !== undefined) throw new Error(`${error.errorType}: ${error.errorMessage}`);
      return result as RunResult;
    });
    return { ended, kill: () => fn.process.kill("SIGKILL") };
  };
}

function addresses(gateUrl: string): Record<string, string> {
  return {
    ...embeddedEnvironment({ url: gateUrl }),
    AWS_ENDPOINT_URL: gateUrl,
    [ENV.apiBaseUrl]: `${gateUrl}/platform`,
  };
}
