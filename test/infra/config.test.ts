import { RootConstruct } from "constructs";
import { ConfigError } from "../../infra/config/config-error.ts";
import { CONSTRUCT_KEYS, STACK_KEYS } from "../../infra/config/config-keys.ts";
import { readConfig } from "../../infra/config/context.ts";
import { validateProps } from "../../infra/config/validate.ts";
import { describe, expect, it } from "../support/jest.ts";
import { accountId, contextWith, EVERY_OPTION, NO_ALARMS } from "./configurations.ts";

/** Reads the configuration of a context. Uses a bare construct, because an app creates a folder. */
function readContext(context: Record<string, unknown>) {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries(context)) node.setContext(key, value);
  const { stack, snapshots } = readConfig(node);
  return { ...stack, ...validateProps(snapshots) };
}

const KEYS = { ...STACK_KEYS, ...CONSTRUCT_KEYS };

/** Reads a configuration, and the flags of `-c`, without the feature flags in `cdk.json`. */
const read = (balanceSnapshots: unknown, flags: Record<string, unknown> = {}) =>
  readContext({ balanceSnapshots, ...flags });

/** Returns the problems that the error lists, one per line. */
function problems(balanceSnapshots: unknown, flags: Record<string, unknown> = {}): string[] {
  try {
    read(balanceSnapshots, flags);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split("\n").slice(1);
  }
  return [];
}

const KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:alarms";

/** Keys that exclude or require each other, the key that the message names, and what it says. */
const REJECTED_COMBINATIONS: readonly [Record<string, unknown>, string, string][] = [
  [{ backupRetentionDays: 7 }, "backupRetentionDays", "only with backup"],
  [{ anchorRetentionDays: 7 }, "anchorRetentionDays", "only with anchor"],
  [{ secretKmsKeyArn: KEY_ARN }, "secretKmsKeyArn", "only with secretName"],
  [{ availabilityZone: "eu-west-1b" }, "availabilityZone", "only with staticEgress"],
  [{ vpcId: "vpc-0a1b2c3d" }, "vpcId", "only with subnetIds"],
  [{ subnetIds: ["subnet-0a1b2c3d"] }, "subnetIds", "only with vpcId"],
  [
    { vpcId: "vpc-0a1b2c3d", subnetIds: "subnet-0a1b2c3d", staticEgress: true },
    "vpcId",
    "only with staticEgress false",
  ],
  [
    { kmsKeyArn: KEY_ARN, availabilityZone: "us-west-2-lax-1a", staticEgress: true },
    "availabilityZone",
    "given in us-west-2; expected in eu-west-1, the region of kmsKeyArn",
  ],
  [
    { secretName: "arn:aws:secretsmanager:us-east-1:123456789012:secret:k-a1B2c3", alarmTopicArn: TOPIC_ARN },
    "alarmTopicArn",
    "given in eu-west-1; expected in us-east-1, the region of secretName",
  ],
  [{ secretName: "prod/cdp-key", keys: { emea: {} } }, "secretName", "in a key, such as keys.emea.secretName"],
  [{ sharedReadLimit: true }, "sharedReadLimit", "only with keys"],
  [{ noticeAlarm: true, alarms: NO_ALARMS }, "noticeAlarm", 'only with alarms "on"'],
  [
    { accounts: [accountId(1)], explainedMoves: { [`${accountId(2)}/usdc`]: "pays suppliers" } },
    "explainedMoves",
    "expected one of the configured accounts",
  ],
  [{ alarmTopicArn: TOPIC_ARN, alarms: NO_ALARMS }, "alarmTopicArn", "given without alarms"],
  [{ alarmTopicArn: TOPIC_ARN, alarmEmails: "night@example.com" }, "alarmEmails", "given with alarmTopicArn"],
  [{ alarmEmails: "night@example.com", alarms: NO_ALARMS }, "alarmEmails", "given without alarms"],
  [{ stackName: "a".repeat(126), stage: "dev" }, "stage", "130 characters long; expected at most 128"],
];

