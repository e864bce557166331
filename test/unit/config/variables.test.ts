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

  // The fuzz test of the environment covers the other variables.
  it("reads the filters of the list and the rules for notices", () => {
    const config = configOf({
      [ENV.accountsOwner]: "entity",
      [ENV.accountsType]: "prime",
      [ENV.noticeMovedPercent]: "0",
      [ENV.noticeExplained]: "usdc, account_1/btc,",
    });

    expect(config).toMatchObject({ accountsOwner: "entity", accountsType: "prime" });
    expect(config.noticeRules).toEqual({ movedPercent: 0, explained: ["usdc", "account_1/btc"] });
  });

  it("ignores an empty or blank variable, and trims the others", () => {
    const config = configOf({ [ENV.maxPages]: "  ", [ENV.accountsFile]: " ", [ENV.tableName]: " table " });

    expect(config).toMatchObject({ maxPages: 1000, accounts: "all", tableName: "table" });
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
    [ENV.latenessLimitSeconds, 1, 366 * 86_400],
    [ENV.noticeMovedPercent, 0, 1_000_000],
  ])("accepts for %s only a whole number from %d to %d", (name, min, max) => {
    const wrong = [String(min - 1), String(max + 1), "1.5", "1e2", "ten"];

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
        [ENV.accountsFile]: "/nowhere.json",
      },
      {},
    );

    expect(problems.map((problem) => problem.split(":")[0])).toEqual(
      expect.arrayContaining([ENV.apiBaseUrl, ENV.apiKeySecretId, ENV.tableName, ENV.pageSize, ENV.accountsFile]),
    );
    expect(problems).toHaveLength(5);
  });
});
