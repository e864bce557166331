import type { ApiKey, KeySource } from "../domain/api-key.ts";
import type { Clock } from "../domain/ports.ts";
import { parseApiKey } from "./api-key.ts";

/** A key is kept across warm invocations for so long. */
const CACHE_MAX_AGE_MS = 5 * 60_000;
/** A failure, or a key that the API refused, for so long only: a run has thousands of callers, and then one mends it. */
const FAILURE_MAX_AGE_MS = 10_000;

/** The API key, read from a secret when it is needed and kept for a while. */
export class KeyCache implements KeySource {
  readonly #readSecret: () => Promise<string>;
  readonly #clock: Clock;
  #entry: { readonly key: Promise<ApiKey>; until: number } | undefined;
  #parsed: { readonly text: string; readonly key: ApiKey } | undefined;
  #refused: ApiKey | undefined;

  /** @param readSecret the secret's text */
  constructor(readSecret: () => Promise<string>, clock: Clock) {
    this.#readSecret = readSecret;
    this.#clock = clock;
  }

  current(): Promise<ApiKey> {
    if (this.#entry === undefined || this.#clock.monotonic() >= this.#entry.until) this.#entry = this.#fetch();
    return this.#entry.key;
  }

  /** However many callers were refused with a key, the secret is asked once. */
  async afterRefusal(refused: ApiKey): Promise<ApiKey | undefined> {
    if (this.#refused !== refused) {
      this.#refused = refused;
      this.#entry = this.#fetch();
    }
    const key = await this.current();
    return key === refused ? undefined : key;
  }

  #fetch(): { readonly key: Promise<ApiKey>; until: number } {
    const entry = {
      key: this.#readSecret().then((text) => this.#parse(text)),
      until: this.#clock.monotonic() + CACHE_MAX_AGE_MS,
    };
    const trouble = () => {
      entry.until = this.#clock.monotonic() + FAILURE_MAX_AGE_MS;
    };
    entry.key.then((key) => key === this.#refused && trouble(), trouble);
    return entry;
  }

  /** The same text is the same key, the same object, so that a key can be told from its successor. */
  #parse(text: string): ApiKey {
    if (this.#parsed?.text !== text) this.#parsed = { text, key: parseApiKey(text) };
    return this.#parsed.key;
  }
}
