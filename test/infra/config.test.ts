import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { RootConstruct } from "constructs";
import { type Config, ConfigError, readConfig } from "../../infra/config/config.ts";
import { KEYS } from "../../infra/config/config-keys.ts";
import { nearest } from "../../infra/config/nearest.ts";
import { accountId, contextWith } from "./configurations.ts";

const KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/** Reads the configuration of a context. A bare construct, for an app makes a folder. */
function readContext(context: Record<string, unknown>): Config {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries(context)) node.setContext(key, value);
  return readConfig(node);
}

/** Reads a configuration that stands in cdk.json, and what is given after `-c`. */
const read = (balanceSnapshots: unknown, flags: Record<string, unknown> = {}): Config =>
  readContext(contextWith({ balanceSnapshots, ...flags }));

/** The lines of the error, without the first. */
function problems(balanceSnapshots: unknown, flags: Record<string, unknown> = {}): string[] {
  try {
    read(balanceSnapshots, flags);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split("\n").slice(1);
  }
  return [];
}

describe("readConfig", () => {
  it("has a default for every key that needs one, and cdk.json shows the same", () => {
    const expected = {
      stackName: "cdp-balance-snapshots",
      accounts: "all",
      schedule: "rate(1 hour)",
      timezone: "UTC",
      latenessMinutes: 60,
      staticEgress: false,
      testEvents: true,
      alarms: "on",
      noticeAlarm: false,
    };

    expect(read({})).toEqual(expected);
    expect(readContext(contextWith({}))).toEqual(expected);
    expect(read(undefined)).toEqual(expected);
  });

  it("takes every key from cdk.json", () => {
    const given = {
      stage: "dev",
      tags: { team: "finance", "cost-center": "7" },
      stackName: "finance-snapshots",
      accounts: "all",
      accountsOwner: ["entity", "customer_af2937b0-9846-4fe7-bfe9-ccc22d935114"],
      accountsType: "prime",
      schedule: "cron(0 */4 * * ? *)",
      timezone: "Europe/Berlin",
      secretName: "prod/cdp-key",
      apiBaseUrl: "https://api.cdp.coinbase.com/platform",
      pageSize: 1,
      accountsAtOnce: 100,
      readsPerTenSeconds: 600,
      latenessMinutes: 240,
      kmsKeyArn: KEY_ARN,
      retentionDays: 3_660,
      backup: "weekly",
      backupRetentionDays: 100,
      anchor: "governance",
      anchorRetentionDays: 30,
      staticEgress: true,
      testEvents: false,
      alarms: "on",
      alarmEmails: ["oncall@example.com"],
      noticeMovedPercent: 20,
      explainedMoves: { usdc: "pays suppliers every day", [`${accountId(1)}/btc`]: "is being sold" },
      noticeAlarm: true,
    };

    expect(Object.keys(given).sort()).toEqual(Object.keys(KEYS).sort());
    expect(read(given)).toEqual({ ...given, stackName: "finance-snapshots-dev" });
  });

  it("takes every key after -c, as text, which wins over cdk.json", () => {
    const config = read(
      { stackName: "a", accounts: "all", pageSize: 10, latenessMinutes: 5 },
      {
        stackName: "b",
        accounts: `${accountId(1)}, ${accountId(2)}`,
        pageSize: "20",
        latenessMinutes: "6",
        tags: "team=finance,cost-center=a=b",
        staticEgress: "true",
        testEvents: "false",
      },
    );

    expect(config).toMatchObject({
      stackName: "b",
      accounts: [accountId(1), accountId(2)],
      pageSize: 20,
      latenessMinutes: 6,
      tags: { team: "finance", "cost-center": "a=b" },
      staticEgress: true,
      testEvents: false,
    });
  });

  it("takes one account, and 5,000", () => {
    const many = Array.from({ length: 5_000 }, (_, i) => accountId(i));

    expect(read({ accounts: accountId(7) }).accounts).toEqual([accountId(7)]);
    expect(read({ accounts: many }).accounts).toEqual(many);
  });

  it.each([["UTC"], ["America/New_York"], ["Europe/Kyiv"]])("takes the time zone %s", (timezone) => {
    expect(read({ timezone }).timezone).toBe(timezone);
  });

  it("refuses a retention of what is not kept, and a name that is too long with its stage", () => {
    expect(problems({ backupRetentionDays: 7 })).toEqual([
      expect.stringMatching(/^ {2}backupRetentionDays: .*only with backup/),
    ]);
    expect(problems({ anchorRetentionDays: 7 })).toEqual([
      expect.stringMatching(/^ {2}anchorRetentionDays: .*only with anchor/),
    ]);
    expect(problems({ stackName: "a".repeat(126), stage: "dev" })).toEqual([
      expect.stringMatching(/^ {2}stage: .*130 letters long; expected at most 128/),
    ]);
  });

  it.each([
    ["stage", "Dev", "a small letter"],
    ["stage", "a".repeat(21), "a small letter"],
    ["tags", "team", "up to 40 tags"],
    ["tags", "aws:team=finance", "up to 40 tags"],
    ["tags", ["team"], "up to 40 tags"],
    ["kmsKeyArn", "alias/finance", "the ARN of a KMS key"],
    ["kmsKeyArn", "arn:aws:kms:eu-west-1:123456789012:alias/finance", "the ARN of a KMS key"],
    ["retentionDays", 0, "from 1 to 36500"],
    ["retentionDays", "ever", "from 1 to 36500"],
    ["backup", "hourly", "daily, weekly or monthly"],
    ["anchor", "legal", "compliance or governance"],
    ["staticEgress", "yes", "true or false"],
    ["testEvents", 1, "true or false"],
    ["alarms", "off", '"on", or "none, because'],
    ["alarmEmails", "nobody", "e-mail addresses"],
    ["stackName", "1st", "a letter"],
    ["stackName", 7, "a letter"],
    ["accounts", "every", '"all", or 1 to 5000'],
    ["accounts", [], '"all", or 1 to 5000'],
    ["accounts", "", '"all", or 1 to 5000'],
    ["accounts", ["account_AF2937B0-9846-4fe7-bfe9-ccc22d935114"], '"all", or 1 to 5000'],
    ["accountsOwner", "somebody", "entity, customer"],
    ["accountsType", "Prime", "prime, business or cdp"],
    ["schedule", "rate(1 hours)", "AWS writes it rate(1 hour)"],
    ["schedule", "at(2026-11-23T10:00:00)", "one-time"],
    ["schedule", 60, "rate(…) or cron(…)"],
    ["timezone", "Mars/Olympus", "Europe/Berlin"],
    ["timezone", "europe/berlin", "it is written Europe/Berlin"],
    ["timezone", "+01:00", "IANA"],
    ["secretName", "two words", "name of a secret"],
    ["secretName", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:unended", "six characters"],
    ["apiBaseUrl", "http://api.cdp.coinbase.com", "https://"],
    ["apiBaseUrl", "api.cdp.coinbase.com", "https://"],
    ["apiBaseUrl", "https://me:secret@api.cdp.coinbase.com", "https://"],
    ["pageSize", 0, "from 1 to 1000"],
    ["explainedMoves", "usdc", "with an explanation"],
    ["explainedMoves", "usdc= ", "with an explanation"],
    ["explainedMoves", "usdc=is being sold,usdc=twice over", "with an explanation"],
    ["explainedMoves", "a/b=is being sold", "with an explanation"],
    ["noticeMovedPercent", -1, "from 0 to 1000000"],
    ["noticeAlarm", "on", "true or false"],
    ["pageSize", "1001", "from 1 to 1000"],
    ["accountsAtOnce", 1.5, "from 1 to 100"],
    ["accountsAtOnce", 101, "from 1 to 100"],
    ["readsPerTenSeconds", "many", "from 1 to 600"],
    ["readsPerTenSeconds", 601, "from 1 to 600"],
    ["latenessMinutes", 0, "from 1 to one period"],
    ["latenessMinutes", 61, "at most 60, the shortest period of rate(1 hour)"],
  ])("says what is wrong with %s: %j", (key, given, expected) => {
    const found = problems({ [key]: given });

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^ {2}${key}: given `));
    expect(found[0]).toContain(expected);
    if (!Array.isArray(given)) expect(found[0]).toContain(String(given));
  });

  it("has such a case for every key", () => {
    const source = readFileSync(new URL(import.meta.url), "utf8");

    // `backupRetentionDays` and `anchorRetentionDays` are told apart above.
    expect(Object.keys(KEYS).filter((key) => !new RegExp(`\\["${key}", |problems\\({ ${key}:`).test(source))).toEqual(
      [],
    );
  });

  it("names of a long list what is wrong with it", () => {
    const good = Array.from({ length: 5_000 }, (_, i) => accountId(i));

    expect(problems({ accounts: [...good.slice(5), "a", "b", "c", "d", "e"] })[0]).toContain(
      'given "a", "b", "c" and 2 more;',
    );
    expect(problems({ accounts: [...good.slice(1), accountId(9)] })[0]).toMatch(
      new RegExp(`given "${accountId(9)}"; .*given twice`),
    );
    expect(problems({ accounts: [...good, accountId(5_000)] })[0]).toContain("given a list of 5001;");
  });

  it("refuses filters beside a list of accounts, even a wrong one", () => {
    const filters = { accountsOwner: "entity", accountsType: "cdp" };

    expect(problems({ accounts: [accountId(1)], ...filters })).toEqual([
      expect.stringMatching(/^ {2}accountsOwner: .*only with accounts "all"/),
      expect.stringMatching(/^ {2}accountsType: .*only with accounts "all"/),
    ]);
    expect(problems({ accounts: "x", ...filters })).toHaveLength(3);
  });

  it("refuses what it does not know and names what was probably meant", () => {
    expect(problems({ acounts: "all", latency: 3 })).toEqual([
      "  acounts: unknown key; did you mean accounts?",
      expect.stringMatching(/^ {2}latency: unknown key; did you mean /),
    ]);
    expect(problems({}, { pagesize: "5" })).toEqual(["  pagesize: unknown key after -c; did you mean pageSize?"]);
    expect(problems({}, { "someone-elses": "context", stack: "a", args: "b" })).toEqual([]);
  });

  it("refuses a configuration that is no object", () => {
    expect(problems("all")).toEqual(['  balanceSnapshots: given "all"; expected an object in cdk.json']);
    expect(problems([])).toHaveLength(1);
  });

  it("names all problems at once", () => {
    const found = problems(
      {
        stackName: "",
        accountsType: "x",
        scedule: "rate(1 hour)",
        pageSize: "x",
      },
      { timezone: "x", apiBaseUrl: "x", acounts: "all" },
    );

    expect(found.map((line) => line.trim().split(":")[0]).sort()).toEqual([
      "accountsType",
      "acounts",
      "apiBaseUrl",
      "pageSize",
      "scedule",
      "stackName",
      "timezone",
    ]);
  });
});

describe("nearest", () => {
  it.each([
    ["accounts", "accounts", 0],
    ["ACCOUNTS", "accounts", 0],
    ["acounts", "accounts", 1],
    ["accuonts", "accounts", 2],
    ["secret", "secretName", 4],
    ["", "accounts", 8],
  ])("of %j is %s, %d edits away", (given, name, distance) => {
    expect(nearest(given, ["secretName", "accounts"])).toEqual({
      name,
      distance,
    });
  });
});
