import { type JobConfig, readJobConfig } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import type { Environment } from "../../core/environment-settings.ts";
import { ENV } from "../../core/names/environment.ts";
import { describe, expect, it } from "../support/jest.ts";

/** The variables without a default. */
const REQUIRED = { [ENV.apiKeySecretId]: "cdp-api-key", [ENV.tableName]: "balance-snapshots" };

/** Returns the configuration for these variables and the required ones. */
function configOf(env: Environment) {
  return readJobConfig({ ...REQUIRED, ...env });
}

/** Returns the problems with these variables; none if they are valid. */
function problemsOf(env: Environment, base: Environment = REQUIRED): readonly string[] {
  try {
    readJobConfig({ ...base, ...env });
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).code).toBe("config_invalid");
    return (thrown as InputError).problems;
  }
  return [];
}

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
      accountsAtOnce: 320,
      readsPerTenSeconds: 600,
      requestTimeoutMs: 10_000,
      maxAttempts: 6,
      hasLongRuns: false,
      latenessLimitMs: 3_600_000,
      reserveMs: 15_000,
      noticeRules: { movedPercent: 50, explained: [] },
    });
  });

  // The table of numbers below covers the other variables.
  it("reads the filters of the list and the limit for notices", () => {
    const config = configOf({
      [ENV.accountsOwner]: "entity",
      [ENV.accountsType]: "prime",
      [ENV.noticeMovedPercent]: "0",
    });

    expect(config).toMatchObject({ accountsOwner: "entity", accountsType: "prime" });
    expect(config.noticeRules).toEqual({ movedPercent: 0, explained: [] });
  });

  it("ignores an empty or blank variable, and trims the others", () => {
    const config = configOf({ [ENV.maxPages]: "  ", [ENV.configurationFile]: " ", [ENV.tableName]: " table " });

    expect(config).toMatchObject({ maxPages: 1000, accounts: "all", tableName: "table" });
  });

  it.each([
    [ENV.tableName, "the name of the DynamoDB table"],
    [ENV.apiKeySecretId, "the name or ARN of the key's secret"],
  ])("requires %s, and says what to set it to", (name, expected) => {
    for (const unset of [undefined, "", "\n"]) {
      expect(problemsOf({ [name]: unset })).toEqual([`${name}: is not set. Set it to ${expected}.`]);
    }
  });

  it.each<[string, number, number, (config: JobConfig) => number | undefined]>([
    [ENV.pageSize, 1, 1000, (config) => config.pageSize],
    [ENV.maxPages, 1, 100_000, (config) => config.maxPages],
    [ENV.accountsAtOnce, 1, 320, (config) => config.accountsAtOnce],
    [ENV.readsPerTenSeconds, 1, 100_000, (config) => config.readsPerTenSeconds],
    [ENV.requestTimeoutMs, 1, 300_000, (config) => config.requestTimeoutMs],
    [ENV.maxAttempts, 1, 100, (config) => config.maxAttempts],
    [ENV.retentionDays, 1, 36_500, (config) => config.retentionDays],
    [ENV.latenessLimitSeconds, 1, 366 * 86_400, (config) => config.latenessLimitMs / 1000],
    [ENV.reserveSeconds, 1, 600, (config) => config.reserveMs / 1000],
    [ENV.noticeMovedPercent, 0, 1_000_000, (config) => config.noticeRules.movedPercent],
  ])("accepts for %s only a whole number from %d to %d", (name, min, max, read) => {
    const outside = [String(min - 1), String(max + 1), "9".repeat(400)];
    const wrong = [...outside, ..."1.5 1e2 0x10 +5 5,0 1_000 NaN Infinity \u0661 true ten".split(" "), "5 0"];

    const accepted = [`${min}`, ` 00${min}`, `${max}\r\n`].map((value) => read(configOf({ [name]: value })));
    const problems = wrong.map((value) => problemsOf({ [name]: value }));

    expect(accepted).toEqual([min, min, max]);
    for (const [at, problem] of problems.entries()) {
      const range = `Expected a whole number from ${min} to ${max}\\.( The default is \\d+\\.)?$`;
      expect(problem).toEqual([expect.stringMatching(range)]);
      expect(problem[0]).toContain(`${name}: is "${wrong[at]?.slice(0, 70)}`);
      expect(problem[0]?.length).toBeLessThan(250);
    }
  });
});

describe("the API's base URL", () => {
  it.each([
    ["https://example.com/platform/", "https://example.com/platform"],
    [" HTTPS://EXAMPLE.COM/a/b%20c//\n", "https://example.com/a/b%20c"],
    ["https://[::1]:8443", "https://[::1]:8443"],
    ["http://127.255.1.9/platform", "http://127.255.1.9/platform"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["http://[::1]:3000/platform", "http://[::1]:3000/platform"],
  ])("may be %s", (given, expected) => {
    const config = configOf({ [ENV.apiBaseUrl]: given });

    expect(config.apiBaseUrl).toBe(expected);
  });

  it.each([
    "http://evil.com",
    "http://127.0.0.1.evil.com",
    "http://localhost.evil.com",
    "http://evil.com#localhost",
    "http://127.0.0.1@evil.com",
    "http://128.0.0.1",
    "https://hunter2@example.com",
    "http://0.0.0.0",
    ..."ftp://127.0.0.1 file:///etc/passwd javascript:alert(1) data:,x https:// //localhost".split(" "),
    "api.cdp.coinbase.com/platform",
    // An empty query or fragment: a path cannot be appended.
    "https://example.com/platform?",
    "https://example.com/platform#",
    "https://user:hunter2@example.com",
    "https://exa%40mple.com",
  ])("may not be %s", (given) => {
    const problems = problemsOf({ [ENV.apiBaseUrl]: given });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^CDP_API_BASE_URL: is not a valid base URL\. Expected https .* The default is https:/);
    expect(problems.join()).not.toContain("hunter2");
  });
});
