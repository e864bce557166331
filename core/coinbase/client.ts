import type { ApiKey, KeySource } from "../domain/api-key.ts";
import { momentOf } from "../domain/elapsed.ts";
import { ApiError, DeadlineError } from "../domain/errors.ts";
import type { Clock, Moment } from "../domain/ports.ts";
import type { Decoder } from "./decode.ts";
import { BodyTooLargeError, connectionProblem, httpGet, TimeLimitError } from "./http-get.ts";
import type { RateLimiter } from "./limiter.ts";
import { unusedProxyFix } from "./proxy.ts";
import { type ApiResponse, readResponse } from "./response.ts";
import { retryAfterMs, retryDelayMs } from "./retry.ts";
import type { Signer } from "./signer.ts";
import { apiSuggestedFix, type SettingNames } from "./suggested-fixes.ts";

export interface ClientDependencies {
  readonly clock: Clock;
  readonly keys: KeySource;
  readonly signer: Signer;
  readonly limiter: RateLimiter;
  /** Returns a number from 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** Called for every failed attempt, whether it is retried or not. */
  readonly onFailure?: (error: ApiError) => void;
  /** Called for every response, before it is decoded. */
  readonly onResponse?: (response: ApiResponse) => void;
}

/** A response, and when the attempt that returned it was sent. */
export interface Answer<T> {
  readonly value: T;
  readonly sent: Moment;
  /** The length of the body. */
  readonly bytes: number;
}

export interface ClientSettings {
  /** Without `/v2`. */
  readonly baseUrl: string;
  /** Time limit of one attempt, from the start of the request to the end of the body. */
  readonly requestTimeoutMs: number;
  /** Attempts at one request, including the first. */
  readonly maxAttempts: number;
  /** How suggested fixes name settings. Default: those of the function. */
  readonly settingNames?: SettingNames | undefined;
}

/** A page of 1,000 balances, the largest that can be configured, has about 250 KB. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Of every request, beside its token. */
export const REQUEST_HEADERS = { accept: "application/json", "user-agent": "cdp-balance-snapshots" };

/** Reads from the API with signatures, a rate limit, time limits and retries. Never writes to it. */
export class CdpClient {
  readonly #dependencies: ClientDependencies;
  readonly #settings: ClientSettings;

  constructor(dependencies: ClientDependencies, settings: ClientSettings) {
    this.#dependencies = dependencies;
    this.#settings = settings;
  }

  /** Reads the key without a request to the API. @throws KeyError */
  async checkKey(): Promise<void> {
    await this.#dependencies.keys.current();
  }

  /**
   * Sends a GET request and returns the decoded response.
   * @param path below the base URL: `/v2/accounts`
   * @throws ApiError after the last attempt; KeyError; DeadlineError
   */
  async get<T>(path: string, query: Record<string, string>, decode: Decoder<T>, deadline: AbortSignal): Promise<T> {
    return (await this.ask(path, query, decode, deadline)).value;
  }

  /**
   * Does the same as `get`, and also returns when the successful attempt was sent.
   * @param maxBytes a larger body is rejected. Default: 1 MiB
   */
  async ask<T>(
    path: string,
    query: Record<string, string>,
    decode: Decoder<T>,
    deadline: AbortSignal,
    maxBytes = MAX_BODY_BYTES,
  ): Promise<Answer<T>> {
    const { clock, keys, limiter, random = Math.random, onFailure, onResponse } = this.#dependencies;
    const url = new URL(this.#settings.baseUrl + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    let delayMs: number | undefined = 0;
    let refusals = 0;
    let lastFailure: ApiError | undefined;
    for (let attempt = 1; ; attempt++) {
      let usedKey: ApiKey | undefined;
      let response: ApiResponse | undefined;
      try {
        await clock.sleep(delayMs, deadline);
        const key = await keys.current();
        usedKey = key;
        const answer = await limiter.run(
          () => this.#send(key, url, { isFresh: refusals === 1, maxBytes }, deadline),
          deadline,
        );
        response = answer.value;
        onResponse?.(response);
        const value = readResponse(response, decode, `GET ${url.pathname}`, this.#settings.settingNames);
        return { ...answer, value };
      } catch (thrown) {
        if (thrown instanceof DeadlineError && lastFailure !== undefined) throw withLastFailure(thrown, lastFailure);
        if (!(thrown instanceof ApiError)) throw thrown;
        lastFailure = thrown;
        onFailure?.(thrown);
        const minDelayMs = retryAfterMs(response?.headers.get("retry-after"), clock.now());
        delayMs = retryDelayMs(thrown, attempt, this.#settings.maxAttempts, minDelayMs, random);
        if (usedKey !== undefined && thrown.status === 401) {
          refusals++;
          // First the token may be at fault: it has expired, or was signed while the clock was wrong. If a new one is refused
          // too, the key may have been rotated.
          if (refusals === 1) delayMs = 0;
          else if (refusals === 2 && (await keys.afterRefusal(usedKey)) !== undefined) delayMs = 0;
        }
        if (delayMs === undefined) throw thrown;
      }
    }
  }

  async #send(
    key: ApiKey,
    url: URL,
    { isFresh, maxBytes }: { readonly isFresh: boolean; readonly maxBytes: number },
    deadline: AbortSignal,
  ): Promise<Answer<ApiResponse>> {
    const { clock, signer } = this.#dependencies;
    const { requestTimeoutMs, settingNames } = this.#settings;
    const token = await signer.token(key, url, isFresh);
    const sent = momentOf(clock);
    const headers = { ...REQUEST_HEADERS, authorization: `Bearer ${token}` };
    try {
      const response = await httpGet(url, { headers, timeoutMs: requestTimeoutMs, maxBytes, deadline });
      return { value: { ...response, receivedAt: clock.now() }, sent, bytes: response.body.length };
    } catch (thrown) {
      deadline.throwIfAborted();
      if (thrown instanceof BodyTooLargeError) {
        const code = "api_body_too_large";
        const message = `GET ${url.pathname}: the response is larger than ${maxBytes} bytes.`;
        throw new ApiError(code, thrown.status, message, { suggestedFix: apiSuggestedFix(code, thrown.status) });
      }
      const [code, message] =
        thrown instanceof TimeLimitError
          ? ["api_timeout", `GET ${url.pathname}: no response within ${requestTimeoutMs} ms.`]
          : ["api_unreachable", `GET ${url.origin}${url.pathname}: ${reasonOf(thrown)}.`];
      const fixes = [unusedProxyFix(url), apiSuggestedFix(code, 0, settingNames)];
      const suggestedFix = fixes.filter((fix) => fix !== undefined).join(" ");
      throw new ApiError(code, 0, message, { suggestedFix });
    }
  }
}

function reasonOf(thrown: unknown): string {
  const { code, reason } = connectionProblem(thrown);
  return code === "" ? reason : `${code}: ${reason}`;
}

/** Adds to a DeadlineError why the request was retried, which explains the gap. */
function withLastFailure(deadline: DeadlineError, lastFailure: ApiError): DeadlineError {
  const message = `${deadline.message} The last failure before that: ${lastFailure.code}: ${lastFailure.message}`;
  const { suggestedFix = deadline.suggestedFix, correlationId } = lastFailure;
  return new DeadlineError(deadline.code, message, { suggestedFix, correlationId });
}
