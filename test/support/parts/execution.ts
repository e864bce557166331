import { setMaxListeners } from "node:events";
import { ApiError, DeadlineError, LIST_TOO_LARGE, toJobError, WalkError } from "../../../core/domain/errors.ts";
import type { BalanceSource, Clock, RunFigures } from "../../../core/domain/ports.ts";
import { type RunResult, runFailedError } from "../../../core/domain/run-result.ts";
import type { FinishStep, RunStep, TakeStep } from "../../../core/domain/run-step.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { LARGEST_ACCOUNT, SMALL_ACCOUNT } from "../../../core/domain/walk-limits.ts";
import { inOrder } from "../../../core/snapshot/account-order.ts";
import { countingTelemetry } from "../../../core/snapshot/counting-telemetry.ts";
import type { Run, RunRequest } from "../../../core/snapshot/run.ts";
import { takePart } from "../../../core/snapshot/take-part.ts";
import { takeSnapshots } from "../../../core/snapshot/take-snapshots.ts";
import { parseStep } from "../../../lambda/snapshot/step.ts";
import { MemoryTable } from "../fleet/memory-table.ts";

// What the state machine does for one key, without its pauses. Things happen after a number of operations of the API or the table.

export const SLOT = "2026-11-23T10:00:00.000Z";
const HOUR_MS = 3_600_000;
const ATTEMPTS = 3;

/** What happens in an invocation. `soft`: it begins no further account; `deadline`: its time is over; `end`: it has to end. */
export interface Incident {
  readonly what: "kill" | "soft" | "deadline" | "end";
  /** The number of operations of the API and the table before it. */
  readonly at: number;
}

export interface PartsSettings {
  /** Those of the run. */
  readonly accounts: readonly string[];
  /** Default: those that the API lists, which are those of the run. */
  readonly configured?: readonly string[];
  /** How often reading an account fails before it succeeds. */
  readonly failures?: ReadonlyMap<string, number>;
  readonly large?: ReadonlySet<string>;
  /** How many operations reading the first pages of an account takes. Default: 1. */
  readonly slow?: ReadonlyMap<string, number>;
  /** An account that kills every process that reads it. */
  readonly fatal?: string;
  /** Default: `SLOT`. */
  readonly slot?: string;
  readonly accountsAtOnce?: number;
  readonly request?: Partial<RunRequest>;
  /** Of the first invocations, in their order. The others have none. */
  readonly incidents?: readonly (Incident | undefined)[];
}

/** An invocation of the last step that ended. */
export interface Finish {
  readonly result: RunResult;
  readonly figures: RunFigures;
  /** The number of accounts without a snapshot when it ended. */
  readonly missing: number;
  readonly incident: Incident["what"] | undefined;
  /** The age of the oldest snapshot when it ended, in milliseconds. */
  readonly oldestMs: number;
}

class Killed extends Error {
  override readonly name = "Killed";
}

/** A run of one key, and what became of it. */
export class PartsExecution {
  readonly table = new MemoryTable();
  readonly settings: PartsSettings;
  /** The answer to each step. */
  readonly taken: TakeStep[] = [];
  readonly finishes: Finish[] = [];
  /** What each attempt at a part threw. */
  readonly errors: string[] = [];
  /** The accounts that were read, in the order of the requests. */
  readonly read: string[] = [];
  /** The accounts whose results were logged. */
  readonly logged: string[] = [];
  /** The accounts whose slots were read. */
  readonly looked: string[] = [];
  partsReported = 0;
  /** What the last attempt of the last step threw; `undefined`: it succeeded. */
  error: unknown;
  #now: number;
  #last: FinishStep | undefined;
  readonly #failures: Map<string, number>;
  readonly #incidents: (Incident | undefined)[];

  constructor(settings: PartsSettings) {
    this.settings = settings;
    this.#now = Date.parse(settings.slot ?? SLOT) + 5_000;
    this.#failures = new Map(settings.failures);
    this.#incidents = [...(settings.incidents ?? [])];
  }

