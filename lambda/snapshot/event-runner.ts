import { type Environment, readJobConfig } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import type { Clock, Telemetry } from "../../core/domain/ports.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import type { FinishStep, TakeStep } from "../../core/domain/run-step.ts";
import { describeTaskError } from "../../core/domain/task-error.ts";
import { composeJob, reportUnconfiguredRun } from "../../core/job.ts";
import type { RunRequest } from "../../core/snapshot/run.ts";
import { systemClock } from "../../core/system-clock.ts";
import { type EventRequest, parseEvent } from "./event.ts";

/** The event of the next step of a run. */
export interface NextEvent {
  readonly step: TakeStep;
}

/**
 * Runs the job for an event. Returns the result of the run, or the event of its next step.
 * @throws JobError if the run could not start, or failed before it reached any account
 */
export type EventRunner = (event: unknown, remainingMs: number) => Promise<RunResult | NextEvent>;

/**
 * Returns a function that runs the job for events. The job is composed for the first event, because an invalid
 * configuration fails the slots of events: each is recorded.
 */
export function eventRunner(env: Environment, telemetry: Telemetry, clock: Clock = systemClock): EventRunner {
  let composed: EventRunner | undefined;
  const compose = (): EventRunner => {
    const config = readJobConfig(env);
    const job = composeJob(config, { telemetry, clock });
    return async (event, remainingMs) => {
      const request = parseEvent(event, config.accounts, clock.now());
      const { step } = request;
      if (step === undefined) return job.run(request, remainingMs);
      if (step.name === "take") return { ...(event as object), step: await job.take(request, step, remainingMs) };
      const [taken] = step.taken;
      return job.run({ ...request, ...stepErrorOf(taken) }, remainingMs, taken?.step);
    };
  };
  return async (event, remainingMs) => {
    try {
      composed ??= compose();
    } catch (thrown) {
      const request = requestOf(event, clock);
      if (thrown instanceof InputError && request !== undefined) {
        await reportUnconfiguredRun(env, request, thrown, { telemetry, clock });
      }
      throw thrown;
    }
    return composed(event, remainingMs);
  };
}

/** Returns the request of an event; `undefined` if the event is not valid. The configured accounts are unknown. */
function requestOf(event: unknown, clock: Clock): EventRequest | undefined {
  try {
    return parseEvent(event, "all", clock.now());
  } catch {
    return undefined;
  }
}

function stepErrorOf(taken: FinishStep["taken"][number] | undefined): Pick<RunRequest, "stepError"> {
  const error = taken?.step.error;
  return error === undefined ? {} : { stepError: describeTaskError(error) };
}
