import fc from "fast-check";
import { type ApiResponse, readResponse } from "../../core/coinbase/response.ts";
import { decodeAccountsPage, decodeBalance, decodeBalancesPage } from "../../core/coinbase/schema.ts";
import { ApiError } from "../../core/domain/errors.ts";
import { anyCharacter } from "../support/any-character.ts";
import { describe, expect } from "../support/jest.ts";
import { fuzz } from "./fuzz.ts";
import { anyShare, BAD_AMOUNTS, hostileText } from "./texts.ts";
import {
  anyBalance,
  anyStyle,
  anyUnknownFields,
  type BalanceModel,
  type Json,
  object,
  pageJson,
  type Style,
  withField,
  writeJson,
} from "./wire.ts";

const NOW = Date.parse("2026-11-23T10:00:00.000Z");
const WHERE = "GET /platform/v2/accounts/account_1/balances";

const TOKEN = ["eyJhbGciOiJFUzI1NiIsImtpZCI6Ijcif", "eyJpc3MiOiJjZHAiLCJzdWIiOiI3In0", "c2lnbmF0dXJlLW9mLTc"].join(".");
const PARTS = TOKEN.match(/[\w-]{12}/g) ?? [];

const message = fc.oneof(
  { weight: 10, arbitrary: hostileText },
  { weight: 10, arbitrary: fc.string({ unit: anyCharacter, maxLength: 1000 }) },
  { weight: 10, arbitrary: fc.tuple(hostileText, hostileText).map(([before, after]) => before + TOKEN + after) },
  { weight: 1, arbitrary: fc.constant("x".repeat(100_000)) },
);
const errorType = fc.oneof(
  message,
  fc.constantFrom("rate_limit_exceeded", "account_not_ready", "not_found", "constructor", "__proto__", "toString"),
);
const anyProblem = fc
  .tuple(errorType, message, fc.option(message), anyUnknownFields)
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
  fc.tuple(fc.oneof(anyPage, anyProblem), anyStyle).map(([json, style]) => writeJson(json, style)),
  fc.json({ maxDepth: 3 }),
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
/** The characters that a header may have. */
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
  .map((headers) => new Map(Object.entries(headers as Record<string, string>)));

const anyResponse: fc.Arbitrary<ApiResponse> = fc.record({
  status,
  headers: anyHeaders,
  body: anyBody,
  receivedAt: fc.constant(NOW),
});

const DECODERS = { balances: decodeBalancesPage, accounts: decodeAccountsPage, balance: decodeBalance };
const anyKind = fc.constantFrom<keyof typeof DECODERS>("balances", "accounts", "balance");

/** Safe in one line of a log, a terminal or a table: no control characters, no unpaired surrogates. */
const READABLE = /^[^\p{Cc}\p{Cf}\p{Surrogate}]*$/u;

