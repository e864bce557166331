/**
 * The configuration keys: the schema of each, its default, and a description of the expected value.
 * `-c` passes everything as text, so lists may also be comma-separated text, and numbers and booleans may be text.
 */
import { z } from "zod";
import { schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { checkTimeZone } from "../../core/schedule/time-zone.ts";

const STAGE = /^[a-z][a-z0-9-]{0,19}$/;
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;
const ACCOUNT_ID = /^account_[a-f0-9-]{36}$/;
const OWNER = /^(entity|customer)(_[a-f0-9-]{36})?$/;
const SECRET_NAME_OR_ARN =
  /^([\w/+=.@-]{1,512}|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6})$/;
const KMS_KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
// "aws:" is reserved: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
const TAG_KEY = /^(?!aws:)[\w .:/=+@-]{1,128}$/i;
const TAG_VALUE = /^[\w .:/=+@-]{0,256}$/;
// No commas, because the function receives the assets as one comma-separated variable.
const ASSET = /^(account_[a-f0-9-]{36}\/)?[^,/\s]{1,42}$/;
// Catches typing mistakes only: the owner of the address has to confirm the subscription anyway.
const EMAIL = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
const ON_OR_REASON = /^(on|none, because \S.{9,500})$/;

const text = (pattern: RegExp) => z.string().regex(pattern);

const list = (item: RegExp, max: number) =>
  z.preprocess(
    (given) => (typeof given === "string" ? given.split(",").map((part) => part.trim()) : given),
    z.array(text(item)).min(1).max(max).superRefine(rejectDuplicates),
  );

const textPairs = (key: RegExp, value: z.ZodString) => z.preprocess(parsePairs, z.record(text(key), value));

const integer = (min: number, max: number) =>
  z
    .preprocess(
      (given) => (typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given),
      z.int().min(min).max(max),
    )
    .optional()
    .describe(`an integer from ${min} to ${max}`);

const boolean = (defaultValue: boolean) =>
  z
    .preprocess((given) => (given === "true" ? true : given === "false" ? false : given), z.boolean())
    .default(defaultValue)
    .describe("true or false");

