import { describe, expect } from "@jest/globals";
import fc from "fast-check";
import { type ApiResponse, readResponse } from "../../core/coinbase/response.ts";
import { retryAfterMs, retryDelayMs } from "../../core/coinbase/retry.ts";
import { balanceDecoder, decodeAccountsPage, decodeBalancesPage } from "../../core/coinbase/schema.ts";
import { ApiError } from "../../core/domain/errors.ts";
import { anyCharacter } from "../support/any-character.ts";
import { fuzz } from "./fuzz.ts";
import { anyShare, hostileText } from "./texts.ts";
import { anyBalance, anyStyle, anyUnknownFields, type Json, object, pageJson, writeJson } from "./wire.ts";

const NOW = Date.parse("2026-11-23T10:00:00.000Z");
const WHERE = "GET /platform/v2/accounts/account_1/balances";

const anyJson: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, -0, 1.5, 1e300, "", "btc"),
    hostileText,
    fc.array(tie("json"), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom("balances", "accounts", "asset", "amount"), hostileText), tie("json")), {
        maxLength: 4,
      })
      .map((entries) => object(...entries)),
  ),
})).json;

const TOKEN = ["eyJhbGciOiJFUzI1NiIsImtpZCI6Ijcif", "eyJpc3MiOiJjZHAiLCJzdWIiOiI3In0", "c2lnbmF0dXJlLW9mLTc"].join(".");
const PARTS = TOKEN.match(/[\w-]{12}/g) ?? [];

const message = fc.oneof(
  { weight: 10, arbitrary: hostileText },
  { weight: 10, arbitrary: fc.string({ unit: anyCharacter, maxLength: 1000 }) },
  { weight: 10, arbitrary: fc.tuple(hostileText, hostileText).map(([before, after]) => before + TOKEN + after) },
  { weight: 1, arbitrary: fc.constant("x".repeat(100_000)) },
);
const anyProblem = fc
  .tuple(message, message, fc.option(message), anyUnknownFields)
  .map(([errorType, errorMessage, correlationId, news]) =>
    object(["errorType", errorType], ["errorMessage", errorMessage], ["correlationId", correlationId], ...news),
  );
const anyPage = fc
  .tuple(fc.array(anyBalance(hostileText), { maxLength: 3 }), anyUnknownFields)
  .map((of) => pageJson(...of));
const deep = fc
  .tuple(fc.constantFrom(["[", "]"], ['{"a":', "}"], ['{"balances":[', "]}"]), fc.integer({ min: 1, max: 3_000 }))
  .map(([[open = "", close = ""], levels]) => `${open.repeat(levels)}1${close.repeat(levels)}`);

const anyText = fc.oneof(
  fc.tuple(fc.oneof(anyPage, anyProblem, anyJson), anyStyle).map(([json, style]) => writeJson(json, style)),
  deep,
  fc.constantFrom(
    "",
    " ",
    "\ufeff",
    "<html><body>502 Bad Gateway</body></html>",
    "null",
    "{}",
    "[]",
    '{"balances":[]}',
  ),
);

/** A body unchanged, truncated, with changed or inserted bytes, or random bytes. */
const anyBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  anyText.map((text) => Buffer.from(text)),
  fc.tuple(anyText, anyShare, fc.uint8Array({ maxLength: 3 }), fc.boolean()).map(([text, share, bytes, cut]) => {
    const body = Buffer.from(text);
    const at = Math.floor(share * body.length);
    return Buffer.concat([body.subarray(0, at), bytes, cut ? Buffer.of() : body.subarray(at + bytes.length)]);
  }),
  fc.uint8Array({ maxLength: 100 }),
);

const status = fc.oneof(
  fc.constantFrom(200, 200, 200, 400, 401, 403, 404, 409, 429, 500, 502, 503, 504),
  fc.integer({ min: 100, max: 599 }),
);
/** The characters that `Headers` accepts. */
const headerText = fc.string({ unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)) });
const anyHeaders = fc
  .record(
    {
      date: fc.oneof(headerText, fc.constantFrom("Mon, 23 Nov 2026 09:00:00 GMT", "1", "GMT")),
      "retry-after": headerText,
      "content-type": headerText,
      "x-correlation-id": headerText,
      "cf-ray": headerText,
    },
    { requiredKeys: [] },
  )
  .map((headers) => new Headers(headers as Record<string, string>));

const anyAnswer: fc.Arbitrary<ApiResponse> = fc.record({
  status,
  headers: anyHeaders,
  body: anyBody,
  receivedAt: fc.constant(NOW),
});

const DECODERS = { balances: decodeBalancesPage, accounts: decodeAccountsPage, balance: balanceDecoder("btc") };
const anyKind = fc.constantFrom<keyof typeof DECODERS>("balances", "accounts", "balance");

/** Safe in one line of a log, a terminal or a table: no control characters, no unpaired surrogates. */
const READABLE = /^[^\p{Cc}\p{Cf}\p{Surrogate}]*$/u;

describe("answers", () => {
  fuzz("any bytes are a page or an ApiError with a code", 540, fc.tuple(anyAnswer, anyKind), ([answer, kind]) => {
    const startedAt = performance.now();
    try {
      readResponse<unknown>(answer, DECODERS[kind], WHERE);

      expect(answer.status).toBe(200);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      expect(thrown.code).toMatch(/^api_[a-z0-9_]{1,64}$/);
      expect(thrown.status).toBe(answer.status);
      expect(thrown.message.startsWith(`${WHERE}: `)).toBe(true);
      expect(thrown.message.length).toBeLessThan(1_200);
      expect(thrown.message).toMatch(READABLE);
      expect(PARTS.every((part) => thrown.message.includes(part))).toBe(false);
      expect(thrown.correlationId ?? "").toMatch(READABLE);
      expect((thrown.correlationId ?? "").length).toBeLessThanOrEqual(100);
    }
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  const anyWait = fc.record({
    header: fc.oneof(
      fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String),
      fc.nat(2_000).map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      headerText,
      fc.constantFrom("-1", "1.5", "1e3", "soon", "GMT", "Mon, 99 Nov 2026 10:00:00 GMT", "0x10", " 7 "),
      fc.constant(null),
    ),
    attempt: fc.integer({ min: 1, max: 7 }),
    code: fc.constantFrom("api_rate_limit_exceeded", "api_endpoint_unavailable", "api_account_not_ready"),
    random: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  });

  fuzz("any Retry-After gives a finite pause or no retry", 150, anyWait, ({ header, attempt, code, random }) => {
    const error = new ApiError(code, 429, "No.");

    const asked = retryAfterMs(header, NOW);
    const pause = retryDelayMs(error, attempt, 6, asked, () => random);

    expect(asked).toBeGreaterThanOrEqual(0);
    // At most the length of a run plus half a minute.
    if (pause !== undefined) {
      expect(pause).toBeGreaterThanOrEqual(0);
      expect(pause).toBeLessThanOrEqual(16 * 60_000);
    }
    if (header !== null && /^\d+$/.test(header.trim())) {
      const seconds = BigInt(header.trim());
      if (pause !== undefined) expect(BigInt(Math.ceil(pause))).toBeGreaterThanOrEqual(seconds * 1000n);
      if (attempt >= 6 || seconds > 900n) expect(pause).toBeUndefined();
    }
    if (attempt >= 6) expect(pause).toBeUndefined();
  });
});
