import type { Clock } from "../domain/ports.ts";

/**
 * Keeps to "so many requests in any rolling window" without wasting the allowance: a permit comes back one window
 * after its request has *ended*. The server counted the request before it answered, so the request that takes the
 * permit next arrives there more than a window later, whatever the latency does. (By the time of sending, a quicker
 * request could catch up and be refused; a token bucket or even pacing wastes a good part of the allowance.)
 */
export class RateLimiter {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  #running = 0;
  /** When permits of ended requests come back, by the monotonic clock; in order, for requests end in order of time. */
  readonly #returns: number[] = [];
  /** Waiters go one after the other, first come, first served. */
  #queue: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => {};

  /**
   * @param limit requests in any `windowMs`
   * @param windowMs milliseconds
   */
  constructor(limit: number, windowMs: number, clock: Clock) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  /** Runs `request` as soon as the limit allows it. @throws the signal's reason if it is aborted when its turn comes */
  async run<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#queue.then(() => this.#acquire(signal));
    this.#queue = turn.catch(() => {});
    await turn;
    try {
      return await request();
    } finally {
      this.#running--;
      this.#returns.push(this.#clock.monotonic() + this.#windowMs);
      this.#wake();
    }
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const now = this.#clock.monotonic();
      while (this.#returns[0] !== undefined && this.#returns[0] <= now) this.#returns.shift();
      if (this.#running + this.#returns.length < this.#limit) break;
      const next = this.#returns[0];
      await (next === undefined ? this.#oneEnded() : this.#clock.sleep(next - now, signal));
    }
    this.#running++;
  }

  /** All permits are with running requests: resolves when the first of them has ended, as each does by its time limit. */
  #oneEnded(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
