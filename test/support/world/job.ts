import { readJobConfig } from "../../../core/config.ts";
import type { Telemetry } from "../../../core/domain/ports.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import { composeJob } from "../../../core/job.ts";
import { parseEvent } from "../../../lambda/snapshot/event.ts";
import { sawOutput } from "../leak-watch.ts";
import type { World } from "./world.ts";

/** A job in this process. */
export interface TestJob {
  run(event?: unknown, remainingMs?: number): Promise<RunResult>;
  /** Returns the text of the key at the next read. */
  keyText: () => Promise<string>;
  /** The messages of all warnings. */
  readonly warnings: string[];
  /** The argument of the last `runEnded`. */
  oldestCompleteMs: number | undefined;
}

/** @param env additional variables */
export function composeTestJob(world: World, env: Record<string, string> = {}): TestJob {
  const warnings: string[] = [];
  const telemetry: Telemetry = {
    accountEnded: (slot, result) => sawOutput({ slot, ...result }),
    runEnded: (result, oldestCompleteMs) => {
      testJob.oldestCompleteMs = oldestCompleteMs;
      sawOutput({ result, oldestCompleteMs });
    },
    warning: (message, error, where) => {
      warnings.push(message);
      sawOutput({ message, error, where });
    },
  };
  const config = readJobConfig({ ...world.env, ...env }, { keyElsewhere: true });
  const job = composeJob(config, { readKey: () => testJob.keyText(), telemetry, clock: world.clock });
  const testJob: TestJob = {
    run: async (event = {}, remainingMs) => {
      try {
        return await job.run(parseEvent(event, config.accounts, world.clock.now()), remainingMs);
      } catch (thrown) {
        sawOutput(thrown);
        throw thrown;
      }
    },
    keyText: async () => world.key.file,
    warnings,
    oldestCompleteMs: undefined,
  };
  return testJob;
}
