import { readJobConfigs, readKeyNames } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import type { KeyOutcome } from "../../core/domain/keys-result.ts";
import type { Clock, Telemetry } from "../../core/domain/ports.ts";
import type { TakeStep } from "../../core/domain/run-step.ts";
import type { Environment } from "../../core/environment-settings.ts";
import { composeJobs, type Job, reportUnconfiguredRun, shareAmong } from "../../core/job.ts";
import { systemClock } from "../../core/system-clock.ts";
import { type KeyRun, parseEvent } from "./event.ts";

/** The event of the next step of a run. */
export interface NextEvent {
  readonly step: TakeStep;
}

/**
 * Runs the job for an event: once for each key that the event selects, in parallel. Returns how each of them ended, at least one,
 * or the event of the next step.
 * @throws InputError if the event or the configuration is invalid; any JobError if a step could not start
 */
export type EventRunner = (event: unknown, remainingMs: number) => Promise<readonly KeyOutcome[] | NextEvent>;

/** Returns the telemetry of a key's runs. @param key its name; `undefined`: the only key, which has no name */
export type TelemetryOfKey = (key: string | undefined) => Telemetry;

/**
 * Returns a function that runs the job for events. The jobs are composed for the first event, because an invalid
 * configuration fails the slots of events: each is recorded.
 */
export function eventRunner(
  env: Environment,
  createTelemetry: TelemetryOfKey,
  clock: Clock = systemClock,
): EventRunner {
  const telemetries = new Map<string | undefined, Telemetry>();
  const telemetryOf = (key: string | undefined): Telemetry => {
    const telemetry = telemetries.get(key) ?? createTelemetry(key);
    telemetries.set(key, telemetry);
    return telemetry;
  };
  let composed: EventRunner | undefined;
  const compose = (): EventRunner => {
    const configs = readJobConfigs(env);
    const jobs = composeJobs(configs, telemetryOf, clock);
    return async (event, remainingMs) => {
      const { runs, step } = parseEvent(event, configs, clock.now());
      const jobOf = (key: string | undefined) => jobs.get(key) as Job;
      if (step?.name === "take") {
        const [run] = runs;
        // The key has none of the accounts that the event names.
        if (run === undefined) return { ...(event as object), step: { name: step.name, startedAt: step.startedAt } };
        return { ...(event as object), step: await jobOf(run.key).take(run.request, step, remainingMs) };
      }
      const share = shareAmong(configs, runs.length);
      return Promise.all(
        runs.map(({ key, request }) => outcomeOf(key, async () => jobOf(key).run(request, remainingMs, share))),
      );
    };
  };
  return async (event, remainingMs) => {
    try {
      composed ??= compose();
    } catch (thrown) {
      for (const { key, request } of thrown instanceof InputError ? runsOf(event, env, clock) : []) {
        const dependencies = { telemetry: telemetryOf(key), clock };
        await reportUnconfiguredRun(env, key, request, thrown as InputError, dependencies);
      }
      throw thrown;
    }
    return composed(event, remainingMs);
  };
}

async function outcomeOf(key: string | undefined, run: () => ReturnType<Job["run"]>): Promise<KeyOutcome> {
  try {
    return { key, result: await run() };
  } catch (error) {
    return { key, error };
  }
}

/** Returns the runs of an event without a valid configuration; none if the event is not valid. */
function runsOf(event: unknown, env: Environment, clock: Clock): readonly KeyRun[] {
  try {
    const { runs } = parseEvent(event, undefined, clock.now());
    const names = readKeyNames(env) ?? [undefined];
    return runs.flatMap((run) => (run.key === undefined ? names.map((key) => ({ ...run, key })) : run));
  } catch {
    return [];
  }
}