/** Keys with a value that is not valid, and what the message expects. */
const REJECTED_VALUES: readonly [string, unknown, string][] = [
  ["stage", "Dev", "a lowercase letter"],
  ["tags", "team", "up to 40 tags"],
  ["tags", "team=a,Team=b", "two keys that differ in case only"],
  ["tags", "aws:team=finance", "up to 40 tags"],
  ["kmsKeyArn", "arn:aws:kms:eu-west-1:123456789012:alias/finance", "the ARN of a KMS key"],
  ["retentionDays", 0, "from 1 to 36500"],
  ["logRetentionDays", 8, "that CloudWatch Logs accepts: 1, 3, 5, 7,"],
  ["terminationProtection", "on", "true or false"],
  ["secretKmsKeyArn", "alias/finance", "the ARN of the KMS key"],
  ["availabilityZone", "eu-west-1", "an availability zone such as"],
  ["vpcId", "vpc-x", "the ID of a VPC"],
  ["subnetIds", "subnet-x", "1 to 16 distinct IDs"],
  ["alarmTopicArn", "arn:aws:sns:eu-west-1:123456789012:alarms.fifo", "a standard SNS topic"],
  ["backup", "hourly", "daily, weekly or monthly"],
  ["anchor", "legal", "compliance or governance"],
  ["staticEgress", "yes", "true or false"],
  ["testEvents", 1, "true or false"],
  ["alarms", "off", '"on", or "none, because'],
  ["alarms", "none, because no", '"on", or "none, because'],
  ["alarmEmails", "nobody", "e-mail addresses"],
  ["stackName", "1st", "a letter"],
  ["accounts", [], '"all", or 1 to 5000'],
  ["accounts", ["account_AF2937B0-9846-4fe7-bfe9-ccc22d935114"], '"all", or 1 to 5000'],
  ["accountsOwner", "somebody", "entity, customer"],
  ["accountsType", "Prime", "prime, business or cdp"],
  ["schedule", "rate(5 minutes)", "use cron(0/5 * * * ? *)"],
  ["schedule", "at(2026-11-23T10:00:00)", "one-time"],
  ["timezone", "Mars/Olympus", "Europe/Berlin"],
  ["timezone", "europe/berlin", "spell it Europe/Berlin"],
  ["timezone", "+01:00", "IANA"],
  ["timezone", "UTC+2", "does not know it"],
  ["timezone", "PST", "not a name in the IANA database"],
  ["secretName", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:unended", "six random characters"],
  ["apiBaseUrl", "http://api.cdp.coinbase.com", "https://"],
  ["apiBaseUrl", "https://me:secret@api.cdp.coinbase.com", "https://"],
  ["keys", "emea", "1 to 20 API keys by name"],
  ["pageSize", 0, "from 1 to 1000"],
  ["explainedMoves", "usdc= ", "with an explanation"],
  ["explainedMoves", "usdc=is being sold,usdc=twice over", "with an explanation"],
  ["explainedMoves", "a/b=is being sold", "with an explanation"],
  ["noticeMovedPercent", -1, "from 0 to 1000000"],
  ["noticeAlarm", "on", "true or false"],
  ["pageSize", "1001", "from 1 to 1000"],
  ["engine", "stepfunctions", "lambda or stepFunctions"],
  ["accountsAtOnce", 321, "from 1 to 320"],
  ["readsPerTenSeconds", 601, "from 1 to 600"],
  ["latenessMinutes", 0, "from 1 to one period"],
  ["latenessMinutes", 61, "at most 60, the shortest period of cron(0 * * * ? *)"],
];

describe("readConfig", () => {
  it("returns the defaults, which cdk.json repeats", () => {
    const expected = {
      stackName: "cdp-balance-snapshots",
      terminationProtection: true,
      apiKeys: [{ accounts: "all", schedule: "cron(0 * * * ? *)", timezone: "UTC", latenessMinutes: 60 }],
      engine: "lambda",
      staticEgress: false,
      testEvents: true,
      alarms: "on",
      noticeAlarm: false,
    };

    expect(read({})).toEqual(expected);
    expect(readContext(contextWith({}))).toEqual(expected);
    expect(read(undefined)).toEqual(expected);
  });

  it("reads the keys in cdk.json, and appends the stage to the stack's name", () => {
    const { accounts, ...options } = EVERY_OPTION;
    const stackName = "cdp-balance-snapshots-dev";
    const { apiKeys, ...defaults } = read({});

    expect(read(EVERY_OPTION)).toEqual({ ...defaults, ...options, stackName, apiKeys: [{ ...apiKeys[0], accounts }] });
  });

  it("lets -c override cdk.json, with every value as text", () => {
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
      apiKeys: [{ accounts: [accountId(1), accountId(2)], latenessMinutes: 6 }],
      pageSize: 20,
      tags: { team: "finance", "cost-center": "a=b" },
      staticEgress: true,
      testEvents: false,
    });
  });

  it.each(REJECTED_COMBINATIONS)("rejects the combination %j", (given, key, expected) => {
    expect(problems(given)).toEqual([expect.stringMatching(new RegExp(`^ {2}${key}: .*${expected}`))]);
  });

  it("does not take the name of a secret for its region", () => {
    expect(problems({ kmsKeyArn: KEY_ARN, secretName: "us-east-1/key" })).toEqual([]);
  });

  it.each(REJECTED_VALUES)("rejects %s: %j, with the given and the expected value", (key, given, expected) => {
    const found = problems({ [key]: given });

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^ {2}${key}: given `));
    expect(found[0]).toContain(expected);
    // Pairs are shown as an object.
    if (!Array.isArray(given)) expect(found[0]).toContain(String(given).split("=")[0]);
  });

  it("has a rejected value or combination of every key in these tests", () => {
    const rejected = [...REJECTED_VALUES.map(([key]) => key), ...REJECTED_COMBINATIONS.map(([, key]) => key)];

    expect(Object.keys(KEYS).filter((key) => !rejected.includes(key))).toEqual([]);
  });

  it("shows only the invalid items of a long list", () => {
    const good = Array.from({ length: 5_000 }, (_, i) => accountId(i));

    expect(problems({ accounts: [...good.slice(5), "a", "b", "c", "d", "e"] })[0]).toContain(
      'given "a", "b", "c" and 2 more;',
    );
    expect(problems({ accounts: [...good.slice(1), accountId(9)] })[0]).toMatch(
      new RegExp(`given "${accountId(9)}"; .*listed twice`),
    );
    expect(problems({ accounts: [...good, accountId(5_000)] })[0]).toContain("given a list of 5001 items;");
  });

  it("rejects filters together with a list of accounts, even an invalid one", () => {
    const filters = { accountsOwner: "entity", accountsType: "cdp" };

    expect(problems({ accounts: [accountId(1)], ...filters })).toEqual([
      expect.stringMatching(/^ {2}accountsOwner: .*only with accounts "all"/),
      expect.stringMatching(/^ {2}accountsType: .*only with accounts "all"/),
    ]);
    expect(problems({ accounts: "x", ...filters })).toHaveLength(3);
  });

  it("rejects unknown keys with a suggestion", () => {
    expect(problems({ acounts: "all", latency: 3 })).toEqual([
      "  acounts: unknown key; did you mean accounts?",
      "  latency: unknown key; see docs/configuration.md for all keys",
    ]);
    expect(problems({}, { pagesize: "5" })).toEqual(["  pagesize: unknown key after -c; did you mean pageSize?"]);
    expect(problems({}, { "someone-elses": "context", stack: "a", args: "b" })).toEqual([]);
  });

  it("rejects a configuration that is not an object", () => {
    expect(problems("all")).toEqual(['  balanceSnapshots: given "all"; expected an object in cdk.json']);
    expect(problems([])).toHaveLength(1);
  });

  it("reports all problems at once", () => {
    const found = problems(
      { stackName: "", accountsType: "x", scedule: "cron(0 * * * ? *)", pageSize: "x" },
      { timezone: "x", apiBaseUrl: "x", acounts: "all" },
    );

    const keys = found.map((line) => line.trim().split(":")[0]).sort();
    expect(keys).toEqual(["accountsType", "acounts", "apiBaseUrl", "pageSize", "scedule", "stackName", "timezone"]);
  });
});
