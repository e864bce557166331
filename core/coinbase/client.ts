import { types } from "node:util";
import type { ApiKey, KeySource } from "../domain/api-key.ts";
import { ApiError, DeadlineError } from "../domain/errors.ts";
import type { Clock } from "../domain/ports.ts";
import { type Answer, readAnswer } from "./answer.ts";
import type { RateLimiter } from "./limiter.ts";
import { retryAfterMs, retryDelayMs } from "./retry.ts";
import type { Decoder } from "./schema.ts";
import type { Signer } from "./signer.ts";
import { apiSuggestedFix } from "./suggested-fixes.ts";

/** What the client works with. */
export interface ClientDependencies {
  readonly clock: Clock;
  readonly keys: KeySource;
  readonly signer: Signer;
  readonly limiter: RateLimiter;
  /** From 0 to 1; `Math.random` by default. */
  readonly random?: () => number;
  /** Told of every failed attempt, whether it is tried again or not. */
  readonly onFailure?: (error: ApiError) => void;
}

export interface ClientSettings {
  /** Without `/v2`. */
  readonly baseUrl: string;
  /** Time limit of one attempt, from the request's start to the body's end. */
  readonly requestTimeoutMs: number;
  /** Attempts at one request, the first included. */
  readonly maxAttempts: number;
}

/** A page of 1,000 balances is about 250 KB. What is larger than this is no answer of the API's. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Reads from the API: signed, limited, timed, tried again. Never writes anything there. */
export class CdpClient {
  readonly #parts: ClientDependencies;
  readonly #settings: ClientSettings;

  constructor(parts: ClientDependencies, settings: ClientSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /**
   * @param path below the base URL, `/v2/accounts`
   * @throws ApiError when there is no use in another attempt; KeyError; DeadlineError
   */
  async get<T>(path: string, query: Record<string, string>, decode: Decoder<T>, deadline: AbortSignal): Promise<T> {
    const { clock, keys, limiter, random = Math.random, onFailure } = this.#parts;
    const url = new URL(this.#settings.baseUrl + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    let pause: number | undefined = 0;
    let renewed = false;
    let last: ApiError | undefined;
    for (let attempt = 1; ; attempt++) {
      let key: ApiKey | undefined;
      let answer: Answer | undefined;
      try {
        await clock.sleep(pause, deadline);
        const signedWith = await keys.current();
        key = signedWith;
        answer = await limiter.run(() => this.#ask(signedWith, url, deadline), deadline);
        return readAnswer(answer, decode, `GET ${url.pathname}`);
      } catch (thrown) {
        if (thrown instanceof DeadlineError && last !== undefined) throw triedUntil(thrown, last);
        if (!(thrown instanceof ApiError)) throw thrown;
        last = thrown;
        onFailure?.(thrown);
        const asked = retryAfterMs(answer?.headers.get("retry-after") ?? null, clock.now());
        pause = retryDelayMs(thrown, attempt, this.#settings.maxAttempts, asked, random);
        if (key !== undefined && answer?.status === 401 && !renewed) {
          renewed = true;
          if ((await keys.afterRefusal(key)) !== undefined) pause = 0;
        }
        if (pause === undefined) throw thrown;
      }
    }
  }

  async #ask(key: ApiKey, url: URL, deadline: AbortSignal): Promise<Answer> {
    const token = await this.#parts.signer.token(key, "GET", url);
    const timeout = AbortSignal.timeout(this.#settings.requestTimeoutMs);
    try {
      const response = await fetch(url, {
        headers: {
          authorization: `Bearer ${token}`,
          accept: "application/json",
          "user-agent": "cdp-balance-snapshots",
        },
        redirect: "manual",
        signal: AbortSignal.any([deadline, timeout]),
      });
      const { status, headers } = response;
      return {
        status,
        headers,
        body: await readBody(response, url),
        receivedAt: this.#parts.clock.now(),
      };
    } catch (thrown) {
      deadline.throwIfAborted();
      if (thrown instanceof ApiError) throw thrown;
      throw timeout.aborted
        ? noAnswer("api_timeout", `GET ${url.pathname}: no answer within ${this.#settings.requestTimeoutMs} ms.`)
        : noAnswer("api_unreachable", `GET ${url.origin}${url.pathname}: ${reasonOf(thrown)}.`);
    }
  }
}

function noAnswer(code: string, what: string): ApiError {
  return new ApiError(code, 0, what, { suggestedFix: apiSuggestedFix(code, 0) });
}

async function readBody(response: Response, url: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      const code = "api_body_too_large";
      const message = `GET ${url.pathname}: the response is larger than ${MAX_BODY_BYTES} bytes.`;
      throw new ApiError(code, response.status, message, { suggestedFix: apiSuggestedFix(code, response.status) });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `fetch` tells no more than "fetch failed"; what failed (DNS, TLS, a reset) is in the cause. */
function reasonOf(thrown: unknown): string {
  if (!types.isNativeError(thrown)) return "the request failed";
  const cause = types.isNativeError(thrown.cause) ? thrown.cause : thrown;
  const code = "code" in cause && typeof cause.code === "string" ? `${cause.code}: ` : "";
  // OpenSSL's own messages begin with the address of a thread.
  const reason = "reason" in cause && typeof cause.reason === "string" ? cause.reason : cause.message;
  return `${code}${reason || thrown.message}`;
}

/** The deadline came between or in further attempts: what made them necessary explains the gap. */
function triedUntil(deadline: DeadlineError, last: ApiError): DeadlineError {
  return new DeadlineError(
    deadline.code,
    `${deadline.message} The last failure before that: ${last.code}: ${last.message}`,
    { suggestedFix: last.suggestedFix, correlationId: last.correlationId },
  );
}
