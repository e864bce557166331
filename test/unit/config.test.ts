import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Environment, readConfig } from "../../lambda/config.ts";
import { InputError } from "../../lambda/domain/errors.ts";
import { ENV } from "../../lambda/environment.ts";

const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const OTHER_ID = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const NEEDED = { [ENV.apiKeySecretId]: "cdp-api-key", [ENV.tableName]: "balance-snapshots" };

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "config-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const path = join(mkdtempSync(join(folder, "accounts-")), "accounts.json");
  writeFileSync(path, text);
  return path;
}

function configOf(env: Environment) {
  return readConfig({ ...NEEDED, ...env });
}

function problemsOf(env: Environment, base: Environment = NEEDED): readonly string[] {
  try {
    readConfig({ ...base, ...env });
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).code).toBe("config_invalid");
    return (thrown as InputError).problems;
  }
  return [];
}

describe("the configuration", () => {
  it("has a default for everything but the key's secret and the table", () => {
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

  it("is what each variable says", () => {
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

  it("takes an empty variable, or one of blanks, for none, and cuts blanks off", () => {
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
  ])("misses %s, and says what to set it to", (name, remedy) => {
    const problems = problemsOf({ [name]: undefined });

    expect(problems).toEqual([`${name}: is not set. Set it to ${remedy}.`]);
  });

  it("needs no secret where the key comes from elsewhere", () => {
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
  ])("takes a whole number for %s from %d to %d, and nothing else", (name, min, max) => {
    const wrong = [String(min - 1), String(max + 1), "-1", "1.5", "1e2", "0x10", "ten", "1_000", "9".repeat(30)];

    const accepted = [String(min), String(max)].map((value) => problemsOf({ [name]: value }));
    const refused = wrong.map((value) => problemsOf({ [name]: value }));

    expect(accepted).toEqual([[], []]);
    for (const [at, problems] of refused.entries()) {
      expect(problems).toEqual([
        expect.stringMatching(
          `^${name}: is "${wrong[at]?.replace(".", "\\.")}"\\. Give a whole number from ${min} to ${max}, or none( for \\d+)?\\.$`,
        ),
      ]);
    }
  });

  it("names all problems at once", () => {
    const problems = problemsOf(
      {
        [ENV.apiBaseUrl]: "ftp://example.com",
        [ENV.pageSize]: "0",
        [ENV.maxAttempts]: "many",
        [ENV.accountsFile]: fileWith("[]"),
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

describe("the API's base URL", () => {
  it.each([
    ["https://example.com/platform/", "https://example.com/platform"],
    ["https://example.com//", "https://example.com"],
    ["https://example.com:8443/a/b", "https://example.com:8443/a/b"],
    ["http://127.0.0.1:8080/platform", "http://127.0.0.1:8080/platform"],
    ["http://127.255.1.9/platform", "http://127.255.1.9/platform"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["http://LOCALHOST:3000", "http://localhost:3000"],
    ["http://[::1]:3000/platform", "http://[::1]:3000/platform"],
  ])("may be %s", (given, expected) => {
    const config = configOf({ [ENV.apiBaseUrl]: given });

    expect(config.apiBaseUrl).toBe(expected);
  });

  it.each([
    "http://evil.com",
    "http://api.cdp.coinbase.com/platform",
    "http://127.0.0.1.evil.com",
    "http://localhost.evil.com",
    "http://evil.com/127.0.0.1",
    "http://evil.com#localhost",
    "http://127.0.0.1@evil.com",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://[::2]",
    "http://10.0.0.1",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "api.cdp.coinbase.com/platform",
    "https://",
    "https://example.com/?a=b",
    "https://example.com/#a",
    "https://user@example.com",
    "https://user:password@example.com",
  ])("may not be %s", (given) => {
    const problems = problemsOf({ [ENV.apiBaseUrl]: given });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^CDP_API_BASE_URL: is not an https URL .* Give one like https:/);
  });

  it("may not be one that has a password alone", () => {
    const problems = problemsOf({ [ENV.apiBaseUrl]: "https://:password@example.com" });

    expect(problems).toHaveLength(1);
  });

  it.each(["https://example.com/platform?", "https://example.com/platform#", "https://example.com/platform/?"])(
    "is no URL that a path cannot be put behind: %s",
    (given) => {
      // An empty query or fragment: either it is refused or it is gone.
      const problems = problemsOf({ [ENV.apiBaseUrl]: given });
      const path = problems.length > 0 ? "refused" : configOf({ [ENV.apiBaseUrl]: given }).apiBaseUrl;

      expect(["refused", "https://example.com/platform"]).toContain(path);
    },
  );

  it("is not told in the message, as a password may be in it", () => {
    const problems = problemsOf({ [ENV.apiBaseUrl]: "https://user:hunter2@example.com" });

    expect(problems.join()).not.toContain("hunter2");
  });
});

describe("the accounts file", () => {
  it("may hold 5,000 ids, and keeps their order", () => {
    const ids = Array.from({ length: 5000 }, (_, at) => `account_${String(at).padStart(8, "0")}${ID.slice(16)}`);

    const config = configOf({ [ENV.accountsFile]: fileWith(JSON.stringify(ids)) });

    expect(config.accounts).toEqual(ids);
  });

  it("counts an id that is there twice once", () => {
    const config = configOf({ [ENV.accountsFile]: fileWith(JSON.stringify([ID, OTHER_ID, ID])) });

    expect(config.accounts).toEqual([ID, OTHER_ID]);
  });

  it("is not there: names the file and why", () => {
    const path = join(folder, "nowhere.json");

    const problems = problemsOf({ [ENV.accountsFile]: path });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${ENV.accountsFile}: ${path} cannot be read as JSON: ENOENT`);
  });

  it.each([
    ["broken JSON", `["${ID}"`, "cannot be read as JSON"],
    ["nothing", "", "cannot be read as JSON"],
    ["an id a line", `${ID}\n${OTHER_ID}\n`, "cannot be read as JSON"],
    ["an empty list", "[]", "holds no list of account ids"],
    ["an object", `{"accounts": ["${ID}"]}`, "holds no list of account ids"],
    ["a text", `"${ID}"`, "holds no list of account ids"],
    ["null", "null", "holds no list of account ids"],
    ["an id too short", `["${ID}", "account_1"]`, 'holds 1 that are no account ids, such as "account_1"'],
    ["an id in capitals", `["${ID.toUpperCase()}"]`, "holds 1 that are no account ids"],
    ["an id with a path behind it", `["${ID}/../x"]`, "holds 1 that are no account ids"],
    ["an id with a line end", `["${ID}\\n"]`, "holds 1 that are no account ids"],
    ["an id without its prefix", `["${ID.slice(8)}"]`, "holds 1 that are no account ids"],
    ["other types", `[7, null, {"id": "${ID}"}, ["${ID}"]]`, "holds 4 that are no account ids, such as 7, null, "],
  ])("holds %s: says so", (_, text, expected) => {
    const path = fileWith(text);

    const problems = problemsOf({ [ENV.accountsFile]: path });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${ENV.accountsFile}: ${path} ${expected}`);
  });

  it("names the first few of many wrong ids alone", () => {
    const path = fileWith(JSON.stringify(Array.from({ length: 5000 }, (_, at) => `wrong-${at}`)));

    const [problem = ""] = problemsOf({ [ENV.accountsFile]: path });

    expect(problem).toContain('5000 that are no account ids, such as "wrong-0", "wrong-1", "wrong-2".');
    expect(problem).not.toContain("wrong-3");
  });

  it.each([ENV.accountsOwner, ENV.accountsType])("does not go with %s", (filter) => {
    const problems = problemsOf({ [ENV.accountsFile]: fileWith(JSON.stringify([ID])), [filter]: "prime" });

    expect(problems).toEqual([
      expect.stringMatching(`^${filter}: filters .*${ENV.accountsFile}.* Set one of them\\.$`),
    ]);
  });
});
