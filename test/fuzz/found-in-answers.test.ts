import { describe, expect, it } from "@jest/globals";
import { readResponse } from "../../core/coinbase/response.ts";
import { decodeBalancesPage } from "../../core/coinbase/schema.ts";
import { ApiError } from "../../core/domain/errors.ts";

// What fuzzing found in responses, and what the properties in this folder seldom or never try.

const ONE = { available: "1", total: "1" };
const ASSET = { symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8 };
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
  it("with thousands of denominations is rejected because their totals exceed an item", () => {
    const amount = Object.fromEntries(
      Array.from({ length: 900 }, (_, at) => [`d${at}`, { ...ONE, total: "9".repeat(30) }]),
    );

    const { code, message } = refusalOf(
      200,
      JSON.stringify({ balances: [{ asset: ASSET, amount: { btc: ONE, ...amount } }] }),
    );

    expect(code).toBe("api_unexpected_shape");
    expect(message).toContain("balances: expected amounts in fewer denominations than 900");
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
  it("does not repeat a token after other words with dots", () => {
    const { message } = refusalOf(
      500,
      problem({ errorMessage: "longword.longword.eyJhbGciOiJF.eyJpc3MiOiJj.c2lnbmF0dXJl" }),
    );

    expect(message).not.toContain("eyJpc3MiOiJj.c2lnbmF0dXJl");
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
