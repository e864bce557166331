import type { ApiError } from "../domain/errors.ts";
import { MAX_RUN_MS } from "../domain/limits.ts";

/** How failed requests are retried. */
interface RetryPolicy {
  /** Attempts, including the first. The configured maximum applies if it is lower. */
  readonly maxAttempts: number;
  /** The delay after the n-th attempt is this, plus a random time of at most `baseDelayMs` × 2^(n-1). */
  readonly minDelayMs: number;
  readonly baseDelayMs: number;
  /** The limit of the random time. */
  readonly maxDelayMs: number;
}

/** For an endpoint that Coinbase has switched off: more requests in a short time do not help. */
const ENDPOINT_UNAVAILABLE: RetryPolicy = {
  maxAttempts: 3,
  minDelayMs: 30_000,
  baseDelayMs: 15_000,
  maxDelayMs: 30_000,
};

const DEFAULT: RetryPolicy = {
  maxAttempts: Number.POSITIVE_INFINITY,
  minDelayMs: 0,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
};

/**
 * Returns the delay before the next attempt in milliseconds, or `undefined` if there should be none.
 * Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt attempts so far: 1 after the first
 * @param maxAttempts including the first
 * @param retryAfterMs from the response's `Retry-After`: the delay is never shorter
 * @param random returns a number from 0 to 1
 */
export function retryDelayMs(
  error: ApiError,
  attempt: number,
  maxAttempts: number,
  retryAfterMs: number,
  random: () => number,
): number | undefined {
  if (!isTransient(error)) return undefined;
  const policy = error.code === "api_endpoint_unavailable" ? ENDPOINT_UNAVAILABLE : DEFAULT;
  // A longer `Retry-After` does not fit into a run.
  if (attempt >= Math.min(policy.maxAttempts, maxAttempts) || retryAfterMs > MAX_RUN_MS) return undefined;
  const randomMs = random() * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  return Math.max(policy.minDelayMs, retryAfterMs) + randomMs;
}

/** Returns whether the same request may succeed later: after no response, a cut one, a rate limit or a server error. */
export function isTransient({ status, code }: ApiError): boolean {
  if (code === "api_account_not_ready" || status === 0) return true;
  if (status === 200) return code === "api_empty_body" || code === "api_not_json";
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * Returns a `Retry-After` header (seconds or an HTTP date) in milliseconds from `now`, or 0 if it is missing or not valid.
 * An HTTP date ends with GMT; `Date.parse` alone accepts almost any text.
 */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : /GMT$/.test(text) ? Date.parse(text) - now : 0;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
