import { readJobConfigs, readKeyNames } from "../../core/config.ts";
import { InputError, JobError } from "../../core/domain/errors.ts";
import { type KeyOutcome, withoutAccounts } from "../../core/domain/keys-result.ts";
import type { Clock, Telemetry } from "../../core/domain/ports.ts";
import { emptyAnswer, type TakeStep } from "../../core/domain/run-step.ts";
import type { Environment } from "../../core/environment-settings.ts";
import { composeJobs, type Job, reportUnconfiguredRun, shareAmong } from "../../core/job.ts";
import { systemClock } from "../../core/system-clock.ts";
import { type KeyRun, parseEvent } from "./event.ts";

/**
 * Runs the job for an event: once for each key that the event selects, in parallel. Returns how each of them ended, at least one,
 * or the next step of a run of several invocations.
 * @throws InputError if the event or the configuration is invalid; any JobError if a step could not start
 */
export type EventRunner = (event: unknown, remainingMs: number) => Promise<readonly KeyOutcome[] | TakeStep>;

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
        if (run !== undefined) return jobOf(run.key).take(run.request, step, remainingMs);
        if (!jobs.has(step.key)) throw notConfigured();
        // The event's accounts are those of other keys.
        return emptyAnswer(step);
      }
      const share = shareAmong(configs, runs.length);
      if (step === undefined) {
        return Promise.all(
          runs.map(({ key, request }) => outcomeOf(key, () => jobOf(key).run(request, remainingMs, share))),
        );
      }
      const outcomes = runs.map(({ key, request }) =>
        outcomeOf(key, async () => {
          if (request.taken === undefined) throw notTaken();
          const result = await jobOf(key).run(request, remainingMs, share);
          // The error of a failed run describes its accounts.
          return result.accounts.failed > 0 ? result : withoutAccounts(result);
        }),
      );
      const removed = step.taken.filter(({ key }) => !jobs.has(key));
      return [
        ...(await Promise.all(outcomes)),
        ...removed.map(({ key }): KeyOutcome => ({ key, error: notConfigured() })),
      ];
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

/** These two happen if the configuration changes while an execution runs. They cost the other keys nothing. */
function notConfigured(): JobError {
  return new JobError("key_not_configured", "The execution takes the accounts of this key, which is not configured.", {
    suggestedFix: NEW_EXECUTION,
  });
}

function notTaken(): JobError {
  return new JobError("key_not_taken", "The execution has not taken the accounts of this key.", {
    suggestedFix: NEW_EXECUTION,
  });
}

const NEW_EXECUTION =
  "If the configuration has changed since the execution started, start another one with the same event: it takes the missing " +
  "snapshots of the configured keys.";

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
