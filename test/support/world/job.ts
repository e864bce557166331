import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type JobConfig, readJobConfig } from "../../../core/config.ts";
import type { Telemetry } from "../../../core/domain/ports.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import { composeJob } from "../../../core/job.ts";
import { ENV } from "../../../core/names/environment.ts";
import { type KeyRun, parseEvent } from "../../../lambda/snapshot/event.ts";
import { sawOutput } from "../leak-watch.ts";
import { newFolder } from "../new-folder.ts";
import type { World } from "./world.ts";

/** A job in this process. */
export interface TestJob {
  run(event?: unknown, remainingMs?: number): Promise<RunResult>;
  /** Returns the text of the key at the next read. */
  keyText: () => Promise<string>;
  /** What the job has reported to its telemetry. */
  readonly reported: {
    readonly warnings: string[];
    /** Of each account that ended. */
    readonly durations: number[];
    /** The status of each failed request. */
    readonly apiErrors: number[];
    /** Of each run that ended: whether it covered all accounts. */
    readonly coveredAll: boolean[];
    /** Each run that ended before its first account. */
    readonly aborted: [code: string, dryRun: boolean][];
  };
}

/**
 * @param env additional variables
 * @param accounts the configured accounts. Default: none
 */
export function composeTestJob(world: World, env: Record<string, string> = {}, accounts?: readonly string[]): TestJob {
  const reported: TestJob["reported"] = { warnings: [], durations: [], apiErrors: [], coveredAll: [], aborted: [] };
  const telemetry: Telemetry = {
    accountEnded: (slot, result, durationMs) => {
      reported.durations.push(durationMs);
      sawOutput({ slot, ...result });
    },
    apiFailed: ({ status }) => reported.apiErrors.push(status),
    runEnded: (result, figures) => {
      reported.coveredAll.push(figures.allAccounts);
      sawOutput({ result, figures });
    },
    runAborted: (_slot, { code }, dryRun) => reported.aborted.push([code, dryRun]),
    warning: (message, error, where) => {
      reported.warnings.push(message);
      sawOutput({ message, error, where });
    },
  };
  const config = readConfig({ ...world.env, ...env }, accounts);
  const job = composeJob(config, { readKey: () => testJob.keyText(), telemetry, clock: world.clock });
  const testJob: TestJob = {
    run: async (event = {}, remainingMs) => {
      try {
        const [run] = parseEvent(event, [config], world.clock.now()).runs;
        return await job.run((run as KeyRun).request, remainingMs);
      } catch (thrown) {
        sawOutput(thrown);
        throw thrown;
      }
    },
    keyText: async () => world.key.file,
    reported,
  };
  return testJob;
}

function readConfig(env: Record<string, string>, accounts: readonly string[] | undefined): JobConfig {
  if (accounts === undefined) return readJobConfig(env, { keyElsewhere: true });
  const path = join(newFolder(), "configuration.json");
  writeFileSync(path, JSON.stringify({ accounts }));
  return readJobConfig({ ...env, [ENV.configurationFile]: path }, { keyElsewhere: true });
}
