import { describe, expect, it } from "@jest/globals";
import { describeValue, jsonPath, redactTokens, singleLine, truncate } from "../../../core/domain/untrusted-text.ts";

describe("truncate", () => {
  it.each([
    ["abcd", 4, "abcd"],
    ["abcde", 4, "abc…"],
    ["ab🐕de", 4, "ab…"],
  ])("returns %j in %d characters as %j", (text, maxLength, expected) => {
    expect(truncate(text, maxLength)).toBe(expected);
  });
});

describe("singleLine", () => {
  it("joins lines and replaces characters that cannot be seen", () => {
    expect(singleLine("a\n\n\tb\u200bc\u0000", 10)).toBe("a b\ufffdc\ufffd");
  });
});

describe("redactTokens", () => {
  it.each([
    ["eyJhbGciOiJF.eyJpc3MiOiJj.c2lnbmF0dXJl", "[token]"],
    ["Bearer eyJhbGciOiJF…", "Bearer [token]…"],
    ["x.longword.longword.signature", "x.[token]"],
    ["api.cdp.coinbase.com", "api.cdp.coinbase.com"],
  ])("returns %j as %j", (text, expected) => {
    expect(redactTokens(text)).toBe(expected);
  });

  it.each(["a-".repeat(250_000), "aaaaaaaa.".repeat(50_000), "eyJ".repeat(150_000)])(
    "takes time proportional to the text's length",
    (text) => {
      const startedAt = performance.now();

      redactTokens(text);

      expect(performance.now() - startedAt).toBeLessThan(10_000);
    },
  );
});

describe("describeValue", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an empty list", []],
    ["a list of 1", cycle],
    ["an object", { privateKey: "secret" }],
    ["7", 7],
    ["NaN", Number.NaN],
    ['"a\\n\\"b\\""', 'a\n"b"'],
    [`"${"x".repeat(78)}…`, "x".repeat(1_000)],
  ])("returns %s", (expected, value) => {
    expect(describeValue(value)).toBe(expected);
  });
});

describe("jsonPath", () => {
  it("joins the names with dots and truncates a long one", () => {
    expect(jsonPath(["balances", 0, "amount", "x".repeat(50)])).toBe(`balances.0.amount.${"x".repeat(41)}…`);
  });
});
