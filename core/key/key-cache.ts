import type { ApiKey, KeySource } from "../domain/api-key.ts";
import { elapsedSince, momentOf } from "../domain/elapsed.ts";
import type { Clock, Moment } from "../domain/ports.ts";
import { type KeyOrigin, parseApiKey } from "./api-key.ts";

/** How long a key is reused, across warm invocations. */
const CACHE_MAX_AGE_MS = 5 * 60_000;
/** How long a failure or a rejected key is reused: short, so that a fixed key is picked up quickly. */
const FAILURE_MAX_AGE_MS = 10_000;

interface Entry {
  readonly key: Promise<ApiKey>;
  since: Moment;
  maxAgeMs: number;
}

/** Reads the API key from a secret when it is needed, and caches it. */
export class KeyCache implements KeySource {
  readonly #readSecret: () => Promise<string>;
  readonly #origin: KeyOrigin | undefined;
  readonly #clock: Clock;
  #entry: Entry | undefined;
  #parsed: { readonly text: string; readonly key: ApiKey } | undefined;
  #refused: ApiKey | undefined;

  /**
   * @param readSecret returns the secret's text
   * @param origin how errors name the secret; default: not at all
   */
  constructor(readSecret: () => Promise<string>, clock: Clock, origin?: KeyOrigin) {
    this.#readSecret = readSecret;
    this.#origin = origin;
    this.#clock = clock;
  }

  current(): Promise<ApiKey> {
    const entry = this.#entry;
    const isFresh = entry !== undefined && elapsedSince(entry.since, this.#clock) < entry.maxAgeMs;
    return isFresh ? entry.key : this.#fetch();
  }

  /** Reads the secret once, even if many callers were rejected with the same key. */
  async afterRefusal(refused: ApiKey): Promise<ApiKey | undefined> {
    if (this.#refused !== refused) {
      this.#refused = refused;
      this.#entry = undefined;
    }
    const key = await this.current();
    return key === refused ? undefined : key;
  }

  #fetch(): Promise<ApiKey> {
    const key = this.#readSecret().then((text) => this.#parse(text));
    const entry: Entry = { key, since: momentOf(this.#clock), maxAgeMs: CACHE_MAX_AGE_MS };
    this.#entry = entry;
    const shorten = () => {
      entry.since = momentOf(this.#clock);
      entry.maxAgeMs = FAILURE_MAX_AGE_MS;
    };
    key.then((key) => key === this.#refused && shorten(), shorten);
    return key;
  }

  /** Returns the same object for the same text, so that a new key is recognized as new. */
  #parse(text: string): ApiKey {
    if (this.#parsed?.text !== text) this.#parsed = { text, key: parseApiKey(text, this.#origin) };
    return this.#parsed.key;
  }
}
