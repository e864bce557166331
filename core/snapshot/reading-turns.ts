import { Semaphore } from "./semaphore.ts";

/** With usual latencies, they use up the API's limit. More would only need more connections, and finish no account earlier. */
const FIRST_AT_ONCE = 64;
/** From this latency on, more requests at once use up the limit sooner. */
const SLOW_REQUEST_MS = 250;

/** The turns of small accounts while they are read. There are more of them when the API turns out to be slow. */
export class ReadingTurns {
  readonly #turns: Semaphore;
  /** That are not in use yet. */
  #spare: number;
  /** Of the last passes. */
  #fastestMs = Number.POSITIVE_INFINITY;
  #passes = 0;

  /** @param most turns at once */
  constructor(most: number) {
    const first = Math.min(FIRST_AT_ONCE, most);
    this.#turns = new Semaphore(first);
    this.#spare = most - first;
  }

  run<T>(read: () => Promise<T>): Promise<T> {
    return this.#turns.run(read);
  }

  /**
   * Decides by the fastest of the last 64 passes: a busy process makes any other one appear slow.
   * @param requestMs how long the request for the last page of a pass took
   */
  observe(requestMs: number): void {
    this.#fastestMs = Math.min(this.#fastestMs, requestMs);
    this.#passes++;
    if (this.#passes < FIRST_AT_ONCE) return;
    if (this.#fastestMs > SLOW_REQUEST_MS) {
      this.#turns.add(this.#spare);
      this.#spare = 0;
    }
    this.#fastestMs = Number.POSITIVE_INFINITY;
    this.#passes = 0;
  }
}
