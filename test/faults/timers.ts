// Some code under test uses the machine's timers and random numbers instead of the clock that the job is given: the time
// limits of requests, the AWS SDK's pauses, the jitter of retries. `replaceTimers` makes them fast and reproducible.

import { JOB_CLIENT_OPTIONS } from "../../core/aws/client-options.ts";

export interface TimerSettings {
  /** The real time limit that a fault waits for, in milliseconds. It takes `AWAITED_LIMIT_MS` here. Default: none. */
  readonly awaitedLimitMs: number | undefined;
  /** The AWS SDK's pauses are this many times as short, for faults that use up its attempts. */
  readonly pauseSpeed: number;
  /** What every random number is, from 0 to 1. */
  readonly random: number;
}

const DEFAULTS: TimerSettings = { awaitedLimitMs: undefined, pauseSpeed: 1, random: 0.5 };

const { connectionTimeout, requestTimeout } = JOB_CLIENT_OPTIONS.requestHandler;
/** The time limits of requests to AWS, and to the API: the default of `CDP_REQUEST_TIMEOUT_MS`. */
export const REQUEST_LIMITS_MS = { aws: requestTimeout, api: 10_000 };
/** Those limits, and the one of connections to AWS. */
const TIME_LIMITS_MS = [connectionTimeout, ...Object.values(REQUEST_LIMITS_MS)];
/** Enough for the other requests on a busy machine. */
const AWAITED_LIMIT_MS = 1500;

let settings = DEFAULTS;

/** Time limits that no fault waits for are longer here, so that a busy machine does not exceed them. */
function scaled(ms: number): number {
  const { awaitedLimitMs, pauseSpeed } = settings;
  if (ms === awaitedLimitMs) return AWAITED_LIMIT_MS;
  return TIME_LIMITS_MS.includes(ms) || (pauseSpeed === 1 && ms >= 2000) ? ms * 10 : ms / pauseSpeed;
}

/** Changes all timers that are set from now on. What was changed before has its default again. */
export function changeTimers(changes: Partial<TimerSettings>): void {
  settings = { ...DEFAULTS, ...changes };
}

let deadline: Deadline | undefined;

/** The deadlines of runs. They expire on command, not by the machine's timer. */
export class Deadline {
  readonly #pending: (() => void)[] = [];

  /** Starts a run. Its deadline is the first timer that it sets, which it does synchronously. */
  start<T>(run: () => Promise<T>): Promise<T> {
    deadline = this;
    try {
      return run();
    } finally {
      deadline = undefined;
    }
  }

  add(expire: () => void): void {
    this.#pending.push(expire);
  }

  expire(): void {
    for (const expire of this.#pending.splice(0)) expire();
  }
}

/** Replaces this process's timers and random numbers. Returns a function that restores them. */
export function replaceTimers(): () => void {
  const { setTimeout } = globalThis;
  const { timeout } = AbortSignal;
  const { random } = Math;
  globalThis.setTimeout = Object.assign((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    if (deadline === undefined) return setTimeout(run, scaled(ms), ...args);
    deadline.add(() => run(...args));
    return setTimeout(() => {}, 0);
  }, setTimeout) as typeof setTimeout;
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, Math.round(scaled(ms)));
  Math.random = () => settings.random;
  return () => {
    globalThis.setTimeout = setTimeout;
    AbortSignal.timeout = timeout;
    Math.random = random;
  };
}
