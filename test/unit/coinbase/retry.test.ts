import fc from "fast-check";
import { retryAfterMs, retryDelayMs } from "../../../core/coinbase/retry.ts";
import { apiSuggestedFix } from "../../../core/coinbase/suggested-fixes.ts";
import { ApiError } from "../../../core/domain/errors.ts";
import { fuzz } from "../../fuzz/fuzz.ts";
import { describe, expect, it } from "../../support/jest.ts";

const NOW = Date.parse("2026-11-23T10:00:00.000Z");
const half = () => 0.5;

const apiError = (status: number, code: string) => new ApiError(code, status, "…");

describe("retryDelayMs", () => {
  // test/faults injects every documented error.
  it.each<[boolean, number, string]>([
    [false, 200, "api_unexpected_shape"],
    [false, 302, "api_redirect"],
    [false, 403, "api_not_json"],
    [false, 409, "api_already_exists"],
    [true, 0, "api_timeout"],
    [true, 200, "api_not_json"],
    [true, 200, "api_empty_body"],
    [true, 408, "api_request_timeout"],
    [true, 409, "api_account_not_ready"],
    [true, 429, "api_rate_limit_exceeded"],
    [true, 503, "api_empty_body"],
  ])("returns whether there is a retry (%s) after a %d with %s", (retried, status, code) => {
    expect(retryDelayMs(apiError(status, code), 1, 5, 0, half)).toBe(retried ? 250 : undefined);
  });

  it("retries until the maximum number of attempts", () => {
    const error = apiError(503, "api_service_unavailable");

    const tried = [1, 2, 3, 4, 5, 6].map((attempt) => retryDelayMs(error, attempt, 5, 60_000, half) !== undefined);

    expect(tried).toEqual([true, true, true, true, false, false]);
    expect(retryDelayMs(error, 1, 1, 0, half)).toBeUndefined();
  });
});

describe("the delay", () => {
  const limited = apiError(429, "api_rate_limit_exceeded");
  const off = apiError(503, "api_endpoint_unavailable");
  const delays = (error: ApiError, random: () => number, retryAfter = 0) =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempt) => retryDelayMs(error, attempt, 10, retryAfter, random));

  it("has an upper limit that doubles with each attempt, up to 20 s", () => {
    expect(delays(limited, () => 1)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000]);
  });

  it("is never shorter than Retry-After, and adds its jitter to it", () => {
    expect(delays(limited, () => 0, 7_000)).toEqual(Array(9).fill(7_000));
    expect(delays(limited, () => 1, 7_000).slice(0, 3)).toEqual([7_500, 8_000, 9_000]);
  });

  it("is at least 30 s for an endpoint that was switched off, which is retried only twice", () => {
    expect(delays(off, () => 0)).toEqual([30_000, 30_000, ...Array(7).fill(undefined)]);
    expect(delays(off, () => 1)).toEqual([45_000, 60_000, ...Array(7).fill(undefined)]);
  });

  it("for such an endpoint follows a longer Retry-After and a smaller number of attempts", () => {
    expect(delays(off, () => 0, 90_000)[0]).toBe(90_000);
    expect(delays(off, () => 0, 1_000)[0]).toBe(30_000);
    expect(retryDelayMs(off, 1, 2, 0, half)).toBe(37_500);
    expect(retryDelayMs(off, 2, 2, 0, half)).toBeUndefined();
  });

  it("is at most 15 minutes: after a longer Retry-After, there is no retry", () => {
    expect(retryDelayMs(limited, 1, 5, 900_000, () => 0)).toBe(900_000);
    expect(retryDelayMs(limited, 1, 5, 900_001, () => 0)).toBeUndefined();
  });
});

describe("retryAfterMs", () => {
  it.each<[string, string | undefined, number]>([
    ["seconds", "7", 7_000],
    ["seconds with white space", " 120 ", 120_000],
    ["a future date", "Mon, 23 Nov 2026 10:00:30 GMT", 30_000],
    ["words with a year", "soon 2099", 0],
  ])("parses %s", (_, header, expected) => {
    expect(retryAfterMs(header, NOW)).toBe(expected);
  });

  const anyHeader = fc.oneof(
    fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String),
    fc.nat(2_000).map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    // The characters that `Headers` accepts.
    fc.string({ unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)) }),
    fc.constantFrom("-1", "1.5", "1e3", "soon", "GMT", "Mon, 99 Nov 2026 10:00:00 GMT", "0x10", " 7 "),
  );
  const anyCode = fc.constantFrom("api_rate_limit_exceeded", "api_endpoint_unavailable", "api_account_not_ready");
  const anyRandom = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

  const anyAttempt = fc.tuple(anyHeader, fc.integer({ min: 1, max: 7 }), anyCode, anyRandom);

  fuzz("leads for any header to a finite delay, which respects it, or to no retry", 150, anyAttempt, (given) => {
    const [header, attempt, code, random] = given;
    const minDelayMs = retryAfterMs(header, NOW);
    const delayMs = retryDelayMs(apiError(429, code), attempt, 6, minDelayMs, () => random);

    const seconds = /^\d+$/.test(header.trim()) ? BigInt(header.trim()) : 0n;
    expect(minDelayMs).toBeGreaterThanOrEqual(0);
    if (attempt >= 6 || seconds > 900n) expect(delayMs).toBeUndefined();
    if (delayMs !== undefined) {
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(BigInt(Math.ceil(delayMs))).toBeGreaterThanOrEqual(seconds * 1000n);
      expect(delayMs).toBeLessThanOrEqual(16 * 60_000);
    }
  });
});

describe("apiSuggestedFix", () => {
  it.each([
    ["api_unauthorized", 401, "rotated"],
    ["api_forbidden", 403, "permission accounts:read@entity"],
    ["api_not_found", 404, "Check the account id"],
    ["api_endpoint_unavailable", 503, "status.coinbase.com"],
    ["api_timeout", 0, "CDP_REQUEST_TIMEOUT_MS"],
    ["api_unreachable", 0, "CDP_API_BASE_URL"],
    ["api_rate_limit_exceeded", 429, "CDP_READS_PER_10_SECONDS"],
    ["api_not_json", 401, "a proxy or firewall"],
    ["api_empty_body", 403, "a proxy or firewall"],
    ...[408, 409, 425, 429, 500, 502, 503, 504].map((status) => ["api_new_code", status, "Try again"] as const),
    ...[400, 410, 422].map((status) => ["api_new_code", status, "A retry does not help"] as const),
  ])("returns for %s with status %d: %s", (code, status, words) => {
    expect(apiSuggestedFix(code, status)).toContain(words);
  });
});
