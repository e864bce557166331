import { AsyncLocalStorage } from "node:async_hooks";

// What in a run waits by the machine's own timers, and draws by its own dice. Here neither is left to the machine:
//
// - The AWS SDK and the client of the API end a call that hangs after some seconds. Within `hurried` these timers run so
//   many times as fast.
// - A run's deadline comes after minutes. Within `withDeadline` it comes when it is told to.
// - Pauses are drawn at random. The draw is always the middle; within `withoutPauses` always the least.

const factor = new AsyncLocalStorage<number>();
const deadline = new AsyncLocalStorage<Deadline>();
const draw = new AsyncLocalStorage<number>();

/** No other timer of a run is as long. */
const DEADLINE_MS = 60_000;

/** The deadlines that are to come. */
export class Deadline {
  readonly #coming: (() => void)[] = [];

  add(come: () => void): void {
    this.#coming.push(come);
  }

  come(): void {
    for (const come of this.#coming.splice(0)) come();
  }
}

/** Runs something whose timers, and those of all that it starts, run `times` as fast. */
export function hurried<T>(times: number, run: () => Promise<T>): Promise<T> {
  return factor.run(times, run);
}

export function withDeadline<T>(of: Deadline, run: () => Promise<T>): Promise<T> {
  return deadline.run(of, run);
}

export function withoutPauses<T>(run: () => Promise<T>): Promise<T> {
  return draw.run(0, run);
}

const { setTimeout } = globalThis;
globalThis.setTimeout = Object.assign((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
  const held = ms > DEADLINE_MS ? deadline.getStore() : undefined;
  if (held === undefined) return setTimeout(run, ms / (factor.getStore() ?? 1), ...args);
  held.add(() => run(...args));
  return setTimeout(() => {}, 0);
}, setTimeout) as typeof setTimeout;

const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => timeout(Math.round(ms / (factor.getStore() ?? 1)));

Math.random = () => draw.getStore() ?? 0.5;
