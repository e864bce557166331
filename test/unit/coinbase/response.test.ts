import fc from "fast-check";
import { type ApiResponse, readResponse } from "../../../core/coinbase/response.ts";
import { decodeAccountsPage, decodeBalancesPage } from "../../../core/coinbase/schema.ts";
import { ApiError } from "../../../core/domain/errors.ts";
import { REFERENCE_PAGE } from "../../support/accounts.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { sawOutput } from "../../support/leak-watch.ts";

const WHERE = "GET /platform/v2/accounts/account_1/balances";
const NOW = Date.parse("2026-11-23T10:00:00.000Z");

function responseWith(status: number, body: unknown, headers: Record<string, string> = {}): ApiResponse {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return { status, headers: new Map(Object.entries(headers)), body: bytes, receivedAt: NOW };
}

/** The error for a response. The leak watch sees it. */
function errorOf(...response: Parameters<typeof responseWith>): ApiError {
  try {
    sawOutput(readResponse(responseWith(...response), decodeBalancesPage, WHERE));
  } catch (thrown) {
    sawOutput(thrown);
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  throw new Error("expected an ApiError");
}

const problem = (changes: object = {}) => ({ errorType: "internal_server_error", errorMessage: "Oh.", ...changes });
const amount = { available: "1", total: "1" };
const page = (symbol: string, amounts: object) => ({
  balances: [{ asset: { symbol, type: "crypto", name: "A", decimals: 8 }, amount: amounts }],
});

describe("an error body", () => {
  it("becomes a message with the request, the status, the type, the API's message and the correlation id", () => {
    const fromBody = errorOf(500, problem({ correlationId: "c-1" }), { "cf-ray": "other" });
    const fromHeader = errorOf(500, problem(), { "cf-ray": "8f0a1b2c3d4e5f60-FRA" });
    const insteadOfEmpty = errorOf(500, problem({ correlationId: "" }), { "cf-ray": "8f0a1b2c3d4e5f60-FRA" });

    expect(fromBody).toMatchObject({
      code: "api_internal_server_error",
      status: 500,
      correlationId: "c-1",
      message: `${WHERE}: HTTP 500 internal_server_error: Oh (correlation id c-1).`,
    });
    expect([fromHeader.correlationId, insteadOfEmpty.correlationId]).toEqual(Array(2).fill("8f0a1b2c3d4e5f60-FRA"));
  });

  it.each<[string, number, RegExp]>([
    ["rate_limit_exceeded", 429, /^Try again/],
    ["endpoint_unavailable", 503, /switched this endpoint off/],
    ["unauthorized", 401, /revoked or rotated/],
    ["timed_out", 504, /^Try again/],
    ["policy_violation", 200, /A retry does not help/],
    ["constructor", 200, /A retry does not help/],
  ])("of type %s with status 200 is treated like one with status %d", (errorType, status, suggestedFix) => {
    const error = errorOf(200, problem({ errorType, correlationId: "c-1" }));

    expect(error).toMatchObject({ code: `api_${errorType}`, status, correlationId: "c-1" });
    expect(error.message).toContain(`HTTP 200 ${errorType}: Oh`);
    expect(error.suggestedFix).toMatch(suggestedFix);
  });

  it("becomes one short line and a code without special characters, whatever its type and message are", () => {
    const errorType = `Über-Type\n${"x".repeat(1_000)}`;
    const errorMessage = `first\n\n\tsecond ${"long ".repeat(10_000)}`;

    const error = errorOf(500, problem({ errorType, errorMessage }));

    expect(error.code).toMatch(/^api__ber_type_x{54}$/);
    expect(error.message).toContain("first second long");
    expect(error.message).not.toMatch(/[\n\t]/);
    expect(error.message.length).toBeLessThan(700);
  });
});

describe("clock skew", () => {
  const unauthorized = problem({ errorType: "unauthorized", errorMessage: "No." });
  const date = (offBy: number) => ({ date: new Date(NOW - offBy * 1000).toUTCString() });

  it.each<[string, number, Record<string, string>, string | undefined]>([
    ["of -31 s", 401, date(-31), "31 s behind"],
    ["of 31 s", 401, date(31), "31 s ahead of"],
    ["of -30 s", 401, date(-30), undefined],
    ["of 30 s", 401, date(30), undefined],
    ["with a 403", 403, date(3_600), undefined],
    ["without a date", 401, {}, undefined],
    ["with an invalid date", 401, { date: "yesterday" }, undefined],
    ["with a date that only Date.parse accepts", 401, { date: "1" }, undefined],
  ])("%s is reported only if it explains the error", (_, status, headers, words) => {
    const { message, suggestedFix = "" } = errorOf(status, unauthorized, headers);

    expect(/This machine's clock is (.*) the server's\./.exec(message)?.[1]).toBe(words);
    expect(suggestedFix.startsWith("Set this machine's clock. ")).toBe(words !== undefined);
  });
});

describe("a response that is not the API's", () => {
  const html = "<html><body>Bad gateway</body></html>";

  it.each<[string, number, unknown, string, RegExp]>([
    ["HTML", 200, html, "api_not_json", /HTTP 200 with a body of 37 bytes .*content type text\/html/],
    ["nothing with 200", 200, "", "api_empty_body", /HTTP 200 with an empty body/],
    ["cut JSON", 200, '{"balances":[', "api_not_json", /13 bytes that is not complete JSON/],
    ["invalid UTF-8", 200, Buffer.from([0x22, 0xff, 0x22]), "api_not_json", /3 bytes/],
    ["JSON of another shape with 500", 500, { message: "boom" }, "api_unexpected_shape", /not one of the API's error/],
    ["a valid page with 206", 206, page("a", { a: amount }), "api_unexpected_shape", /HTTP 206/],
    ["a redirect", 302, "", "api_redirect", /HTTP 302, a redirect, which is never followed/],
  ])("is described: %s", (_, status, body, code, message) => {
    const error = errorOf(status, body, { "content-type": "text/html" });

    expect([error.code, error.status]).toEqual([code, status]);
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`${WHERE}: `)).toBe(true);
    expect(error.message).not.toContain("gateway");
  });
});