  async run(): Promise<void> {
    const startedAt = slotAt(this.#now);
    let step: TakeStep = { name: "take", startedAt };
    do {
      try {
        step = await attempt(
          () => this.#invoke(step, (run) => takePart(run, step)),
          (thrown) => this.errors.push((thrown as Error).message),
        );
        this.taken.push(step);
      } catch (thrown) {
        const { name, message } = thrown instanceof Killed ? thrown : toJobError(thrown);
        step = { ...step, error: { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: message }) } };
      }
    } while (step.after !== undefined && step.error === undefined);
    this.#last = { name: "finish", startedAt, taken: [step] };
    await this.redrive();
  }

  /** Takes the last step again, as a person does. */
  async redrive(): Promise<void> {
    this.error = undefined;
    try {
      await attempt(() => this.#finish(this.#last as FinishStep));
    } catch (thrown) {
      this.error = thrown;
    }
  }

  /** Ends all failures and incidents. */
  repair(): void {
    this.#failures.clear();
    this.#incidents.length = 0;
  }

  /** The accounts in the order of the run. */
  get order(): string[] {
    const all = this.settings.accounts.map((accountId) => ({ accountId }));
    return inOrder(all, this.taken[0]?.first).map(({ accountId }) => accountId);
  }

  get wasLastKilled(): boolean {
    return this.error instanceof Killed;
  }

  #finish(step: FinishStep): Promise<void> {
    const incident = this.#incidents[0]?.what;
    const [taken] = step.taken;
    let figures: RunFigures | undefined;
    const onEnd = (given: RunFigures) => {
      figures = given;
    };
    const work = async (run: Run) => {
      const result = await takeSnapshots({ ...run, request: { ...run.request, ...(taken && { taken }) } });
      const { accounts, slot = SLOT } = this.settings;
      const captured = accounts.flatMap((id) => this.table.snapshotOf(id, slot)?.capturedAt ?? []);
      this.finishes.push({
        ...{ result, figures: figures as RunFigures, incident, missing: accounts.length - captured.length },
        oldestMs: Math.max(...captured.map((at) => this.#now - Date.parse(at))),
      });
      if (result.accounts.failed > 0) throw runFailedError(result);
    };
    return this.#invoke(step, work, onEnd);
  }

  /** Runs an invocation until it ends or is killed. */
  async #invoke<T>(
    step: RunStep,
    work: (run: Run) => Promise<T>,
    onEnd: (figures: RunFigures) => void = () => {},
  ): Promise<T> {
    const { problems } = parseStep(JSON.parse(JSON.stringify(step)), this.#now);
    if (problems.length > 0) throw new TypeError(problems.join("\n"));
    const limits = { lastStart: new AbortController(), deadline: new AbortController(), end: new AbortController() };
    const { lastStart, deadline, end } = limits;
    setMaxListeners(0, lastStart.signal, deadline.signal, end.signal);
    let isDead = false;
    let kill = () => {};
    const killed = new Promise<never>((_, reject) => {
      kill = () => reject(new Killed("Runtime exited"));
    });
    const happen = (what: Incident["what"]) => {
      if (what === "kill") {
        isDead = true;
        return kill();
      }
      const outOfTime = new DeadlineError("deadline_exceeded", "The run is out of time.");
      lastStart.abort(outOfTime);
      if (what !== "soft") deadline.abort(outOfTime);
      if (what === "end") end.abort();
    };
    const clock = this.#clock(this.#incidents.shift(), happen, () => isDead);
    const { slot = SLOT, request, configured = "all", accountsAtOnce = 2 } = this.settings;
    const run: Run = {
      dependencies: {
        ...{ clock, source: this.#source(clock, () => happen("kill")), store: this.#store(clock) },
        telemetry: countingTelemetry({
          accountEnded: (_, { accountId }) => void this.logged.push(accountId),
          runEnded: (_, figures) => onEnd(figures),
          partEnded: () => void this.partsReported++,
          warning: () => {},
        }),
      },
      settings: {
        ...{ accounts: configured, accountsAtOnce, latenessLimitMs: HOUR_MS, schedule: undefined },
        noticeRules: { movedPercent: 100, explained: [] },
      },
      request: { slot, trigger: "schedule", dryRun: false, accounts: "all", ...request },
      ...(step.name === "take" && { lastStart: lastStart.signal }),
      ...{ deadline: deadline.signal, end: end.signal },
    };
    try {
      return await Promise.race([work(run), killed]);
    } finally {
      // Lambda freezes the process.
      isDead = true;
    }
  }

  /** Returns the clock of an invocation, on which nothing happens after its end. Every operation sleeps. */
  #clock(incident: Incident | undefined, happen: (what: Incident["what"]) => void, isDead: () => boolean): Clock {
    let operations = 0;
    return {
      now: () => this.#now,
      monotonic: () => this.#now,
      sleep: async () => {
        // As a response or a timer, it interrupts no work between two operations.
        await new Promise(setImmediate);
        if (incident !== undefined && operations++ === incident.at) happen(incident.what);
        if (isDead()) await new Promise<never>(() => {});
        this.#now++;
      },
    };
  }

  #store(clock: Clock) {
    const store = this.table.store(clock);
    return {
      ...store,
      readSlot: (...args: Parameters<typeof store.readSlot>) => {
        this.looked.push(args[0]);
        return store.readSlot(...args);
      },
    };
  }

  #source(clock: Clock, kill: () => void): BalanceSource {
    const { accounts, large, fatal, slow } = this.settings;
    return {
      checkKey: () => clock.sleep(1),
      listAccounts: async () => {
        await clock.sleep(1);
        // The API does not list them in the order of their ids.
        return accounts.map((accountId) => ({ accountId })).reverse();
      },
      account: async () => undefined,
      describe: async function* () {},
      balance: async () => "absent",
      pass: async (accountId, signal, limits) => {
        const sent = { at: clock.now(), monotonicMs: clock.monotonic() };
        if (accountId === fatal) kill();
        for (let left = limits === SMALL_ACCOUNT ? (slow?.get(accountId) ?? 1) : 1; left > 0; left--)
          await clock.sleep(1);
        signal.throwIfAborted();
        if (limits !== LARGEST_ACCOUNT && large?.has(accountId))
          throw new WalkError(LIST_TOO_LARGE, "It is too large.");
        const failures = this.#failures.get(accountId) ?? 0;
        this.#failures.set(accountId, failures - 1);
        if (failures > 0) throw new ApiError("api_internal_server_error", 500, "The API failed.");
        this.read.push(accountId);
        const asset = { symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8 };
        const amounts = new Map([["btc", { available: "1", total: "1" }]]);
        return { sent, lastSent: sent, balances: [{ asset, amounts }], pages: 1 };
      },
    };
  }
}

async function attempt<T>(action: () => Promise<T>, onError: (thrown: unknown) => void = () => {}): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (thrown) {
      onError(thrown);
      if (attempt === ATTEMPTS) throw thrown;
    }
  }
}

/** Returns ids in ascending order. */
export const accountIds = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `account_af2937b0-9846-4fe7-bfe9-${String(i).padStart(12, "0")}`);
