import { readJobConfig } from "../../../core/config.ts";
import type { Telemetry } from "../../../core/domain/ports.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import { composeJob } from "../../../core/job.ts";
import { ENV } from "../../../core/names/environment.ts";
import { type KeyRun, parseEvent } from "../../../lambda/snapshot/event.ts";
import { embeddedEnvironment, LOCAL_TABLE } from "../../../local/dynamodb/embedded-dynamodb.ts";
import { sawOutput } from "../leak-watch.ts";

/**
 * Runs the job once, cold, knowing only the address of a gate. Rejects if the run fails or reports a warning, or if the gate
 * stops it.
 */
export type Run = (gateUrl: string, event: { readonly scheduledTime: string }) => Promise<RunResult>;

/** Returns a run of the job in this process. @param env environment variables of the job */
export function runWith(env: Readonly<Record<string, string>>): Run {
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
    const [run] = parseEvent(event, [config], Date.now()).runs;
    const result = await composeJob(config, { telemetry }).run((run as KeyRun).request);
    sawOutput(warnings);
    if (warnings.length > 0) throw new Error(`The run reported warnings: ${warnings.join("; ")}`);
    return result;
  };
}

function addresses(gateUrl: string): Record<string, string> {
  return {
    ...embeddedEnvironment({ url: gateUrl }),
    AWS_ENDPOINT_URL: gateUrl,
    [ENV.apiBaseUrl]: `${gateUrl}/platform`,
  };
}
