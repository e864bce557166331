import { describe, expect, it } from "@jest/globals";
import { readConfig } from "../../../core/config.ts";
import { ENV } from "../../../core/names/environment.ts";
import { configOf, problemsOf } from "./harness.ts";

describe("the configuration", () => {
  it("has a default for everything except the secret and the table", () => {
    const config = configOf({});

    expect(config).toEqual({
      apiBaseUrl: "https://api.cdp.coinbase.com/platform",
      apiKeySecretId: "cdp-api-key",
      tableName: "balance-snapshots",
      accounts: "all",
      accountsOwner: undefined,
      accountsType: undefined,
      pageSize: undefined,
      maxPages: 1000,
      accountsAtOnce: 16,
      readsPerTenSeconds: 600,
      requestTimeoutMs: 10_000,
      maxAttempts: 6,
      latenessLimitMs: 3_600_000,
      reserveMs: 15_000,
      noticeRules: { movedPercent: 50, explained: [] },
    });
  });

  it("reads each variable", () => {
    const config = readConfig({
      [ENV.apiBaseUrl]: "https://sandbox.cdp.coinbase.com/platform",
      [ENV.apiKeySecretId]: "arn:secret",
      [ENV.tableName]: "table",
      [ENV.accountsOwner]: "entity",
      [ENV.accountsType]: "prime",
      [ENV.pageSize]: "20",
      [ENV.maxPages]: "7",
      [ENV.accountsAtOnce]: "3",
      [ENV.readsPerTenSeconds]: "50",
      [ENV.requestTimeoutMs]: "2500",
      [ENV.maxAttempts]: "1",
      [ENV.latenessLimitSeconds]: "900",
      [ENV.reserveSeconds]: "30",
      [ENV.noticeMovedPercent]: "0",
      [ENV.noticeExplained]: "usdc, account_1/btc,",
    });

    expect(config).toEqual({
      apiBaseUrl: "https://sandbox.cdp.coinbase.com/platform",
      apiKeySecretId: "arn:secret",
      tableName: "table",
      accounts: "all",
      accountsOwner: "entity",
      accountsType: "prime",
      pageSize: 20,
      maxPages: 7,
      accountsAtOnce: 3,
      readsPerTenSeconds: 50,
      requestTimeoutMs: 2500,
      maxAttempts: 1,
      latenessLimitMs: 900_000,
      reserveMs: 30_000,
      noticeRules: { movedPercent: 0, explained: ["usdc", "account_1/btc"] },
    });
  });

  it("ignores an empty or blank variable, and trims the others", () => {
    const config = configOf({
      [ENV.pageSize]: "",
      [ENV.maxPages]: "  ",
      [ENV.apiBaseUrl]: "",
      [ENV.accountsFile]: " ",
      [ENV.accountsOwner]: "",
      [ENV.tableName]: " table ",
    });

    expect(config).toMatchObject({ pageSize: undefined, maxPages: 1000, accounts: "all", tableName: "table" });
    expect(config.accountsOwner).toBeUndefined();
    expect(config.apiBaseUrl).toBe("https://api.cdp.coinbase.com/platform");
  });

  it.each([
    [ENV.tableName, "the name of the DynamoDB table"],
    [ENV.apiKeySecretId, "the name or ARN of the key's secret"],
  ])("requires %s, and says what to set it to", (name, expected) => {
    const problems = problemsOf({ [name]: undefined });

    expect(problems).toEqual([`${name}: is not set. Set it to ${expected}.`]);
  });

  it("requires no secret if the key comes from another place", () => {
    const config = readConfig({ [ENV.tableName]: "table", [ENV.apiKeySecretId]: "x" }, { keyElsewhere: true });

    expect(config.apiKeySecretId).toBeUndefined();
  });

  it.each([
    [ENV.pageSize, 1, 1000],
    [ENV.maxPages, 1, 100_000],
    [ENV.accountsAtOnce, 1, 100],
    [ENV.readsPerTenSeconds, 1, 100_000],
    [ENV.requestTimeoutMs, 1, 300_000],
    [ENV.maxAttempts, 1, 100],
    [ENV.latenessLimitSeconds, 1, 366 * 86_400],
    [ENV.reserveSeconds, 1, 600],
    [ENV.noticeMovedPercent, 0, 1_000_000],
  ])("accepts for %s only a whole number from %d to %d", (name, min, max) => {
    const wrong = [String(min - 1), String(max + 1), "-1", "1.5", "1e2", "0x10", "ten", "1_000", "9".repeat(30)];

    const accepted = [String(min), String(max)].map((value) => problemsOf({ [name]: value }));
    const refused = wrong.map((value) => problemsOf({ [name]: value }));

    expect(accepted).toEqual([[], []]);
    for (const [at, problems] of refused.entries()) {
      expect(problems).toEqual([
        expect.stringMatching(
          `^${name}: is "${wrong[at]?.replace(".", "\\.")}"\\. Expected a whole number from ${min} to ${max}\\.( The default is \\d+\\.)?$`,
        ),
      ]);
    }
  });

  it("reports all problems at once", () => {
    const problems = problemsOf(
      {
        [ENV.apiBaseUrl]: "ftp://example.com",
        [ENV.pageSize]: "0",
        [ENV.maxAttempts]: "many",
        [ENV.accountsFile]: "/nowhere.json",
        [ENV.accountsOwner]: "entity",
      },
      {},
    );

    const named = problems.map((problem) => problem.split(":")[0]);
    expect(named.sort()).toEqual(
      [
        ENV.apiBaseUrl,
        ENV.apiKeySecretId,
        ENV.tableName,
        ENV.pageSize,
        ENV.maxAttempts,
        ENV.accountsFile,
        ENV.accountsOwner,
      ].sort(),
    );
  });
});
