import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AWS_CALLS } from "../../lambda/aws-calls.ts";
import { composeJob, type Job } from "../../lambda/composition.ts";
import { readConfig } from "../../lambda/config.ts";
import { JobError } from "../../lambda/domain/errors.ts";
import type { Telemetry } from "../../lambda/domain/ports.ts";
import { type Report, runFailed } from "../../lambda/domain/report.ts";
import { readSecret } from "../../lambda/secret/secrets-manager.ts";
import type { RecordedRequest } from "../../local/cdp/server.ts";
import { type Emission, emissionOf } from "../support/emission.ts";
import { sawOutput } from "../support/leak-watch.ts";
import type { WorldClock } from "./clock.ts";

/** How one invocation of the function went. */
export interface Invocation extends Outcome {
  /** The process was killed under it. */
  readonly died?: true;
  /** By the world's clock. */
  readonly tookMs: number;
  /** All pauses together. */
  readonly sleptMs: number;
  /** To the API. */
  readonly requests: readonly RecordedRequest[];
  /** Of the AWS SDK, the most at one call; not counted where nothing was wrong with AWS. */
  readonly awsAttempts: number;
}

/** What an invocation ended in. */
export interface Outcome extends Pick<Emission, "logs" | "metrics"> {
  /** There is none where the run ended before any account had its turn. */
  readonly report?: Report;
  /** What the invocation failed with. */
  readonly error?: JobError;
}

/** What Lambda's own runtime logs of an error that a handler ends in. */
const runtimeLog = (error?: JobError) =>
  error === undefined ? [] : [{ level: "ERROR", errorType: error.name, errorMessage: error.message, code: error.code }];

/** An instance of the function: made once, invoked again and again. */
export interface Instance {
  invoke(event: unknown, remainingMs: number): Promise<Outcome>;
}

/** The job as `composeFunction` puts it together, with its own telemetry, and with the world's clock. */
export function startInstance(env: Record<string, string>, clock: WorldClock): Instance {
  // What the telemetry is told is kept until the end: then it writes to this process's own stdout, undisturbed.
  const told: ((telemetry: Required<Telemetry>) => void)[] = [];
  const telemetry = new Proxy({} as Telemetry, {
    get:
      (_, method: keyof Telemetry) =>
      (...args: unknown[]) => {
        told.push((real) => (real[method] as (...given: unknown[]) => void)(...args));
      },
  });
  // As `composeFunction` does it.
  const compose = () => {
    const config = readConfig(env);
    const secrets = new SecretsManagerClient(AWS_CALLS);
    return composeJob(config, () => readSecret(secrets, config.apiKeySecretId ?? ""), { clock, telemetry });
  };
  let job: Job | undefined;
  const run = async (event: unknown, remainingMs: number) => {
    job ??= compose();
    return job.run(event, remainingMs);
  };
  return {
    invoke: async (event, remainingMs) => {
      const ended = await run(event, remainingMs).then(
        // As `lambda/handler.ts` does it.
        (report) => ({ report, ...(report.accounts.failed > 0 && { error: runFailed(report) as JobError }) }),
        (thrown: unknown) => {
          if (!(thrown instanceof JobError)) throw thrown;
          return { error: thrown };
        },
      );
      sawOutput(ended);
      const { logs, metrics } = emissionOf((real) => {
        for (const tell of told.splice(0)) tell(real);
      });
      return { ...ended, metrics, logs: [...logs, ...runtimeLog(ended.error)] };
    },
  };
}