/** A string that `validate` accepts. The message of the error that it throws becomes part of ours. */
const textAcceptedBy = (validate: (given: string) => unknown) =>
  z.string().superRefine((given, context) => {
    try {
      validate(given);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  });

/** Every configuration key. */
export const KEYS = {
  /** Distinguishes deployments in one AWS account: appended to the stack name, on which all fixed names depend. */
  stage: text(STAGE).optional().describe("a lowercase letter, then up to 19 lowercase letters, digits and hyphens"),
  /** Tags of all resources, in addition to `application`, `stack` and `stage`. AWS allows 50 per resource. */
  tags: textPairs(TAG_KEY, text(TAG_VALUE))
    .refine((given) => Object.keys(given).length <= 40, "more than 40")
    .optional()
    .describe('up to 40 tags such as {"team": "finance"}; with -c, team=finance,cost-center=7'),
  /** Name of the CloudFormation stack. */
  stackName: text(STACK_NAME)
    .default("cdp-balance-snapshots")
    .describe("a letter, then up to 127 letters, digits and hyphens"),
  /** The accounts to record: all that the key can read, or a list. */
  accounts: z
    .union([z.literal("all"), list(ACCOUNT_ID, 5_000)])
    .default("all")
    .describe('"all", or 1 to 5000 distinct account IDs such as account_af2937b0-9846-4fe7-bfe9-ccc22d935114'),
  /** With "all": only accounts of these owners. 50 IDs take 2.3 KB of the 4 KB of a function's environment. */
  accountsOwner: list(OWNER, 50)
    .optional()
    .describe(
      "1 to 50 distinct owners: entity, customer, or owner IDs such as entity_af2937b0-9846-4fe7-bfe9-ccc22d935114",
    ),
  /** With "all": only accounts of this type. */
  accountsType: z.enum(["prime", "business", "cdp"]).optional().describe("prime, business or cdp"),
  /** When snapshots are taken, as an EventBridge Scheduler expression. */
  schedule: textAcceptedBy((given) => schedulePeriodSeconds(given, "UTC"))
    .default("cron(0 * * * ? *)")
    .describe("an EventBridge Scheduler expression such as cron(0 * * * ? *)"),
  /** Time zone of the schedule, in its exact spelling, as EventBridge Scheduler requires. */
  timezone: textAcceptedBy(checkTimeZone).default("UTC").describe("an IANA time zone such as UTC or Europe/Berlin"),
  /** An existing secret with the API key. Default: the stack creates an empty one. */
  secretName: text(SECRET_NAME_OR_ARN)
    .optional()
    .describe("the name of a Secrets Manager secret, or its full ARN including the six random characters at the end"),
  /** Customer managed key for the table, the created secret, the logs and the queue. Default: AWS managed keys. */
  kmsKeyArn: text(KMS_KEY_ARN)
    .optional()
    .describe(
      "the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ),
  /** Snapshots and failed attempts expire this many days after their slot. Default: never. */
  retentionDays: integer(1, 36_500),
  /** How often AWS Backup backs up the table. Default: never. Point-in-time recovery is always on. */
  backup: z.enum(["daily", "weekly", "monthly"]).optional().describe("daily, weekly or monthly"),
  /** Backups are deleted after this many days. Default: 365. */
  backupRetentionDays: integer(1, 36_500),
  /** S3 Object Lock mode of the bucket in which the chain heads are stored daily. Default: heads are not stored. */
  anchor: z.enum(["compliance", "governance"]).optional().describe("compliance or governance"),
  /** Heads cannot be deleted for this many days. Default: 365. */
  anchorRetentionDays: integer(1, 36_500),
  /** Whether all requests to the API come from one fixed IP address. The NAT gateway costs about 40 USD a month. */
  staticEgress: boolean(false),
  /** Whether to create test events for the Lambda console. */
  testEvents: boolean(true),
  /** Disabling the alarms requires a reason, which an output shows, so that it does not happen by accident. */
  alarms: text(ON_OR_REASON)
    .default("on")
    .describe('"on", or "none, because …" with a reason of at least ten characters'),
  /** Recipients of alarm e-mails. Each has to confirm the subscription once. Default: none, with a warning. */
  alarmEmails: list(EMAIL, 100).optional().describe("1 to 100 distinct e-mail addresses"),
  /** A quantity that changes by more than this percentage between two snapshots raises a notice. Default: 50. */
  noticeMovedPercent: integer(0, 1_000_000),
  /** Assets, or assets of one account, that raise no notice, each with an explanation. Default: none. */
  explainedMoves: textPairs(ASSET, z.string().trim().min(5))
    .optional()
    .describe('assets (usdc or account_…/usdc) with an explanation, such as {"usdc": "pays suppliers every day"}'),
  /** Whether notices raise an alarm. */
  noticeAlarm: boolean(false),
  /** Base URL of the API. Default: production. */
  apiBaseUrl: z
    .url({ protocol: /^https$/ })
    .regex(/^[^?#@]*$/)
    .optional()
    .describe("an https:// URL without user, query or fragment"),
  /** Balances per page. Default: 100, or 20 if the API answers 400. */
  pageSize: integer(1, 1_000),
  /** Number of accounts walked concurrently. Default and maximum: 64. */
  accountsAtOnce: integer(1, 64),
  /** Maximum number of API requests in any 10 seconds. Default: 600. */
  readsPerTenSeconds: integer(1, 600),
  /** Lateness limit: older slots are refused. Maximum: one period of the schedule. Default: the same, at most a day. */
  latenessMinutes: integer(1, Number.MAX_SAFE_INTEGER).describe(
    "an integer number of minutes, from 1 to one period of the schedule",
  ),
};

/**
 * Parses `a=1,b=2` into an object; returns objects unchanged. Returns `null`, which no schema accepts, where a pair
 * would be lost: for duplicate keys, and for the key `__proto__`.
 */
function parsePairs(given: unknown): unknown {
  const pairs = typeof given === "string" ? given.split(",").map(splitPair) : [];
  const parsed = typeof given === "string" ? Object.fromEntries(pairs) : given;
  const hasDuplicates = new Set(pairs.map(([key]) => key)).size < pairs.length;
  const hasProto = typeof parsed === "object" && parsed !== null && Object.hasOwn(parsed, "__proto__");
  return hasDuplicates || hasProto ? null : parsed;
}

/** Splits at the first equals sign. The value is `undefined`, which no schema accepts, if there is no equals sign. */
function splitPair(pair: string): [string, string | undefined] {
  const [key = "", ...value] = pair.split("=");
  return [key.trim(), value.length === 0 ? undefined : value.join("=").trim()];
}

function rejectDuplicates(items: readonly string[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (seen.has(item)) context.addIssue({ code: "custom", path: [index], message: "listed twice" });
    seen.add(item);
  }
}
