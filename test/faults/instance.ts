import { JobError } from "../../core/domain/errors.ts";
import { answerOf } from "../../core/domain/keys-result.ts";
import type { Telemetry } from "../../core/domain/ports.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import type { TakeStep } from "../../core/domain/run-step.ts";
import { eventRunner } from "../../lambda/snapshot/event-runner.ts";
import type { RecordedRequest } from "../../local/simulated-cdp/server.ts";
import { type Emission, emissionOf } from "../support/emission.ts";
import { sawOutput } from "../support/leak-watch.ts";
import type { WorldClock } from "./clock.ts";

/** How one invocation of the function went. */
export interface Invocation extends Outcome {
  /** The process was killed. */
  readonly died?: true;
  /** By the world's clock. */
  readonly tookMs: number;
  /** The sum of all pauses. */
  readonly sleptMs: number;
  /** Requests to the API. */
  readonly requests: readonly RecordedRequest[];
  /** The most attempts that the AWS SDK made at one call; 1 unless AWS is faulty. */
  readonly awsAttempts: number;
}

/** How an invocation ended. */
export interface Outcome extends Pick<Emission, "logs" | "metrics"> {
  /** Absent if the run failed before it reached any account, or is continued. */
  readonly result?: RunResult;
  /** The next step, if the event has one. */
  readonly next?: TakeStep;
  /** What the invocation failed with. */
  readonly error?: JobError;
}

/** What Lambda's runtime logs when a handler throws. */
const runtimeLog = (error?: JobError) =>
  error === undefined ? [] : [{ level: "ERROR", errorType: error.name, errorMessage: error.message, code: error.code }];

function jobError(thrown: unknown): JobError {
  if (!(thrown instanceof JobError)) throw thrown;
  return thrown;
}

/** An instance of the function, which is reused by several invocations. */
export interface Instance {
  invoke(event: unknown, remainingMs: number): Promise<Outcome>;
}

/** Composes the job as the handler does, with the function's telemetry and the world's clock. */
export function startInstance(env: Record<string, string>, clock: WorldClock): Instance {
  // Telemetry writes to stdout, which concurrent worlds share. So calls are recorded, and replayed when the run has ended.
  const calls: ((telemetry: Required<Telemetry>) => void)[] = [];
  const telemetry = new Proxy({} as Telemetry, {
    get:
      (_, method: keyof Telemetry) =>
      (...args: unknown[]) => {
        calls.push((real) => (real[method] as (...given: unknown[]) => void)(...args));
      },
  });
  const run = eventRunner(env, () => telemetry, clock);
  return {
    invoke: async (event, remainingMs) => {
      const ended = await run(event, remainingMs).then(
        // As `lambda/snapshot/handler.ts` does it.
        (outcomes): Pick<Outcome, "result" | "next" | "error"> => {
          if ("name" in outcomes) return { next: outcomes };
          const [{ result } = {}] = outcomes;
          try {
            answerOf(outcomes);
            return { ...(result && { result }) };
          } catch (thrown) {
            return { ...(result && { result }), error: jobError(thrown) };
          }
        },
        (thrown: unknown) => ({ error: jobError(thrown) }),
      );
      sawOutput(ended);
      const { logs, metrics } = emissionOf((real) => {
        for (const replay of calls.splice(0)) replay(real);
      });
      return { ...ended, metrics, logs: [...logs, ...runtimeLog(ended.error)] };
    },
  };
}
