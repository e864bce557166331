import { ApiError, type JobError } from "../domain/errors.ts";

/** How a kind of trouble is tried again. Milliseconds. */
interface RetryPolicy {
  /** Attempts, the first included, at most. */
  readonly attempts: number;
  /** The pause after the n-th attempt is drawn from 0 to `first` × 2^(n-1) ("full jitter"), plus `least`. */
  readonly minDelayMs: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** An endpoint that an operator switched off may stay so for long, and is not to be hammered. */
const SWITCHED_OFF: RetryPolicy = {
  attempts: 3,
  minDelayMs: 30_000,
  baseDelayMs: 15_000,
  maxDelayMs: 30_000,
};

/** Who asks for more does not answer within a run, and a run that waits is one that does nothing else. */
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * The pause before the next attempt, in milliseconds, or `undefined` if there is no use in one.
 * Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt how many attempts were made, 1 after the first
 * @param maxAttempts the most attempts, the first included
 * @param retryAfterMs what the answer's `Retry-After` asks for: the pause is never shorter
 * @param random from 0 to 1
 */
export function retryDelayMs(
  error: JobError,
  attempt: number,
  maxAttempts: number,
  retryAfterMs: number,
  random: () => number,
): number | undefined {
  if (!(error instanceof ApiError) || !isTransient(error)) return undefined;
  const { attempts, minDelayMs, baseDelayMs, maxDelayMs } =
    error.code === "api_endpoint_unavailable"
      ? {
          ...SWITCHED_OFF,
          attempts: Math.min(SWITCHED_OFF.attempts, maxAttempts),
        }
      : { attempts: maxAttempts, minDelayMs: 0, baseDelayMs: 500, maxDelayMs: 20_000 };
  if (attempt >= attempts || retryAfterMs > LONGEST_WAIT_MS) return undefined;
  return Math.max(minDelayMs, retryAfterMs) + random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
}

/** Whether the same request may be answered another time: no answer, half an answer, "too many", and the server's faults. */
export function isTransient({ status, code }: ApiError): boolean {
  if (code === "api_account_not_ready" || status === 0) return true;
  if (status === 200) return code === "api_empty_body" || code === "api_not_json";
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * A `Retry-After` header (seconds, or an HTTP date, which always ends in GMT) in milliseconds; 0 where there is none that
 * can be read. `Date.parse` alone would find a date in nearly anything.
 */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : /GMT$/.test(text) ? Date.parse(text) - now : 0;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
