import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import type { ApiKey } from "../domain/api-key.ts";
import { elapsedSince, momentOf } from "../domain/elapsed.ts";
import type { Clock, Moment } from "../domain/ports.ts";

/** The longest lifetime that the API accepts. */
const LIFETIME_S = 120;
/** A token is reused for half of its lifetime: the rest covers latency and small differences between clocks. */
const REUSE_MS = 60_000;
/** More than accounts and assets in progress. Most of the others are too old. */
const MAX_TOKENS = 1_000;

/**
 * Signs the API's tokens. The query string is not signed, so one token is valid for every page of an account: it is signed
 * once and reused for a minute.
 * Source: https://docs.cdp.coinbase.com/api-reference/v2/authentication
 */
export class Signer {
  readonly #clock: Clock;
  /** By target. There are as many as accounts, and assets that were requested singly: forgotten when there are too many. */
  readonly #tokens = new Map<string, { key: ApiKey; signed: Moment; token: Promise<string> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Returns a token for GET requests to a URL, regardless of its query string.
   * @param isFresh sign a new one, because the API refused the last one
   */
  token(key: ApiKey, url: URL, isFresh = false): Promise<string> {
    const target = `GET ${url.host}${url.pathname}`;
    const cached = this.#tokens.get(target);
    const isReusable = cached?.key === key && elapsedSince(cached.signed, this.#clock) < REUSE_MS;
    if (isReusable && !isFresh) return cached.token;
    if (this.#tokens.size >= MAX_TOKENS) this.#tokens.clear();
    const token = this.#sign(key, target);
    this.#tokens.set(target, { key, signed: momentOf(this.#clock), token });
    return token;
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
