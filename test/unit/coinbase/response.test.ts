import { type ApiResponse, readResponse } from "../../../core/coinbase/response.ts";
import { decodeAccountsPage, decodeBalancesPage } from "../../../core/coinbase/schema.ts";
import { ApiError } from "../../../core/domain/errors.ts";
import { BAD_AMOUNTS } from "../../fuzz/texts.ts";
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
    ["policy_violation", 200, /A retry does not help/],
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
    ["with an invalid date", 401, { date: "yesterday" }, undefined],
    ["with a date that only Date.parse accepts", 401, { date: "1" }, undefined],
  ])("%s is reported only if it explains the error", (_, status, headers, words) => {
    const { message, suggestedFix = "" } = errorOf(status, unauthorized, headers);

    expect(/This machine's clock is (.*) the server's\./.exec(message)?.[1]).toBe(words);
    expect(suggestedFix.startsWith("Set this machine's clock. ")).toBe(words !== undefined);
  });
});

describe("a body", () => {
  const own = '{"available":"1","total":"1"}';
  const balance = (fields: string) =>
    `{"balances":[{"asset":{"symbol":"a","type":"crypto","name":"A","decimals":8},${fields}}]}`;

  it.each([
    ["the page", '{"balances":[],"nextPageToken":"a","nextPageToken":"b"}', "nextPageToken"],
    ["a balance", balance(`"amount":{"a":${own}},"amount":{"a":${own}}`), "balances.0.amount"],
    ["its amounts", balance(`"amount":{"a":${own},"a":${own}}`), "balances.0.amount.a"],
    ["its amounts, escaped", balance(`"amount":{"a":${own},"\\u0061":${own}}`), "balances.0.amount.a"],
  ])("with a duplicate key in %s is rejected with the path of the key", (_, body, path) => {
    const error = errorOf(200, body);

    expect(error.code).toBe("api_unexpected_shape");
    expect(error.message.endsWith(`with a duplicate key in its body: ${path}.`)).toBe(true);
  });

  it.each([
    ["is not deeper than 64 levels", `{"balances":${"[".repeat(100_000)}`, "api_unexpected_shape"],
    ["has at most 25,000 objects", `{"balances":[],"x":[${"{},".repeat(25_000)}{}]}`, "api_body_too_large"],
    ["has at most 25,000 numbers", `{"balances":[],"x":[${"1,".repeat(25_000)}1]}`, "api_body_too_large"],
  ])("%s; otherwise it is rejected before it is parsed", (_, body, code) => {
    expect(errorOf(200, body).code).toBe(code);
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
    ["the token null", { nextPageToken: null }, undefined],
    ["a token", { nextPageToken: "x" }, "x"],
  ])("returns the next page's token for %s", (_, fields, next) => {
    expect(decodeBalancesPage({ balances: [], ...fields })).toEqual({ value: { items: [], next } });
  });

  it("rejects everything that is not a decimal number", () => {
    const rejects = (total: string) => problemsOf("balances.0.amount.btc.total", total) !== undefined;

    expect(BAD_AMOUNTS.filter((text) => !rejects(text))).toEqual([]);
    expect(["0", "-0.0", "007", "12.50", `0.${"1".repeat(900)}`].filter(rejects)).toEqual([]);
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

  // The fuzz test of responses tries every field with many more values.
  it.each<[string, unknown, string]>([
    ["balances", undefined, "balances: expected array"],
    ["balances.1.asset.decimals", 1.5, "balances.1.asset.decimals: expected a whole number, at least 0"],
    ["balances.0.asset.symbol", "toString", "balances.0.amount: expected an entry under the asset's own symbol"],
  ])("rejects %s %j with the path of the field", (path, value, expected) => {
    expect(problemsOf(path, value)).toBe(expected);
  });
});

describe("decodeAccountsPage", () => {
  const accountId = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";

  it.each<[string, object, string | undefined]>([
    ["that is blank is no name", { name: " \t" }, ""],
    ["with spaces around it has none", { name: " Ops " }, "Ops"],
    ["that is no text is unknown", { name: 7 }, undefined],
    ["with half of a surrogate pair is unknown", { name: "\ud800" }, undefined],
  ])("a name %s", (_, given, name) => {
    expect(decodeAccountsPage({ accounts: [{ accountId, ...given }] })).toEqual({
      value: { items: [{ accountId, name }] },
    });
  });

  it.each<[unknown, string]>([
    [{}, "accounts: expected array"],
    [{ accounts: [{ accountId }, { accountId: 7 }] }, "accounts.1.accountId: expected string"],
    [{ accounts: [{ accountId: `${accountId}\n` }] }, "accounts.0.accountId: expected an account id"],
    [{ accounts: [{ accountId: accountId.toUpperCase() }] }, "accounts.0.accountId: expected an account id"],
  ])("rejects %j with the path of the field", (body, expected) => {
    expect(decodeAccountsPage(body).problems).toBe(expected);
  });
});
