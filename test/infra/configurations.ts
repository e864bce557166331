import { readFileSync } from "node:fs";
import type { BalanceSnapshotsProps } from "../../infra/props.ts";

const cdkJson = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")) as {
  context: Record<string, unknown>;
};

/** Returns the context of `cdk.json` with the given keys added, as `-c` does. */
export const contextWith = (flags: Record<string, unknown>) => ({ ...cdkJson.context, ...flags });

/** Returns an account ID with a number. */
export const accountId = (i: number) => `account_af2937b0-9846-4fe7-bfe9-${i.toString(16).padStart(12, "0")}`;

/** A configuration that adds every optional resource. */
export const EVERY_OPTION = {
  stage: "dev",
  tags: { team: "finance" },
  accounts: [accountId(1), accountId(2)],
  kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  retentionDays: 400,
  backup: "monthly",
  backupRetentionDays: 800,
  anchor: "compliance",
  anchorRetentionDays: 3660,
  staticEgress: true,
  availabilityZone: "eu-west-1b",
  alarmEmails: ["oncall@example.com"],
  noticeAlarm: true,
  noticeMovedPercent: 20,
  explainedMoves: { usdc: "pays suppliers every day" },
};

const { stage: _, tags: __, ...EVERY_PROPERTY } = EVERY_OPTION;

/** Every property of the construct with the other engine, except those that fix the region. */
export const AGNOSTIC = {
  ...EVERY_PROPERTY,
  kmsKeyArn: undefined,
  availabilityZone: undefined,
  engine: "stepFunctions",
} as unknown as BalanceSnapshotsProps;

/** A configuration that uses existing resources where it can. */
export const EXISTING_RESOURCES = {
  secretName: "prod/cdp-key",
  secretKmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/abcd1234-12ab-34cd-56ef-1234567890ab",
  vpcId: "vpc-0a1b2c3d4e5f67890",
  subnetIds: ["subnet-0a1b2c3d4e5f67890", "subnet-0a1b2c3d4e5f67891"],
};

/** Two keys in every way: one with a created secret, one with an existing one, with every field set. */
export const SEVERAL_KEYS = {
  keys: {
    us: { accountsOwner: ["entity", "customer"], accountsType: "prime" },
    emea: {
      secretName: "prod/emea",
      secretKmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/abcd1234-12ab-34cd-56ef-1234567890ab",
      accounts: [accountId(1), accountId(2)],
      readsPerTenSeconds: 200,
      schedule: "cron(0 18 ? * MON-FRI *)",
      timezone: "Europe/Berlin",
      latenessMinutes: 120,
    },
  },
  sharedReadLimit: true,
  staticEgress: true,
  noticeAlarm: true,
};

/** Keys with different schedules, and two with the same one. */
export const KEYS_OF_SCHEDULES = {
  frequent: { schedule: "cron(0/5 * * * ? *)" },
  hourly: {},
  other: {},
  daily: { schedule: "cron(0 0 * * ? *)" },
};

/** A configuration with the other engine. */
export const STEP_FUNCTIONS = { stage: "long", engine: "stepFunctions", kmsKeyArn: EVERY_OPTION.kmsKeyArn };

/** The reason for having no alarms. */
export const NO_ALARMS = "none, because this is a throw-away stage";

/** Options without a customer managed key, with other values than in `EVERY_OPTION`. */
export const OTHER_OPTIONS = {
  schedule: "cron(0 18 ? * MON-FRI *)",
  timezone: "Europe/Berlin",
  secretName: "prod/cdp-key",
  apiBaseUrl: "https://sandbox.cdp.coinbase.com/platform",
  backup: "daily",
  anchor: "governance",
  anchorRetentionDays: "30",
  staticEgress: "true",
  testEvents: "false",
  alarms: NO_ALARMS,
};

/** Configurations that together have every resource in every shape, by description. */
export const CONFIGURATIONS: [string, Record<string, unknown>][] = [
  // First, because CDK's validation then loads its rules for all resource types at once.
  ["every option", EVERY_OPTION],
  ["the defaults", {}],
  ["existing resources", EXISTING_RESOURCES],
  ["several keys", SEVERAL_KEYS],
  ["the engine stepFunctions", STEP_FUNCTIONS],
  ["options without a customer managed key", OTHER_OPTIONS],
];

/** The longest valid value of every key that has one, apart from accountsOwner, which excludes a list of accounts. */
export const LONGEST = {
  ...EVERY_OPTION,
  stackName: "s".repeat(128 - 1 - 20),
  stage: "t".repeat(20),
  // 40 tags with the longest key, and 4,000 characters in total.
  tags: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}`.padEnd(50, "k"), "v".repeat(50)])),
  accounts: Array.from({ length: 5_000 }, (_, i) => accountId(i)),
  schedule: `cron(0/30 ${Array.from({ length: 24 }, (_, hour) => hour).join()} ? * ${"MON,".repeat(40)}MON *)`,
  timezone: "America/Argentina/ComodRivadavia",
  secretName: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${"n".repeat(512)}-AbCdEf`,
  alarmEmails: Array.from({ length: 100 }, (_, i) => `${i}@example.com`.padStart(320, "a")),
  explainedMoves: Object.fromEntries(
    Array.from({ length: 5_000 }, (_, i) => [`${accountId(i)}/${"a".repeat(42)}`, "x".repeat(500)]),
  ),
};

/**
 * The longest valid values with the most keys and the engine with more resources, which leave less room for tags. All accounts
 * belong to one of the keys.
 */
export const MOST_KEYS = {
  ...LONGEST,
  engine: "stepFunctions",
  tags: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}`.padEnd(100, "k"), "v".repeat(100)])),
  secretName: undefined,
  accounts: "all",
  keys: Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `k${i}`.padEnd(20, "k"),
      i === 0 ? { accounts: LONGEST.accounts } : { accountsOwner: ["entity"], latenessMinutes: 30 - i },
    ]),
  ),
};
