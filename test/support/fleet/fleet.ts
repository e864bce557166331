import { setMaxListeners } from "node:events";
import { RateLimiter } from "../../../core/coinbase/limiter.ts";
import { DeadlineError, toJobError } from "../../../core/domain/errors.ts";
import { answerOf, type KeyOutcome } from "../../../core/domain/keys-result.ts";
import { LIMIT_WINDOW_MS } from "../../../core/domain/limits.ts";
import type { Clock } from "../../../core/domain/ports.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import type { RunStep } from "../../../core/domain/run-step.ts";
import { countingTelemetry } from "../../../core/snapshot/counting-telemetry.ts";
import type { Run, RunSettings } from "../../../core/snapshot/run.ts";
import { takePart } from "../../../core/snapshot/take-part.ts";
import { takeSnapshots } from "../../../core/snapshot/take-snapshots.ts";
import { FUNCTION_TIMEOUT_SECONDS } from "../../../infra/step-functions/definition.ts";
import { type KeyRun, parseEvent } from "../../../lambda/snapshot/event.ts";
import { type Execution, execute } from "../states-language/interpreter.ts";
import { StatesError } from "../states-language/values.ts";
import { type VirtualClock, virtualClock } from "../virtual-clock.ts";
import { FleetApi, type FleetApiSettings } from "./fleet-api.ts";
import { MemoryTable } from "./memory-table.ts";

// The state machine, the job and its limiter are the real ones; API, table and time are simulated.

/** As `core/job.ts` sets them, but by the simulated clock: begin no account, be out of time, end. Before the timeout. */
const LIMITS_SECONDS = { lastStart: 135, deadline: 15, end: 5 };

export interface FleetSettings {
  readonly definition: object;
  /** By the name of the key; `undefined` for a single one without a name. */
  readonly keys: ReadonlyMap<string | undefined, FleetApiSettings>;
  readonly latenessMinutes?: number;
}

/** What happens at a time, in seconds after the start of the execution. */
export interface Incident {
  readonly atSeconds: number;
  readonly what: (fleet: Fleet) => void;
}

export interface Invocation {
  readonly event: { readonly step: RunStep };
  readonly startedAt: number;
  endedAt: number;
  /** Why it failed. */
  error?: string;
  /** Ends the invocation as Lambda does when the process dies. */
  readonly kill: () => void;
}

