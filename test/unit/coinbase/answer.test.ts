import { describe, expect, it } from "@jest/globals";
import { type ApiResponse, readResponse } from "../../../core/coinbase/response.ts";
import { decodeBalancesPage } from "../../../core/coinbase/schema.ts";
import { Signer } from "../../../core/coinbase/signer.ts";
import { ApiError } from "../../../core/domain/errors.ts";
import { sawOutput } from "../../support/leak-watch.ts";
import { key, testClock } from "./harness.ts";

const WHERE = "GET /platform/v2/accounts/account_1/balances";
const NOW = Date.parse("2026-11-23T10:00:00.000Z");

function answerOf(status: number, body: unknown, headers: Record<string, string> = {}): ApiResponse {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return { status, headers: new Headers(headers), body: bytes, receivedAt: NOW };
}

/** The error that an answer is read as; the leak watch sees it. */
function errorOf(...answer: Parameters<typeof answerOf>): ApiError {
  try {
    sawOutput(readResponse(answerOf(...answer), decodeBalancesPage, WHERE));
  } catch (thrown) {
    sawOutput(thrown);
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  throw new Error("the answer was expected to be an ApiError");
}

const problem = (changes: object = {}) => ({ errorType: "internal_server_error", errorMessage: "Oh.", ...changes });
const amount = { available: "1", total: "1" };
const page = (symbol: string, amounts: object) => ({
  balances: [{ asset: { symbol, type: "crypto", name: "A", decimals: 8 }, amount: amounts }],
});

describe("an answer", () => {
  it("of 200 is what its decoder makes of it", () => {
    const content = readResponse(answerOf(200, page("a", { a: amount })), decodeBalancesPage, WHERE);

    expect(content.items.map(({ asset }) => asset.symbol)).toEqual(["a"]);
  });

  it("keeps an amount's digits, and a name in any script", () => {
    const body = page("a", { a: { available: "0.10", total: "123456789012345678901234567890.000000000000000001" } });
    const text = JSON.stringify(body).replace('"A"', '"Ðoge 犬 🐕"');

    const content = readResponse(answerOf(200, text), decodeBalancesPage, WHERE);

    expect(content.items[0]?.asset.name).toBe("Ðoge 犬 🐕");
    expect(content.items[0]?.amounts.get("a")).toEqual({
      available: "0.10",
      total: "123456789012345678901234567890.000000000000000001",
    });
  });

  it("of the documented shape is no error body, even if it has an error's fields beside", () => {
    const content = readResponse(
      answerOf(200, { ...page("a", { a: amount }), ...problem() }),
      decodeBalancesPage,
      WHERE,
    );

    expect(content.items).toHaveLength(1);
  });

  it("lets a decoder's own fault through as what it is", () => {
    const fault = new TypeError("a fault of the program");
    const read = () =>
      readResponse(
        answerOf(200, {}),
        () => {
          throw fault;
        },
        WHERE,
      );

    expect(read).toThrow(fault);
  });
});

describe("an error in the API's shape", () => {
  it("is told with the request, the status, the type, the message and the correlation id", () => {
    const error = errorOf(500, problem({ correlationId: "41deb8d59a9dc9a7-IAD" }));

    expect(error).toMatchObject({
      code: "api_internal_server_error",
      status: 500,
      correlationId: "41deb8d59a9dc9a7-IAD",
    });
    expect(error.message).toMatch(
      /^GET \/platform\/v2\/accounts\/account_1\/balances: HTTP 500 internal_server_error: Oh/,
    );
    expect(error.message).toContain("(correlation id 41deb8d59a9dc9a7-IAD)");
  });

  it("without a correlation id has none", () => {
    const error = errorOf(500, problem());

    expect(error.correlationId).toBeUndefined();
    expect(error.message).not.toContain("correlation");
  });

  it.each([
    ["x-correlation-id", "c-1"],
    ["cf-ray", "8f0a1b2c3d4e5f60-FRA"],
  ])("without a correlation id takes that of the header %s", (header, id) => {
    const error = errorOf(500, problem(), { [header]: id });

    expect(error.correlationId).toBe(id);
    expect(error.message).toContain(id);
  });

  it("prefers the body's own correlation id", () => {
    expect(errorOf(500, problem({ correlationId: "own" }), { "cf-ray": "other" }).correlationId).toBe("own");
  });

  it.each([
    [401, "unauthorized", /revoked or rotated.*IP allowlist.*clock/],
    [403, "forbidden", /permission accounts:read@entity/],
    [404, "not_found", /Check the account id, and that the key belongs to the project/],
  ])("of %d tells the remedy", (status, errorType, remedy) => {
    const error = errorOf(status, problem({ errorType }));

    expect(error.code).toBe(`api_${errorType}`);
    expect(error.message).toMatch(remedy);
  });

  it("has a code of nothing but what codes are made of, whatever the type is", () => {
    const error = errorOf(500, problem({ errorType: `Über-Type\n${"x".repeat(1_000)}` }));

    expect(error.code).toMatch(/^api__ber_type_x{54}$/);
    expect(error.message).not.toContain("\n");
  });

  it("is told in one line that can be read, however long its message is", () => {
    const error = errorOf(500, problem({ errorMessage: `first\n\n\tsecond ${"long ".repeat(10_000)}` }));

    expect(error.message).toContain("first second long");
    expect(error.message).not.toMatch(/[\n\t]/);
    expect(error.message.length).toBeLessThan(600);
  });

  it("does not repeat a token that it echoes, wherever it stands and even cut", async () => {
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

describe("the clock", () => {
  const unauthorized = problem({ errorType: "unauthorized", errorMessage: "No." });
  const date = (offBy: number) => ({ date: new Date(NOW - offBy * 1000).toUTCString() });

  it.each([
    [-3_600, /clock is -3600 s off/],
    [-31, /clock is -31 s off/],
    [31, /clock is 31 s off/],
    [120, /clock is 120 s off/],
  ])("is told of on a 401, where it is %d s off the server's", (offBy, told) => {
    expect(errorOf(401, unauthorized, date(offBy)).message).toMatch(told);
  });

  it.each([-30, -1, 0, 1, 30])("is not told of, where it is %d s off", (offBy) => {
    expect(errorOf(401, unauthorized, date(offBy)).message).not.toContain("s off");
  });

  it("is told of on a 401 alone, and where the server's time can be read", () => {
    const messages = [
      errorOf(403, unauthorized, date(3_600)).message,
      errorOf(500, unauthorized, date(3_600)).message,
      errorOf(401, unauthorized).message,
      errorOf(401, unauthorized, { date: "yesterday" }).message,
    ];

    expect(messages.filter((message) => message.includes("s off"))).toEqual([]);
  });
});

describe("what is no answer of the API's", () => {
  const html = "<html><body>Bad gateway</body></html>";

  it.each<[string, number, unknown, string, RegExp]>([
    ["HTML with 502", 502, html, "api_not_json", /HTTP 502 with a body of 37 bytes that is no \(or cut\) JSON/],
    ["HTML with 200", 200, html, "api_not_json", /HTTP 200 with a body of 37 bytes/],
    ["nothing with 200", 200, "", "api_empty_body", /HTTP 200 with an empty body/],
    ["nothing with 503", 503, "", "api_empty_body", /HTTP 503 with an empty body/],
    ["nothing with 204", 204, "", "api_empty_body", /HTTP 204/],
    ["cut JSON", 200, '{"balances":[', "api_not_json", /13 bytes that is no \(or cut\) JSON/],
    ["JSON and more", 200, '{"balances":[]}x', "api_not_json", /no \(or cut\) JSON/],
    ["invalid UTF-8", 200, Buffer.from([0x22, 0xff, 0x22]), "api_not_json", /3 bytes/],
    ["a character cut in two", 200, Buffer.from('{"balances":[],"x":"é"}').subarray(0, -3), "api_not_json", /bytes/],
    ["white space", 200, " \n", "api_not_json", /2 bytes/],
    ["JSON of another shape with 500", 500, { message: "boom" }, "api_unexpected_shape", /none of the API's/],
    ["an error body with 200", 200, problem(), "api_unexpected_shape", /balances: expected array/],
    ["a right page with 206", 206, page("a", { a: amount }), "api_unexpected_shape", /HTTP 206/],
    ["a right page with 500", 500, page("a", { a: amount }), "api_unexpected_shape", /HTTP 500/],
    ["a redirect", 302, "", "api_redirect", /HTTP 302, a redirect, which is never followed/],
    ["a redirect with an error body", 308, problem(), "api_redirect", /HTTP 308/],
    ["a wrong shape", 200, { balances: {} }, "api_unexpected_shape", /documented shape: balances: expected array/],
  ])("%s is told as such", (_, status, body, code, message) => {
    const error = errorOf(status, body, { "content-type": "text/html" });

    expect([error.code, error.status]).toEqual([code, status]);
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`${WHERE}: `)).toBe(true);
  });

  it("is told with its content type, and the id under which the proxy knows it", () => {
    const error = errorOf(502, html, { "content-type": "text/html", "cf-ray": "8f0a1b2c3d4e5f60-FRA" });

    expect(error.message).toContain("content type text/html");
    expect(error.correlationId).toBe("8f0a1b2c3d4e5f60-FRA");
  });

  it("is told without its content", () => {
    const messages = ['{"balances":[{"asset":"held-in-secret"', "held-in-secret"].map(
      (body) => errorOf(200, body).message,
    );

    expect(messages.filter((message) => message.includes("held"))).toEqual([]);
  });

  it.each([
    ["as an asset's symbol", JSON.stringify(page("__proto__", { a: amount })).replace('"a":', '"__proto__":')],
    ["as a denomination", JSON.stringify(page("a", { a: amount, b: amount })).replace('"b":', '"__proto__":')],
    ["as a symbol without an amount", JSON.stringify(page("__proto__", { a: amount }))],
    [
      "as a name in disguise",
      JSON.stringify(page("a", { a: amount, b: amount })).replace('"b":', '"\\u005f_proto__":'),
    ],
  ])("is an asset under the name __proto__, which no object can hold: %s", (_, body) => {
    const error = errorOf(200, body);

    expect(error.code).toMatch(/^api_(not_json|unexpected_shape)$/);
    expect(body).toContain("_proto__");
  });
});
