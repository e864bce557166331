import { describe, expect, it } from "@jest/globals";
import { type ApiResponse, readResponse } from "../../../core/coinbase/response.ts";
import { decodeBalancesPage } from "../../../core/coinbase/schema.ts";
import { Signer } from "../../../core/coinbase/signer.ts";
import { ApiError } from "../../../core/domain/errors.ts";
import { sawOutput } from "../../support/leak-watch.ts";
import { key, testClock } from "./harness.ts";

const WHERE = "GET /platform/v2/accounts/account_1/balances";
const NOW = Date.parse("2026-11-23T10:00:00.000Z");

function responseWith(status: number, body: unknown, headers: Record<string, string> = {}): ApiResponse {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return { status, headers: new Headers(headers), body: bytes, receivedAt: NOW };
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

    expect(fromBody).toMatchObject({
      code: "api_internal_server_error",
      status: 500,
      correlationId: "c-1",
      message: `${WHERE}: HTTP 500 internal_server_error: Oh (correlation id c-1).`,
    });
    expect(fromHeader.correlationId).toBe("8f0a1b2c3d4e5f60-FRA");
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

  it("does not repeat a token from the request, wherever it is and even if it is cut", async () => {
    const url = new URL("https://api.example.com/v2/accounts");
    const token = await new Signer(testClock()).token({ ...key, algorithm: "EdDSA" }, "GET", url);
    const [header = "", claims = "", signature = ""] = token.split(".");
    const echoes = [
      `Bad token "${token}".`,
      `Bearer ${token}`,
      `x=${token}&y`,
      `${"long ".repeat(45)}${token}`,
      `${token.slice(0, -10)}…`,
    ];

    const messages = echoes.map((errorMessage) => errorOf(401, problem({ errorMessage })).message);

    expect(
      messages.filter((text) => [header, claims, signature.slice(0, 12)].some((part) => text.includes(part))),
    ).toEqual([]);
    expect(messages[0]).toContain("[token]");
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
