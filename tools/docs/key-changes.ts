/**
 * How each configuration key is set and changed: for the table in docs/changes.md, and for the tests that synthesize
 * every key.
 */
import type { CONSTRUCT_KEYS, STACK_KEYS } from "../../infra/config/config-keys.ts";

type Key = keyof typeof STACK_KEYS | keyof typeof CONSTRUCT_KEYS;

/** A configuration, as in `cdk.json`. `undefined` removes a key from the base. */
export type Flags = Readonly<Partial<Record<Key, unknown>>>;

interface KeyChange {
  readonly set: unknown;
  /** Another value. A switch has none. */
  readonly changed?: unknown;
  /** What has to be configured, or removed from `BASE`, before the key can be set. */
  readonly needs?: Flags;
  /** What has to be set or removed together with the key. */
  readonly together?: Flags;
}

const account = (digit: number) => `account_af2937b0-9846-4fe7-bfe9-00000000000${digit}`;
const kmsKey = (digit: number) => `arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-00000000000${digit}`;
const subnets = (...digits: number[]) => digits.map((digit) => `subnet-0a1b2c3d4e5f0000${digit}`);

/** A configuration with every optional resource, so that each change shows its effect on all of them. */
export const BASE: Flags = {
  kmsKeyArn: kmsKey(1),
  backup: "daily",
  anchor: "governance",
  staticEgress: true,
  alarmEmails: ["oncall@example.com"],
  noticeAlarm: true,
};

export const KEY_CHANGES: Readonly<Record<Key, KeyChange>> = {
  stackName: { set: "finance-snapshots", changed: "treasury-snapshots" },
  stage: { set: "dev", changed: "prod" },
  tags: { set: { team: "finance" }, changed: { team: "treasury" } },
  terminationProtection: { set: false },
  accounts: { set: [account(1)], changed: [account(1), account(2)] },
  accountsOwner: { set: ["entity"], changed: ["customer"] },
  accountsType: { set: "prime", changed: "cdp" },
  schedule: { set: "cron(0 18 ? * MON-FRI *)", changed: "cron(0/15 * * * ? *)" },
  timezone: { set: "Europe/Berlin", changed: "America/New_York" },
  latenessMinutes: { set: 30, changed: 45 },
  secretName: { set: "prod/cdp-key", changed: "test/cdp-key" },
  secretKmsKeyArn: { set: kmsKey(2), changed: kmsKey(3), needs: { secretName: "prod/cdp-key" } },
  keys: { set: { emea: {}, us: {} }, changed: { apac: {}, emea: {}, us: {} } },
  sharedReadLimit: { set: true, needs: { keys: { emea: {}, us: {} } } },
  kmsKeyArn: { set: kmsKey(1), changed: kmsKey(2) },
  apiBaseUrl: { set: "https://sandbox.cdp.coinbase.com/platform", changed: "https://proxy.example.com/platform" },
  pageSize: { set: 50, changed: 60 },
  accountsAtOnce: { set: 8, changed: 16 },
  readsPerTenSeconds: { set: 300, changed: 200 },
  engine: { set: "stepFunctions" },
  retentionDays: { set: 3660, changed: 4000 },
  logRetentionDays: { set: 90, changed: 30 },
  backup: { set: "daily", changed: "monthly" },
  backupRetentionDays: { set: 800, changed: 900, needs: { backup: "daily" } },
  anchor: { set: "governance", changed: "compliance" },
  anchorRetentionDays: { set: 3660, changed: 4000, needs: { anchor: "governance" } },
  staticEgress: { set: true },
  availabilityZone: { set: "eu-west-1b", changed: "eu-west-1c", needs: { staticEgress: true } },
  vpcId: {
    set: "vpc-0a1b2c3d4e5f00001",
    changed: "vpc-0a1b2c3d4e5f00002",
    needs: { staticEgress: undefined },
    together: { subnetIds: subnets(1) },
  },
  subnetIds: {
    set: subnets(1),
    changed: subnets(1, 2),
    needs: { staticEgress: undefined },
    together: { vpcId: "vpc-0a1b2c3d4e5f00001" },
  },
  testEvents: { set: false },
  alarms: {
    set: "none, because this is a throw-away stage",
    changed: "none, because another system watches the outputs",
    together: { alarmEmails: undefined, noticeAlarm: undefined },
  },
  alarmEmails: { set: ["oncall@example.com"], changed: ["night@example.com"] },
  alarmTopicArn: {
    set: "arn:aws:sns:eu-west-1:123456789012:alarms",
    changed: "arn:aws:sns:eu-west-1:123456789012:chat",
    together: { alarmEmails: undefined },
  },
  noticeMovedPercent: { set: 20, changed: 30 },
  explainedMoves: { set: { usdc: "pays suppliers every day" }, changed: { usdc: "pays suppliers every week" } },
  noticeAlarm: { set: true },
};

/** Returns the configurations before a key is set, after that, and after it is changed. */
export function configurationsOf(key: Key, base = BASE): { without: Flags; set: Flags; changed: Flags | undefined } {
  const { set, changed, needs, together } = KEY_CHANGES[key];
  const without = { ...base, ...needs, [key]: undefined };
  return {
    without,
    set: { ...without, ...together, [key]: set },
    changed: changed === undefined ? undefined : { ...without, ...together, [key]: changed },
  };
}
