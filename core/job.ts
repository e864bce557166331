import { setMaxListeners } from "node:events";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { openApiClient } from "./api-client.ts";
import { JOB_CLIENT_OPTIONS } from "./aws/client-options.ts";
import { CdpSource } from "./coinbase/cdp-source.ts";
import type { SettingNames } from "./coinbase/suggested-fixes.ts";
import { type JobConfig, readKeyNames, readTableConfig } from "./config.ts";
import { DeadlineError, JobError, toJobError } from "./domain/errors.ts";
import { MAX_RUN_MS } from "./domain/limits.ts";
import type { Clock, Telemetry } from "./domain/ports.ts";
import type { RunResult } from "./domain/run-result.ts";
import type { TakeStep } from "./domain/run-step.ts";
import type { Environment } from "./environment-settings.ts";
import { forExistingSlot, servedSince } from "./existing-slot.ts";
import { KeyCache } from "./key/key-cache.ts";
import { originOfSecret } from "./key/put-key-command.ts";
import { readSecret } from "./key/secrets-manager.ts";
import { countingTelemetry } from "./snapshot/counting-telemetry.ts";
import { type LargerTurns, largerTurns } from "./snapshot/larger-turns.ts";
import { recordFailedRun } from "./snapshot/record-failed-run.ts";
import type { Run, RunRequest } from "./snapshot/run.ts";
import { takePart } from "./snapshot/take-part.ts";
import { takeSnapshots } from "./snapshot/take-snapshots.ts";
import { STORED_AT_ONCE } from "./snapshot/take-turns.ts";
import { systemClock } from "./system-clock.ts";
import { type OpenStore, openStore, storesIn } from "./writers.ts";

export interface Job {
  /**
   * Runs the job once.
   * @param remainingMs time left for the run, the reserve included, in milliseconds. Default: the maximum length of a run
   * @param share what it shares with runs of other keys at the same time. Default: nothing
   * @returns the result of every account; failed accounts are listed in it, not thrown
   * @throws JobError if the list of accounts is not available
   */
  run(request: RunRequest, remainingMs?: number, share?: RunShare): Promise<RunResult>;
  /**
   * Takes the snapshots of some accounts, as one of several invocations.
   * @param step where to begin, and what the invocations before have done
   * @returns the step of the next invocation
   * @throws JobError if the part could not start
   */
  take(request: RunRequest, step: TakeStep, remainingMs?: number): Promise<TakeStep>;
}

/** A run's share of the memory and the connections of the process. */
export interface RunShare {
  readonly accountsAtOnce: number;
  readonly storedAtOnce: number;
  readonly largerTurns: LargerTurns;
}

/** Returns the share of each of several runs at the same time. */
export function shareAmong([config]: readonly JobConfig[], runs: number): RunShare {
  const partOf = (all: number) => Math.max(1, Math.floor(all / runs));
  return {
    accountsAtOnce: partOf(config?.accountsAtOnce ?? 1),
    storedAtOnce: partOf(STORED_AT_ONCE),
    largerTurns: largerTurns(),
  };
}

/** What the entry point decides. */
export interface JobDependencies {
  readonly telemetry: Telemetry;
  /** Returns the text that holds the API key. Default: reads the configured secret. */
  readonly readKey?: () => Promise<string>;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** How suggested fixes name settings. Default: those of the function. */
  readonly settingNames?: SettingNames;
  /** Default: a store that shares nothing with other jobs. */
  readonly openStore?: OpenStore;
}

/**
 * Composes the jobs of several keys, which share the connections to the table, by the names of the keys.
 * @param telemetryOf returns the telemetry of a key's job
 */
export function composeJobs(
  configs: readonly JobConfig[],
  telemetryOf: (key: string | undefined) => Telemetry,
  clock?: Clock,
): ReadonlyMap<string | undefined, Job> {
  const [first] = configs;
  const shared = { ...(first && { openStore: storesIn(first) }), ...(clock && { clock }) };
  return new Map(
    configs.map((config) => [config.key, composeJob(config, { telemetry: telemetryOf(config.key), ...shared })]),
  );
}

