import { readConfig } from "../../core/config.ts";
import type { Telemetry } from "../../core/domain/ports.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import { composeJob } from "../../core/job.ts";
import { ENV } from "../../core/names/environment.ts";
import { parseEvent } from "../../lambda/snapshot/event.ts";
import { embeddedEnvironment, LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { startFunction } from "../../local/stand-ins/lambda-function.ts";
import { sawOutput } from "./leak-watch.ts";

export const SECRET_ID = "cdp-api-key";

/** A run that is under way. */
export interface StartedRun {
  /** Rejects where the run fails or tells of trouble, or its process dies. */
  readonly ended: Promise<RunResult>;
  /** Ends the run's process; `undefined`: it has none of its own, and the gate alone has to kill it. */
  readonly kill?: () => void;
}

/** Starts a run for an event: cold, and knowing its servers by a gate's address only. */
export type StartRun = (gateUrl: string, event: { readonly scheduledTime: string }) => Promise<StartedRun>;

/** The job, newly composed, in this process. @param env variables of the job */
export function inProcess(env: Readonly<Record<string, string>>): StartRun {
  return async (gateUrl, event) => {
    Object.assign(process.env, addresses(gateUrl));
    const names = { [ENV.tableName]: LOCAL_TABLE, [ENV.apiKeySecretId]: SECRET_ID };
    const config = readConfig({ ...names, ...env, ...addresses(gateUrl) });
    const troubles: string[] = [];
    const telemetry: Telemetry = {
      accountEnded: () => {},
      runEnded: (report) => sawOutput(report),
      warning: (what, error) => troubles.push(`${what}: ${error.message}`),
    };
    const job = composeJob(config, { telemetry });
    const ended = job.run(parseEvent(event, config.accounts, Date.now())).then((report) => {
      sawOutput(troubles);
      if (troubles.length > 0) throw new Error(`It told of trouble: ${troubles.join("; ")}`);
      return report;
    });
    return { ended };
  };
}

/** The deployed bundle, in a process of its own, which can be killed in earnest. @param env all of its environment */
export function inProcessOfItsOwn(bundle: string, env: Readonly<Record<string, string>>): StartRun {
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
    AWS_ENDPOINT_URL_SECRETS_MANAGER: gateUrl,
    [ENV.apiBaseUrl]: `${gateUrl}/platform`,
  };
}
