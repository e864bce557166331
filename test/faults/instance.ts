import { readConfig } from "../../core/config.ts";
import { JobError } from "../../core/domain/errors.ts";
import type { Telemetry } from "../../core/domain/ports.ts";
import { type RunResult, runFailedError } from "../../core/domain/run-result.ts";
import { composeJob } from "../../core/job.ts";
import { parseEvent } from "../../lambda/snapshot/event.ts";
import type { RecordedRequest } from "../../local/simulated-cdp/server.ts";
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
  readonly report?: RunResult;
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

/** The job as the handler composes it, with its own telemetry, and with the world's clock. */
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
  // As the handler does it.
  const compose = () => {
    const config = readConfig(env);
    const job = composeJob(config, { clock, telemetry });
    return (event: unknown, remainingMs: number) =>
      job.run(parseEvent(event, config.accounts, clock.now()), remainingMs);
  };
  let composed: ReturnType<typeof compose> | undefined;
  const run = async (event: unknown, remainingMs: number) => {
    composed ??= compose();
    return composed(event, remainingMs);
  };
  return {
    invoke: async (event, remainingMs) => {
      const ended = await run(event, remainingMs).then(
        // As `lambda/snapshot/handler.ts` does it.
        (report) => ({ report, ...(report.accounts.failed > 0 && { error: runFailedError(report) as JobError }) }),
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