/** Composes the job of one key from its parts, for the function and for the command line. */
export function composeJob(
  config: JobConfig,
  { telemetry: given, readKey, clock = systemClock, settingNames, openStore = storesIn(config) }: JobDependencies,
): Job {
  const telemetry = countingTelemetry(given);
  const client = openApiClient(config, {
    ...{ clock, settingNames },
    keys: readKey === undefined ? keyOfSecret(config, clock) : new KeyCache(readKey, clock),
    onFailure: (error) => telemetry.apiFailed?.(error),
  });
  const dependencies = {
    clock,
    telemetry,
    source: new CdpSource(client, {
      pageSize: config.pageSize,
      maxPages: config.maxPages,
      owner: config.accountsOwner,
      type: config.accountsType,
    }),
    store: openStore((error) => telemetry.warning("Catalog incomplete", error)),
  };
  const within = async <T>(limits: Limits, request: RunRequest, use: (run: Run) => Promise<T>): Promise<T> => {
    try {
      const existing = await forExistingSlot(request, config.schedule);
      const { stop: _, ...signals } = limits;
      return await use({
        ...{ dependencies, settings: config, request: existing, ...signals },
        servedSince: () => servedSince(config.schedules ?? [], clock.now()),
      });
    } catch (thrown) {
      telemetry.runAborted?.(request.slot, toJobError(thrown), request.dryRun, telemetry.takeWarnings());
      throw thrown;
    } finally {
      limits.stop();
    }
  };
  return {
    run: (request, remainingMs = MAX_RUN_MS, share) =>
      within(startLimits(remainingMs, config.reserveMs), request, (run) => {
        const { warning, slot } = run.request;
        if (warning !== undefined) {
          const suggestedFix = "To take a slot of the schedule, pass one of them as scheduledTime.";
          const error = new JobError("slot_not_in_schedule", warning, { suggestedFix });
          telemetry.warning("Run for a time that the schedule does not have", error, { slot });
        }
        if (share === undefined) return takeSnapshots(run);
        const { accountsAtOnce, ...others } = share;
        return takeSnapshots({ ...run, settings: { ...config, accountsAtOnce }, ...others });
      }),
    take: (request, step, remainingMs = MAX_RUN_MS) =>
      within(startPartLimits(remainingMs, config.reserveMs), request, (run) => takePart(run, step)),
  };
}

/**
 * Reports and records that a run could not start, because the job's configuration is invalid. Never throws.
 * @param env the environment that contains the configuration
 * @param key the name of the run's key; `undefined`: it has none
 */
export async function reportUnconfiguredRun(
  env: Environment,
  key: string | undefined,
  request: RunRequest,
  error: JobError,
  { telemetry, clock }: { readonly telemetry: Telemetry; readonly clock: Clock },
): Promise<void> {
  const table = readTableConfig(env);
  if (table !== undefined) {
    const keys = readKeyNames(env);
    await recordFailedRun(
      { clock, telemetry, store: openStore(table) },
      { ...request, key, keys },
      request.accounts,
      error,
    );
  }
  telemetry.runAborted?.(request.slot, error, request.dryRun, 0);
}

function keyOfSecret({ apiKeySecretId = "" }: JobConfig, clock: Clock): KeyCache {
  const client = new SecretsManagerClient(JOB_CLIENT_OPTIONS);
  return new KeyCache(() => readSecret(client, apiKeySecretId), clock, originOfSecret(apiKeySecretId));
}

/**
 * The time that accounts in progress have to end before the deadline, if another invocation continues the run. An API request
 * takes at most 76 s: 6 attempts of 10 s, and the delays between them. The rest is for an account's other requests.
 */
const TO_END_ACCOUNTS_MS = 120_000;

type Limits = Pick<Run, "deadline" | "lastStart" | "end"> & { readonly stop: () => void };

/**
 * Starts the time limits of a run: its deadline, and its end, which leaves a third of the reserve for the last log lines and
 * metrics.
 */
function startLimits(remainingMs: number, reserveMs: number) {
  const [deadline, end] = [new AbortController(), new AbortController()];
  // Every account that is in progress listens to them, and Node.js warns of more than ten listeners.
  setMaxListeners(0, deadline.signal, end.signal);
  let timer = setTimeout(
    () => {
      deadline.abort(outOfTime(reserveMs));
      timer = setTimeout(() => end.abort(), (reserveMs * 2) / 3);
    },
    Math.max(0, remainingMs - reserveMs),
  );
  return { deadline: deadline.signal, end: end.signal, stop: () => clearTimeout(timer) };
}

/** Starts the time limits of a part of a run: it begins no account in the last two minutes, or in the last half of a short time. */
function startPartLimits(remainingMs: number, reserveMs: number) {
  const limits = startLimits(remainingMs, reserveMs);
  const lastStart = new AbortController();
  const deadlineMs = Math.max(0, remainingMs - reserveMs);
  const lastStartMs = Math.max(deadlineMs / 2, deadlineMs - TO_END_ACCOUNTS_MS);
  const timer = setTimeout(() => lastStart.abort(outOfTime(reserveMs)), lastStartMs);
  const stop = () => {
    clearTimeout(timer);
    limits.stop();
  };
  return { ...limits, lastStart: lastStart.signal, stop };
}

function outOfTime(reserveMs: number): DeadlineError {
  return new DeadlineError(
    "deadline_exceeded",
    `The run is out of time: its last ${Math.round(reserveMs / 1000)} s are reserved for recording what is unfinished.`,
    {
      suggestedFix:
        "A retry completes the run. If it happens again, check that accountsAtOnce (CDP_ACCOUNTS_AT_ONCE) is not lowered, " +
        "or divide the accounts among several stages.",
    },
  );
}
