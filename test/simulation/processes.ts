import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENV } from "../../core/names/environment.ts";
import { synthesize } from "../support/deployed.ts";
import { newFolder } from "../support/new-folder.ts";
import { type Instance, loadBundle } from "./instance.ts";
import { networkOf } from "./network.ts";
import type { Configuration, Disturbance } from "./oracle/facts.ts";
import { randomOf } from "./oracle/random.ts";
import { expressionOf } from "./oracle/slots.ts";
import type { Death } from "./plan.ts";
import type { SimulatedTime } from "./time.ts";

/** How often Lambda stops a process between two runs. */
const STOPPED = 0.01;

/** A process of the function, with its whole life. */
export interface Process extends Instance {
  isDead: boolean;
  isBusy: boolean;
  /** Requests since the start of the run. */
  steps: number;
  dies: Death | undefined;
  onDeath: () => void;
}

export interface ProcessOptions {
  readonly seed: string;
  readonly time: SimulatedTime;
  readonly disturbances: readonly Disturbance[];
  /** The variables that lead to the API, the table and the secret. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts processes of the deployed bundle, and uses them again, as Lambda does. */
export class Processes {
  readonly #options: ProcessOptions;
  readonly #deployed = synthesize({});
  readonly #start = loadBundle(this.#deployed.bundle);
  #running: { readonly configuration: Configuration; readonly process: Process }[] = [];
  #started = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Returns a process that is not busy. A new configuration starts new processes. */
  idle(configuration: Configuration): Process {
    const { seed, time } = this.#options;
    this.#running = this.#running.filter(({ process, ...of }, index) => {
      const isStopped = !process.isBusy && randomOf(seed, "stop", index, time.now)() < STOPPED;
      return of.configuration === configuration && !process.isDead && !isStopped;
    });
    const warm = this.#running.find(({ process }) => !process.isBusy)?.process;
    if (warm !== undefined) return warm;
    const process = this.#newProcess(configuration);
    this.#running.push({ configuration, process });
    return process;
  }

  #newProcess(configuration: Configuration): Process {
    const { seed, time, disturbances } = this.#options;
    const step = (phase: Death["phase"]) => {
      if (phase === "before") process.steps++;
      if (process.dies?.phase === phase && process.dies.step <= process.steps) {
        process.isDead = true;
        process.onDeath();
      }
      return !process.isDead;
    };
    const instance = this.#start({
      ...{ time, env: this.#variables(configuration), random: randomOf(seed, "process", this.#started++) },
      clockErrorMs: () => clockErrorAt(disturbances, time.now),
      get: networkOf({ time, disturbances, step, seed }),
      onAws: (phase) => step(phase === "request" ? "before" : "after"),
    });
    const process: Process = Object.assign(instance, {
      ...{ isDead: false, isBusy: false, steps: 0, dies: undefined, onDeath: () => {} },
    });
    return process;
  }

  #variables({ schedule, latenessMs, pageSize, accountIds }: Configuration): Record<string, string> {
    const variables = {
      ...this.#deployed.environment,
      ...this.#options.env,
      [ENV.schedule]: expressionOf(schedule),
      [ENV.scheduleTimezone]: schedule.timezone,
      [ENV.latenessLimitSeconds]: String(latenessMs / 1000),
      [ENV.pageSize]: String(pageSize),
    };
    if (accountIds === undefined) return variables;
    const path = join(newFolder(), "configuration.json");
    writeFileSync(path, JSON.stringify({ accounts: accountIds }));
    return { ...variables, [ENV.configurationFile]: path };
  }
}

/** Returns how far the function's clock is ahead at a time, in milliseconds. */
function clockErrorAt(disturbances: readonly Disturbance[], at: number): number {
  return disturbances.find(({ kind, from, to }) => kind === "clock" && from <= at && at < to)?.errorMs ?? 0;
}
