import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import type { ApiKey } from "../domain/api-key.ts";
import type { Clock } from "../domain/ports.ts";

/** The API takes tokens of 120 seconds at most. */
const LIFETIME_S = 120;
/** Tokens are handed out for half their life: the rest is for the way there and for a clock that is a little off. */
const HANDED_OUT_MS = 60_000;

/**
 * Signs the API's tokens. The query string is not part of what is signed, so one token serves every page of an
 * account; it is signed once and kept for a minute.
 * Source: https://docs.cdp.coinbase.com/api-reference/v2/authentication
 */
export class Signer {
  readonly #clock: Clock;
  readonly #kept = new Map<string, { key: ApiKey; until: number; token: Promise<string> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A token for requests of `method` to `url`, whatever its query string. */
  token(key: ApiKey, method: string, url: URL): Promise<string> {
    const target = `${method} ${url.host}${url.pathname}`;
    const now = this.#clock.monotonic();
    const kept = this.#kept.get(target);
    if (kept?.key === key && now < kept.until) return kept.token;
    this.#forgetExpired(now);
    const token = this.#sign(key, target);
    this.#kept.delete(target);
    this.#kept.set(target, { key, until: now + HANDED_OUT_MS, token });
    return token;
  }

  /** The map is in order of insertion, which is the order in which tokens expire. */
  #forgetExpired(now: number): void {
    for (const [target, { until }] of this.#kept) {
      if (until > now) return;
      this.#kept.delete(target);
    }
  }

  #sign(key: ApiKey, target: string): Promise<string> {
    const issuedAt = Math.floor(this.#clock.now() / 1000);
    return new SignJWT({ uris: [target] })
      .setProtectedHeader({
        alg: key.algorithm,
        kid: key.id,
        typ: "JWT",
        nonce: randomBytes(16).toString("hex"),
      })
      .setIssuer("cdp")
      .setSubject(key.id)
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_S)
      .sign(key.privateKey);
  }
}
