import { setImmediate } from "node:timers/promises";

/** Turns of the event loop after which no callback of the code under test is left to run. */
const TURNS = 3;

/** A timer of the code under test, with the methods of Node's. */
export interface Timer {
  ref(): Timer;
  unref(): Timer;
  hasRef(): boolean;
  refresh(): Timer;
  [Symbol.toPrimitive](): number;
}

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * Simulated time. It stands still while anything happens, and then jumps to the next timer. So a run takes no real time, and a
 * seed replays: what happens at an instant does not depend on the speed of the machine.
 */
export class SimulatedTime {
  /** The true time, in milliseconds since 1970. */
  now: number;
  #order = 0;
  #pending: Pending[] = [];
  /** Real operations in progress, such as a request over a socket. Time waits for them. */
  #busy = 0;
  #onIdle: () => void = () => {};

  constructor(start: number) {
    this.now = start;
  }

  /** Runs something to its end, and advances time whenever it waits for a timer. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    let isDone = false;
    const ended = work().finally(() => {
      isDone = true;
    });
    ended.catch(() => {});
    for (;;) {
      await this.#settle();
      if (isDone) return ended;
      const next = this.#pending.shift();
      if (next === undefined) throw new Error("The simulation waits for nothing: an operation is not counted as busy.");
      this.now = Math.max(this.now, next.at);
      next.fire();
    }
  }

  /** Advances to an instant, unless it has passed. Timers of earlier instants fire late, as in a process that was frozen. */
  advanceTo(at: number): void {
    this.now = Math.max(this.now, at);
  }

  /** Waits for a real operation, during which time stands still. */
  async during<T>(operation: Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await operation;
    } finally {
      this.#end();
    }
  }

  /** Waits in simulated time, also from within a real operation. */
  async pause(ms: number): Promise<void> {
    const paused = new Promise<void>((resolve) => {
      this.setTimeout(() => {
        this.#busy++;
        resolve();
      }, ms);
    });
    this.#end();
    await paused;
  }

  /** @throws the signal's reason as soon as it is aborted */
  sleep(ms: number, signal?: AbortSignal | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = this.setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, ms);
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort, { once: true });
    });
  }

  readonly setTimeout = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): Timer => {
    const id = ++this.#order;
    const at = this.now + Math.max(1, Math.ceil(ms));
    const index = this.#pending.findIndex((other) => other.at > at);
    const entry = { at, order: id, fire: () => run(...args) };
    this.#pending.splice(index === -1 ? this.#pending.length : index, 0, entry);
    const timer: Timer = {
      ref: () => timer,
      unref: () => timer,
      hasRef: () => true,
      refresh: () => timer,
      [Symbol.toPrimitive]: () => id,
    };
    return timer;
  };

  readonly clearTimeout = (timer: Timer | number | undefined): void => {
    if (timer === undefined || timer === null) return;
    const index = this.#pending.findIndex(({ order }) => order === Number(timer));
    if (index !== -1) this.#pending.splice(index, 1);
  };

  #end(): void {
    this.#busy--;
    if (this.#busy === 0) this.#onIdle();
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      if (this.#busy > 0) {
        await new Promise<void>((resolve) => {
          this.#onIdle = resolve;
        });
        turn = 0;
      }
      await setImmediate();
    }
  }
}