describe("a page that cannot be stored or decoded", () => {
  it.each([
    ["ten thousand invalid balances", `{"balances":[${"{},".repeat(10_000)}{}]}`, /balances\.0\.asset: expected/],
    ["a hundred thousand levels", `{"balances":${"[".repeat(100_000)}`, /a body of more than 64 levels/],
  ])("is rejected as an unexpected shape: %s", (_, body, message) => {
    const error = errorOf(200, body);

    expect(error.code).toBe("api_unexpected_shape");
    expect(error.message).toMatch(message);
  });

  it.each([
    ["objects", `{"balances":[],"x":[${"{},".repeat(100_000)}{}]}`],
    ["numbers", `{"balances":[],"x":[${"1,".repeat(100_000)}1]}`],
    ["lists", `{"balances":[],"x":[${"[],".repeat(100_000)}[]]}`],
  ])("is rejected as too large before it is parsed: a hundred thousand %s", (_, body) => {
    const error = errorOf(200, body);

    expect(error.code).toBe("api_body_too_large");
    expect(error.message).toContain("a body of more than 25000 values");
  });
});

/** The reference page with one field changed, or removed if the value is `undefined`. */
function changed(path: string, value: unknown): unknown {
  const page: unknown = JSON.parse(REFERENCE_PAGE);
  const names = path.split(".");
  const last = names.pop() ?? "";
  const parent = names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], page);
  if (value === undefined) delete (parent as Record<string, unknown>)[last];
  else (parent as Record<string, unknown>)[last] = value;
  return page;
}

const problemsOf = (path: string, value: unknown) => decodeBalancesPage(changed(path, value)).problems;