/** A fleet of accounts, of one key or of several, and one slot for which their snapshots are taken. */
export class Fleet {
  readonly slot = "2026-11-23T10:00:00.000Z";
  readonly clock: VirtualClock = virtualClock(this.slot);
  readonly table = new MemoryTable();
  readonly apis: ReadonlyMap<string | undefined, FleetApi>;
  readonly invocations: Invocation[] = [];
  /** What the runs have warned about, without details. */
  readonly warnings: string[] = [];
  readonly #telemetry = {
    accountEnded: () => {},
    runEnded: (_: RunResult) => {},
    warning: (message: string) => void this.warnings.push(message),
  };
  readonly #settings: FleetSettings;

  constructor(settings: FleetSettings) {
    this.#settings = settings;
    this.apis = new Map([...settings.keys].map(([key, api]) => [key, new FleetApi(api)]));
  }

  /** Runs an execution for the slot. Incidents after its end do not happen. */
  start(incidents: readonly Incident[] = []): Promise<Execution> {
    const input = { scheduledTime: this.slot };
    const { definition } = this.#settings;
    const dependencies = { clock: this.clock, invoke: (_: string, event: unknown) => this.#invoke(event) };
    const ended = new AbortController();
    setMaxListeners(0, ended.signal);
    return this.clock.run(() => {
      for (const { atSeconds, what } of incidents) {
        const happens = this.clock.sleep(atSeconds * 1000, ended.signal).then(() => what(this));
        happens.catch(() => {});
      }
      return execute(definition, input, dependencies).finally(() => ended.abort());
    });
  }

  /** Runs the step that failed again, a minute later, because a person does it. */
  redrive({ redrive }: Execution): Promise<Execution> {
    return this.clock.run(async () => {
      await this.clock.sleep(60_000);
      return redrive();
    });
  }

  /** How long the execution has taken. */
  get seconds(): number {
    return (this.clock.now() - Date.parse(this.slot)) / 1000;
  }

  /** How many requests exceeded the API's limit. */
  get refused(): number {
    return [...this.apis.values()].reduce((sum, { refused }) => sum + refused, 0);
  }

  /** Returns how many accounts of a key have a snapshot, a reason for having none, or neither. */
  states(key?: string) {
    const counts = { complete: 0, explained: 0, unexplained: 0 };
    for (const id of this.apis.get(key)?.accountIds ?? []) counts[this.table.stateOf(id, this.slot)]++;
    return counts;
  }

  /** Kills the invocations that are in progress. @param key those of this key. Default: all */
  kill(key?: string): void {
    const running = this.invocations.filter(({ endedAt }) => endedAt === Number.POSITIVE_INFINITY);
    for (const { event, kill } of running) if (key === undefined || keyOf(event.step) === key) kill();
  }

  /** Sets whether the API rejects a key. */
  revoke(key: string | undefined, isKeyRevoked: boolean): void {
    Object.assign(this.apis.get(key) ?? {}, { isKeyRevoked });
  }

  async #invoke(event: unknown): Promise<unknown> {
    const stop = new AbortController();
    let kill = () => {};
    const killed = new Promise<never>((_, reject) => {
      kill = () => reject(new StatesError("Runtime.ExitError", "RequestId: 1 Error: Runtime exited"));
    });
    const invocation: Invocation = {
      event: event as Invocation["event"],
      startedAt: this.seconds,
      endedAt: Number.POSITIVE_INFINITY,
      kill,
    };
    this.invocations.push(invocation);
    const timeout = this.clock.sleep(FUNCTION_TIMEOUT_SECONDS * 1000, stop.signal).then(() => {
      throw new StatesError("Sandbox.Timedout", "RequestId: 1 Error: Task timed out after 900.00 seconds");
    });
    try {
      return await Promise.race([this.#handle(event, mortal(this.clock, stop.signal), stop.signal), timeout, killed]);
    } catch (thrown) {
      const error = thrown instanceof StatesError ? thrown : errorOf(thrown);
      invocation.error = error.error;
      throw error;
    } finally {
      stop.abort();
      invocation.endedAt = this.seconds;
    }
  }

  /** Does what `lambda/snapshot/` does, with the parts of the simulation. */
  async #handle(event: unknown, clock: Clock, ended: AbortSignal): Promise<unknown> {
    const keys = [...this.apis.keys()].map((key) => ({ key, accounts: "all" as const }));
    const { runs, step } = parseEvent(event, keys, clock.now());
    const limits = startLimits(clock, ended);
    const [first] = runs;
    if (step?.name === "take" && first !== undefined) return takePart(this.#runOf(first, clock, limits), step);
    const outcomes = runs.map(async (run): Promise<KeyOutcome> => {
      const { key } = run;
      try {
        return { key, result: await takeSnapshots(this.#runOf(run, clock, limits)) };
      } catch (error) {
        return { key, error };
      }
    });
    return answerOf(await Promise.all(outcomes));
  }

  #runOf({ key, request }: KeyRun, clock: Clock, limits: Limits): Run {
    const api = this.apis.get(key) as FleetApi;
    const limit = this.#settings.keys.get(key)?.limit ?? 0;
    const names = [...this.apis.keys()].flatMap((name) => name ?? []);
    const settings: RunSettings = {
      ...{ key, keys: names.length === 0 ? undefined : names },
      ...{
        accounts: "all",
        accountsAtOnce: Math.min(320, 2 * limit),
        schedule: { expression: "cron(0 * * * ? *)", timezone: "UTC" },
      },
      latenessLimitMs: (this.#settings.latenessMinutes ?? 60) * 60_000,
      noticeRules: { movedPercent: 50, explained: [] },
    };
    const dependencies = {
      ...{ clock, telemetry: countingTelemetry(this.#telemetry), store: this.table.store(clock) },
      source: api.source(clock, new RateLimiter(limit, LIMIT_WINDOW_MS, clock)),
    };
    return { dependencies, settings, request, ...limits };
  }
}

/** Returns the key of an invocation; `undefined`: it has no name, or the invocation is for all. */
export function keyOf(step: RunStep): string | undefined {
  return step.name === "take" ? step.key : undefined;
}

type Limits = ReturnType<typeof startLimits>;

function startLimits(clock: Clock, ended: AbortSignal) {
  const signalAt = (beforeSeconds: number) => {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const error = new DeadlineError("deadline_exceeded", "The run is out of time.");
    const ms = (FUNCTION_TIMEOUT_SECONDS - beforeSeconds) * 1000;
    clock.sleep(ms, ended).then(
      () => controller.abort(error),
      () => {},
    );
    return controller.signal;
  };
  const { lastStart, deadline, end } = LIMITS_SECONDS;
  return { lastStart: signalAt(lastStart), deadline: signalAt(deadline), end: signalAt(end) };
}

/** Returns a clock on which nothing ever happens after the invocation has ended, as in a process that was killed. */
function mortal(clock: Clock, ended: AbortSignal): Clock {
  const never = new Promise<never>(() => {});
  return {
    ...clock,
    sleep: async (ms, signal) => {
      try {
        await clock.sleep(ms, signal);
      } finally {
        if (ended.aborted) await never;
      }
    },
  };
}

/** Returns an error as Lambda reports it to Step Functions. */
function errorOf(thrown: unknown): StatesError {
  const { name, message } = toJobError(thrown);
  return new StatesError(name, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
}
