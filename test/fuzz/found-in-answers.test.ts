import { describe, expect, it } from "@jest/globals";
import { readResponse } from "../../core/coinbase/response.ts";
import { decodeBalancesPage } from "../../core/coinbase/schema.ts";
import { ApiError } from "../../core/domain/errors.ts";

// What the fuzzing found in the reading of answers, each by its name.

const ONE = { available: "1", total: "1" };
const asset = (changes: object = {}) => ({ symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8, ...changes });
const page = (assetChanges: object = {}, amount: object = { btc: ONE }) =>
  JSON.stringify({ balances: [{ asset: asset(assetChanges), amount }] });
const problem = (changes: object = {}) =>
  JSON.stringify({ errorType: "internal_server_error", errorMessage: "Oh.", ...changes });

function read(status: number, text: string, headers: Record<string, string> = {}) {
  const answer = { status, headers: new Headers(headers), body: Buffer.from(text), receivedAt: Date.UTC(2026, 10, 23) };
  return readResponse(answer, decodeBalancesPage, "GET /balances");
}

function refusalOf(...answer: Parameters<typeof read>): ApiError {
  try {
    read(...answer);
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  throw new Error("it was read");
}

describe("found by fuzzing: a page of balances", () => {
  it.each([
    ["an asset's symbol", page({ symbol: "\ud83d" }, { "\ud83d": ONE }), "balances.0.asset.symbol"],
    ["a denomination", page({}, { btc: ONE, "a\udd25": ONE }), "balances.0.amount.a"],
    ["an asset's name", page({ name: "\ud800" }), "balances.0.asset.name"],
    ["an asset's type", page({ type: "\udfff" }), "balances.0.asset.type"],
    ["the token of the next page", '{"balances":[],"nextPageToken":"\\ud800"}', "nextPageToken"],
  ])("with half a character in %s is refused: it would be stored as another one", (_, text, path) => {
    const { code, message } = refusalOf(200, text);

    expect(code).toBe("api_unexpected_shape");
    expect(message).toContain(`${path}`);
    expect(message).toContain("expected well-formed Unicode");
  });

  it.each([
    ["a symbol that fits into no key", page({ symbol: "x".repeat(1_000) }), "balances.0.asset.symbol"],
    ["a symbol of few characters and many bytes", page({ symbol: "🐕".repeat(250) }), "balances.0.asset.symbol"],
    ["a denomination that fits into no key", page({}, { btc: ONE, ["é".repeat(500)]: ONE }), "balances.0.amount.éé"],
    ["a name of half a megabyte", page({ name: "x".repeat(500_000) }), "balances.0.asset.name"],
    [
      "an amount of half a megabyte",
      page({}, { btc: { ...ONE, total: "9".repeat(500_000) } }),
      "balances.0.amount.btc.total",
    ],
  ])("with %s is refused by its path: no item could hold it", (_, text, path) => {
    const { code, message } = refusalOf(200, text);

    expect(code).toBe("api_unexpected_shape");
    expect(message).toContain(path);
    expect(message).toMatch(/expected at most \d+ bytes/);
  });

  it("with thousands of denominations is rejected because their totals exceed an item", () => {
    const amount = Object.fromEntries(
      Array.from({ length: 900 }, (_, at) => [`d${at}`, { ...ONE, total: "9".repeat(30) }]),
    );

    const { code, message } = refusalOf(200, page({}, { btc: ONE, ...amount }));

    expect(code).toBe("api_unexpected_shape");
    expect(message).toContain("balances: expected amounts in fewer denominations than 900");
  });

  it.each([
    ["amounts of an asset", '"btc":{"available":"1","total":"1"},"btc":{"available":"2","total":"2"}', "amount.btc"],
    ["totals", '"btc":{"available":"1","total":"1","total":"2"}', "amount.btc.total"],
    ["amounts in another spelling", '"btc":{"available":"1","total":"1"},"\\u0062tc":null', "amount.btc"],
  ])("with two %s is rejected, because one would be lost", (_, amount, path) => {
    const text = `{"balances":[{"asset":${JSON.stringify(asset())},"amount":{${amount}}}]}`;

    const { code, message } = refusalOf(200, text);

    expect(code).toBe("api_unexpected_shape");
    expect(message).toContain(`a duplicate key in its body: balances.0.${path}`);
  });

  it("with a hundred thousand invalid balances is rejected because of the first, without a stack overflow", () => {
    const { code, message } = refusalOf(200, `{"balances":[${"{},".repeat(100_000)}{}]}`);

    expect(code).toBe("api_unexpected_shape");
    expect(message).toContain("balances.0.asset: expected object");
  });

  it("with a hundred thousand levels is rejected because of them, and is not retried as truncated", () => {
    const { code, message } = refusalOf(200, JSON.stringify({ balances: [] }).replace("[]", "[".repeat(100_000)));

    expect(code).toBe("api_unexpected_shape");
    expect(message).toContain("a body of more than 64 levels");
  });
});

describe("found by fuzzing: an error's message", () => {
  it("with a word of a hundred thousand letters is built in less than ten seconds", () => {
    const startedAt = performance.now();

    const { message } = refusalOf(500, problem({ errorMessage: "a".repeat(100_000) }));

    expect(message.length).toBeLessThan(500);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it.each(["\u001b[31m", "\u0000", "\u202e", "\u200f"])("does not contain the control character %j", (sign) => {
    const { message } = refusalOf(500, problem({ errorMessage: `before${sign}after` }));

    expect(message).not.toContain(sign);
    expect(message).toContain("before\ufffd");
  });

  it("and a correlation id are not cut within a character", () => {
    const dogs = `x${"🐕".repeat(400)}`;

    const { message, correlationId } = refusalOf(500, problem({ errorMessage: dogs, correlationId: dogs }));

    expect(Buffer.from(message).toString()).toBe(message);
    expect(Buffer.from(correlationId ?? "").toString()).toBe(correlationId);
  });

  it("does not repeat the claims of a damaged token", () => {
    const [header, claims, signature] = ["eyJhbGciOiJFUzI1NiIsImtp", "eyJpc3MiOiJjZHAiLCJzdWIiOiI3In0", "c2lnbmF0dXJl"];

    const { message } = refusalOf(503, problem({ errorMessage: `btc${header}  I6Ijcif.${claims}.${signature}btc` }));

    expect(message).toContain("btc[token] I6Ijcif.[token]");
    for (const part of [header, claims, signature]) expect(message).not.toContain(part);
  });

  it("does not repeat a token after other words with dots", () => {
    const { message } = refusalOf(
      500,
      problem({ errorMessage: "longword.longword.eyJhbGciOiJF.eyJpc3MiOiJj.c2lnbmF0dXJl" }),
    );

    expect(message).not.toContain("eyJpc3MiOiJj.c2lnbmF0dXJl");
  });

  it("has the code api_unnamed if the error type is empty", () => {
    expect(refusalOf(500, problem({ errorType: "" })).code).toBe("api_unnamed");
  });

  it("has the correlation id of the header if its own is empty", () => {
    const { correlationId } = refusalOf(500, problem({ correlationId: "" }), { "cf-ray": "8f0a1b2c3d4e5f60-FRA" });

    expect(correlationId).toBe("8f0a1b2c3d4e5f60-FRA");
  });

  it("does not mention the clock if the Date header is not a date", () => {
    const { message } = refusalOf(401, problem({ errorType: "unauthorized" }), { date: "1" });

    expect(message).not.toContain("clock");
  });
});