describe("decodeBalancesPage", () => {
  it.each([
    ["no token", {}, undefined],
    ["the token null", { nextPageToken: null }, undefined],
    ["an empty token", { nextPageToken: "" }, undefined],
    ["a token", { nextPageToken: "x" }, "x"],
  ])("returns the next page's token for %s", (_, fields, next) => {
    expect(decodeBalancesPage({ balances: [], ...fields })).toEqual({ value: { items: [], next } });
  });

  it("accepts new fields, new types and new denominations", () => {
    const asset = { symbol: "btc", type: "tokenized_stock", name: "", decimals: 0, network: { id: 1 } };
    const amount = { btc: { available: "1", total: "1", staked: 1 }, eur: { available: "1", total: "1" } };

    const page = decodeBalancesPage({ balances: [{ asset, amount, frozen: null }], asOf: "2026-11-23T10:00:00Z" });

    expect(page.problems).toBeUndefined();
  });

  // The fuzz test of responses tries every field with many more values.
  it.each<[string, unknown, string]>([
    ["balances", undefined, "balances: expected array"],
    [
      "balances.1.asset.symbol",
      "",
      "balances.1.asset.symbol: expected at least 1 character; balances.1.amount: expected an entry under the asset's own symbol",
    ],
    ["balances.1.asset.decimals", 1.5, "balances.1.asset.decimals: expected a whole number, at least 0"],
    ["balances.1.asset.decimals", -1, "balances.1.asset.decimals: expected a whole number, at least 0"],
    ["balances.0.amount", undefined, "balances.0.amount: expected object"],
    ["balances.0.asset.symbol", "toString", "balances.0.amount: expected an entry under the asset's own symbol"],
    ["nextPageToken", 7, "nextPageToken: expected string"],
  ])("rejects %s %j with the path of the field", (path, value, expected) => {
    expect(problemsOf(path, value)).toBe(expected);
  });

  it("rejects everything that is not a decimal number", () => {
    const text = fc.string({ unit: fc.constantFrom(..."0123456789.-+eExX ,_\n"), maxLength: 6 });
    fc.assert(
      fc.property(text, (total) => {
        const problems = problemsOf("balances.0.amount.btc.total", total);

        // Computed without the regular expression under test.
        const [whole = "", part, ...more] = total.replace("-", "").split(".");
        const plain = (text: string) => text !== "" && [...text].every((digit) => "0123456789".includes(digit));
        const isDecimal =
          total.lastIndexOf("-") <= 0 && plain(whole) && (part === undefined || plain(part)) && more.length === 0;
        expect(problems === undefined).toBe(isDecimal);
      }),
      { numRuns: 50 },
    );
  });

  it("reports at most three problems, and how many more there are", () => {
    const invalid = { available: "invalid", total: "invalid" };

    const problems = problemsOf("balances.0.amount", { btc: invalid, usd: invalid, eur: invalid });

    expect(problems?.split("; ")).toEqual([
      "balances.0.amount.btc.available: expected a plain decimal number as a string",
      "balances.0.amount.btc.total: expected a plain decimal number as a string",
      "balances.0.amount.usd.available: expected a plain decimal number as a string",
      "and 3 more",
    ]);
  });
});

describe("decodeAccountsPage", () => {
  const accountId = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";

  it("returns each account, and accepts unknown fields and types", () => {
    const page = decodeAccountsPage({
      accounts: [{ accountId, type: "vault", owner: "entity_1", name: "Treasury", region: "eu" }],
      nextPageToken: "x",
    });

    const items = [{ accountId, type: "vault", owner: "entity_1", name: "Treasury" }];
    expect(page).toEqual({ value: { items, next: "x" } });
  });

  it.each<[string, object, string | undefined]>([
    ["that is missing is no name", {}, ""],
    ["null is no name", { name: null }, ""],
    ["that is blank is no name", { name: " \t" }, ""],
    ["with spaces around it has none", { name: " Ops " }, "Ops"],
    ["that is no text is unknown", { name: 7 }, undefined],
    ["that is too long is unknown", { name: "x".repeat(1_001) }, undefined],
    ["with half of a surrogate pair is unknown", { name: "\ud800" }, undefined],
  ])("a name %s", (_, given, name) => {
    expect(decodeAccountsPage({ accounts: [{ accountId, ...given }] })).toEqual({
      value: { items: [{ accountId, name }] },
    });
  });

  it.each<[unknown, string]>([
    [{}, "accounts: expected array"],
    [{ accounts: [{ accountId }, { accountId: 7 }] }, "accounts.1.accountId: expected string"],
    [{ accounts: [{ accountId: "account_1" }] }, "accounts.0.accountId: expected an account id"],
    [{ accounts: [{ accountId: `${accountId}\n` }] }, "accounts.0.accountId: expected an account id"],
    [{ accounts: [{ accountId: accountId.toUpperCase() }] }, "accounts.0.accountId: expected an account id"],
  ])("rejects %j with the path of the field", (body, expected) => {
    expect(decodeAccountsPage(body).problems).toBe(expected);
  });
});
