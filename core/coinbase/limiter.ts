import type { Clock } from "../domain/ports.ts";

/**
 * Keeps within a limit of requests in any rolling window, and uses it fully. A permit becomes free one window after its
 * request ended. The server counted that request before it responded, so the next request with the same permit reaches the
 * server more than one window later, whatever the latencies are. If windows were counted from the time of sending, a fast
 * request after a slow one could exceed the limit; a token bucket or even pacing would waste part of it.
 */
export class RateLimiter {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  #running = 0;
  /** When the permits of ended requests become free, by the monotonic clock, in ascending order. */
  readonly #freeAt: number[] = [];
  /** Resolves when every caller so far has its permit: first come, first served. */
  #queue: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => {};

  /** @param limit requests in any `windowMs` */
  constructor(limit: number, windowMs: number, clock: Clock) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  /** Runs `request` as soon as the limit allows it. @throws the signal's reason if it is aborted before that */
  async run<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#queue.then(() => this.#acquire(signal));
    this.#queue = turn.catch(() => {});
    await turn;
    try {
      return await request();
    } finally {
      this.#running--;
      this.#freeAt.push(this.#clock.monotonic() + this.#windowMs);
      this.#wake();
    }
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const now = this.#clock.monotonic();
      while (this.#freeAt[0] !== undefined && this.#freeAt[0] <= now) this.#freeAt.shift();
      if (this.#running + this.#freeAt.length < this.#limit) break;
      const next = this.#freeAt[0];
      await (next === undefined ? this.#untilOneEnds() : this.#clock.sleep(next - now, signal));
    }
    this.#running++;
  }

  /** Waits until one of the running requests, which hold all permits, has ended. Each has a time limit. */
  #untilOneEnds(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