describe("responses", () => {
  fuzz("any bytes are a page or an ApiError with a code", 270, fc.tuple(anyResponse, anyKind), ([response, kind]) => {
    const startedAt = performance.now();
    try {
      readResponse<unknown>(response, DECODERS[kind], WHERE);

      expect(response.status).toBe(200);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      expect(thrown.code).toMatch(/^api_[a-z0-9_]{1,64}$/);
      // An error that arrives with status 200 has the status that is documented for its type.
      expect(response.status === 200 ? [200, 404, 409, 429] : [response.status]).toContain(thrown.status);
      expect(thrown.message.startsWith(`${WHERE}: `)).toBe(true);
      expect(thrown.message.length).toBeLessThan(1_200);
      expect(thrown.message).toMatch(READABLE);
      expect(PARTS.every((part) => thrown.message.includes(part))).toBe(false);
      expect(thrown.correlationId ?? "").toMatch(READABLE);
      expect((thrown.correlationId ?? "").length).toBeLessThanOrEqual(100);
    }
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

/** A marker that would reveal the body in a message. */
const KNOWN = "what-nobody-else-may-read";
const LONE = `${KNOWN}\ud800`;

const NO_TEXTS: readonly (Json | undefined)[] = [undefined, null, 7, true, [], [KNOWN], object(["x", KNOWN])];
const NO_OBJECTS: readonly (Json | undefined)[] = [undefined, null, 7, false, KNOWN, [], [KNOWN]];
const SYMBOLS = [...NO_TEXTS, "", LONE, KNOWN.repeat(100)];
const TEXTS = [...NO_TEXTS, LONE, KNOWN.repeat(500)];
const DECIMALS = [undefined, null, "8", KNOWN, 1.5, -1, 2 ** 53, 1e300, true, [8]];
const AMOUNTS = [...NO_TEXTS, ...BAD_AMOUNTS, KNOWN, LONE, "9".repeat(1_001), `0.${"0".repeat(1_000)}`];

interface Corruption {
  readonly path: readonly (string | number)[];
  readonly value: Json | undefined;
  readonly expectedPath: readonly (string | number)[];
}

/** A field, an invalid value, and the path in the message if it differs. */
type Field = readonly [
  path: readonly (string | number)[],
  values: readonly (Json | undefined)[],
  expectedPath?: readonly (string | number)[],
];

/** The fields of a page, each with invalid values. */
function fieldsOf(balances: readonly BalanceModel[]): Field[] {
  return [
    [[], [null, 7, KNOWN, [], [KNOWN]]],
    [["balances"], [undefined, null, 7, KNOWN, object(["x", KNOWN])]],
    [["nextPageToken"], [7, false, LONE, [KNOWN], object(["x", KNOWN])]],
    ...balances.flatMap(({ asset, amounts }, at): Field[] => {
      const balance = ["balances", at];
      return [
        [balance, NO_OBJECTS.slice(1)],
        [[...balance, "asset"], NO_OBJECTS],
        [[...balance, "asset", "symbol"], SYMBOLS],
        [[...balance, "asset", "symbol"], ["another"], [...balance, "amount"]],
        [[...balance, "amount", asset.symbol], [undefined], [...balance, "amount"]],
        [[...balance, "asset", "type"], TEXTS],
        [[...balance, "asset", "name"], TEXTS],
        [[...balance, "asset", "decimals"], DECIMALS],
        [[...balance, "amount"], NO_OBJECTS],
        ...amounts.flatMap(([denomination]): Field[] => {
          const amount = [...balance, "amount", denomination];
          return [
            [amount, NO_OBJECTS.slice(1)],
            [[...amount, "available"], AMOUNTS],
            [[...amount, "total"], AMOUNTS],
          ];
        }),
      ];
    }),
  ];
}

const ordinary = anyBalance(fc.constantFrom("btc", "eth", "usd", "eur", "sol"));
const anyCorruption = fc
  .record({ balances: fc.array(ordinary, { minLength: 1, maxLength: 3 }), style: anyStyle })
  .chain(({ balances, style }) => {
    const corruption = fc
      .constantFrom(...fieldsOf(balances))
      .chain(([path, values, expectedPath = path]) =>
        fc.constantFrom(...values).map((value): Corruption => ({ path, value, expectedPath })),
      );
    return corruption.map((of) => ({ balances, style, ...of }));
  });

function refusalOf(json: Json, style: Style): ApiError {
  const body = Buffer.from(writeJson(json, style));
  try {
    readResponse({ status: 200, headers: new Map(), body, receivedAt: 0 }, decodeBalancesPage, "GET /balances");
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  throw new Error("it was read");
}

describe("an invalid page", () => {
  fuzz(
    "a page with an invalid value is rejected with the path of that value",
    180,
    anyCorruption,
    ({ balances, style, path, value, expectedPath }) => {
      const page = pageJson(balances, [["nextPageToken", "next"]]);

      const refusal = refusalOf(withField(page, path, value), style);

      expect([refusal.code, refusal.status]).toEqual(["api_unexpected_shape", 200]);
      expect(refusal.message).toContain(`documentation: ${expectedPath.join(".") || "body"}: expected `);
      expect(refusal.message.length).toBeLessThan(300);
      expect(refusal.message).not.toContain(KNOWN);
    },
  );
});
