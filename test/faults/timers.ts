// What in a run waits by the machine's own timers, and draws by its own dice. Here neither is left to the machine. (The
// clock that is handed to the job covers all but these.)

/** How time goes for whatever runs now. */
export interface Pace {
  /** The AWS SDK and the client of the API end a call that hangs after some seconds: here, so many times as fast. */
  readonly speed: number;
  /** Pauses are drawn at random, from 0 to 1. */
  readonly draw: number;
}

export const USUAL_PACE: Pace = { speed: 1, draw: 0.5 };

let pace = USUAL_PACE;
let deadline: Deadline | undefined;

/** For all that runs from now on. */
export function setPace(now: Pace): void {
  pace = now;
}

/** The deadlines that are to come: they come when they are told to. */
export class Deadline {
  readonly #coming: (() => void)[] = [];

  /** Begins a run, whose deadline is the first timer that it sets, before it waits for anything. */
  begin<T>(run: () => Promise<T>): Promise<T> {
    deadline = this;
    try {
      return run();
    } finally {
      deadline = undefined;
    }
  }

  add(come: () => void): void {
    this.#coming.push(come);
  }

  come(): void {
    for (const come of this.#coming.splice(0)) come();
  }
}

const { setTimeout } = globalThis;
globalThis.setTimeout = Object.assign((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
  if (deadline === undefined) return setTimeout(run, ms / pace.speed, ...args);
  deadline.add(() => run(...args));
  return setTimeout(() => {}, 0);
}, setTimeout) as typeof setTimeout;

const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => timeout(Math.round(ms / pace.speed));

Math.random = () => pace.draw;
