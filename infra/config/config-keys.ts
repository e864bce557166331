/**
 * The configuration keys: the schema of each, its default, and a description of the expected value. `props.ts` documents
 * what the keys of the construct do.
 */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { z } from "zod";
import { isObject } from "../../core/domain/json.ts";
import { API_READ_LIMIT, MAX_ACCOUNTS_AT_ONCE, MAX_KEYS } from "../../core/domain/limits.ts";
import { ACCOUNT_ID, EXPLAINED_ASSET } from "../../core/names/patterns.ts";
import { schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { checkTimeZone } from "../../core/schedule/time-zone.ts";
import type { ApiKeyConfigurationProps, ConfigurationProps } from "./props.ts";
import { toBoolean, toInteger, toKeys, toList, toPairs } from "./text-values.ts";

const STAGE = /^[a-z][a-z0-9-]{0,19}$/;
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;
const OWNER = /^(entity|customer)(_[a-f0-9-]{36})?$/;
const SECRET_NAME_OR_ARN =
  /^([\w/+=.@-]{1,512}|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6})$/;
/** An Ed25519 key is base64 with such an end, and so a possible name. */
const ED25519_KEY = /^[\w+/]{40,}={1,2}$/;
const KMS_KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
// A FIFO topic cannot receive notifications of alarms in other regions or send e-mails: its name ends in ".fifo".
const TOPIC_ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;
const AVAILABILITY_ZONE = /^[a-z]{2}(-[a-z]+)+-\d[a-z0-9-]*[a-z]$/;
const VPC_ID = /^vpc-[a-f0-9]{8,17}$/;
const SUBNET_ID = /^subnet-[a-f0-9]{8,17}$/;
// "aws:" is reserved: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
const TAG_KEY = /^(?!aws:)[\w .:/=+@-]{1,128}$/i;
const TAG_VALUE = /^[\w .:/=+@-]{0,256}$/;
// Catches typing mistakes only: the owner of the address has to confirm the subscription anyway.
const EMAIL = /^(?=.{1,320}$)[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
const ON_OR_REASON = /^(on|none, because \S.{9,500})$/;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LOG_RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is number => typeof days === "number" && days !== RetentionDays.INFINITE,
);

const text = (pattern: RegExp) => z.string().regex(pattern);

const list = (item: RegExp, max: number) => z.array(text(item)).min(1).max(max).superRefine(rejectDuplicates);

const textPairs = (key: RegExp, value: z.ZodString) =>
  // Zod ignores this key.
  z.custom((given) => !Object.hasOwn(Object(given), "__proto__")).pipe(z.record(text(key), value));

const integer = (min: number, max: number) =>
  z.int().min(min).max(max).optional().describe(`an integer from ${min} to ${max}`);

const boolean = (defaultValue: boolean) => z.boolean().default(defaultValue).describe("true or false");

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html */
const MAX_SCHEDULE_LENGTH = 256;

/** 60 resources with 10,000 characters of tags each would reach the limit of a template, 1 MB. */
const MAX_TAG_CHARACTERS = 4_000;

/** Of one key, and of all keys together: their ids take 230 KB in the function's configuration file. */
export const MAX_ACCOUNTS = 5_000;

/** As many as accounts. */
const MAX_EXPLAINED_MOVES = MAX_ACCOUNTS;

/** A string that `validate` accepts. The message of the error that it throws becomes part of ours. */
const textAcceptedBy = (validate: (given: string) => unknown) =>
  z.string().superRefine((given, context) => {
    try {
      validate(given);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  });

/** The keys of the stack. */
export const STACK_KEYS = {
  /** Distinguishes deployments in one AWS account: appended to the stack name, on which all fixed names depend. */
  stage: text(STAGE).optional().describe("a lowercase letter, then up to 19 lowercase letters, digits and hyphens"),
  /** Tags of all resources, in addition to `application`, `stack` and `stage`. AWS allows 50 per resource. */
  tags: textPairs(TAG_KEY, text(TAG_VALUE))
    .refine((given) => Object.keys(given).length <= 40, "more than 40")
    // IAM: "Tag keys are case insensitive" (https://github.com/aws/aws-cdk/issues/26253).
    .refine(
      (given) => new Set(Object.keys(given).map((key) => key.toLowerCase())).size === Object.keys(given).length,
      "two keys that differ in case only",
    )
    .refine(
      (given) => Object.entries(given).flat().join("").length <= MAX_TAG_CHARACTERS,
      `more than ${MAX_TAG_CHARACTERS} characters in total`,
    )
    .optional()
    .describe('up to 40 tags such as {"team": "finance"}; with -c, team=finance,cost-center=7'),
  /** Name of the CloudFormation stack. */
  stackName: text(STACK_NAME)
    .default("cdp-balance-snapshots")
    .describe("a letter, then up to 127 letters, digits and hyphens"),
  /** Whether CloudFormation refuses to delete the stack. */
  terminationProtection: boolean(true),
};

type StackKeys = typeof STACK_KEYS;

/** The keys of the construct, which are its properties. */
export const CONSTRUCT_KEYS = {
  accounts: z
    .union([z.literal("all"), list(ACCOUNT_ID, MAX_ACCOUNTS)])
    .default("all")
    .describe('"all", or 1 to 5000 distinct account IDs such as account_af2937b0-9846-4fe7-bfe9-ccc22d935114'),
  accountsOwner: list(OWNER, 50)
    .optional()
    .describe(
      "1 to 50 distinct owners: entity, customer, or owner IDs such as entity_af2937b0-9846-4fe7-bfe9-ccc22d935114",
    ),
  accountsType: z.enum(["prime", "business", "cdp"]).optional().describe("prime, business or cdp"),
  schedule: textAcceptedBy((given) => schedulePeriodSeconds(given, "UTC"))
    .refine((given) => given.length <= MAX_SCHEDULE_LENGTH, `longer than ${MAX_SCHEDULE_LENGTH} characters`)
    .default("cron(0 * * * ? *)")
    .describe("an EventBridge Scheduler expression such as cron(0 * * * ? *)"),
  timezone: textAcceptedBy(checkTimeZone).default("UTC").describe("an IANA time zone such as UTC or Europe/Berlin"),
  secretName: text(SECRET_NAME_OR_ARN)
    .refine((given) => !ED25519_KEY.test(given), "it looks like a key itself")
    .optional()
    .describe("the name of a Secrets Manager secret, or its full ARN including the six random characters at the end"),
  secretKmsKeyArn: text(KMS_KEY_ARN).optional().describe("the ARN of the KMS key of that secret"),
  /** `parseApiKeys` validates the names and the fields. */
  keys: z
    .custom<Readonly<Record<string, ApiKeyConfigurationProps>>>(isObject)
    .optional()
    .describe(`1 to ${MAX_KEYS} API keys by name, such as {"emea": {"secretName": "prod/emea"}}; with -c, as JSON`),
  sharedReadLimit: boolean(false),
  kmsKeyArn: text(KMS_KEY_ARN)
    .optional()
    .describe(
      "the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ),
  retentionDays: integer(1, 36_500),
  logRetentionDays: z
    .int()
    .refine((days) => LOG_RETENTION_DAYS.includes(days))
    .optional()
    .describe(`a number of days that CloudWatch Logs accepts: ${LOG_RETENTION_DAYS.join(", ")}`),
  backup: z.enum(["daily", "weekly", "monthly"]).optional().describe("daily, weekly or monthly"),
  backupRetentionDays: integer(1, 36_500),
  anchor: z.enum(["compliance", "governance"]).optional().describe("compliance or governance"),
  anchorRetentionDays: integer(1, 36_500),
  staticEgress: boolean(false),
  availabilityZone: text(AVAILABILITY_ZONE).optional().describe("an availability zone such as eu-west-1b"),
  vpcId: text(VPC_ID).optional().describe("the ID of a VPC, such as vpc-0a1b2c3d4e5f67890"),
  subnetIds: list(SUBNET_ID, 16)
    .optional()
    .describe("1 to 16 distinct IDs of subnets, such as subnet-0a1b2c3d4e5f67890"),
  testEvents: boolean(true),
  alarms: text(ON_OR_REASON)
    .default("on")
    .describe('"on", or "none, because …" with a reason of at least ten characters'),
  alarmEmails: list(EMAIL, 100).optional().describe("1 to 100 distinct e-mail addresses"),
  alarmTopicArn: text(TOPIC_ARN)
    .optional()
    .describe("the ARN of a standard SNS topic, such as arn:aws:sns:eu-west-1:123456789012:alarms"),
  noticeMovedPercent: integer(0, 1_000_000),
  explainedMoves: textPairs(EXPLAINED_ASSET, z.string().trim().min(5).max(500))
    .refine((given) => Object.keys(given).length <= MAX_EXPLAINED_MOVES, `more than ${MAX_EXPLAINED_MOVES}`)
    .optional()
    .describe(
      'assets (usdc or account_…/usdc) with an explanation of 5 to 500 characters, such as {"usdc": "pays suppliers every day"}',
    ),
  noticeAlarm: boolean(false),
  apiBaseUrl: z
    .url({ protocol: /^https$/ })
    .regex(/^[^?#@]*$/)
    .optional()
    .describe("an https:// URL without user, query or fragment"),
  pageSize: integer(1, 1_000),
  accountsAtOnce: integer(1, MAX_ACCOUNTS_AT_ONCE),
  readsPerTenSeconds: integer(1, API_READ_LIMIT),
  engine: z.enum(["lambda", "stepFunctions"]).default("lambda").describe("lambda or stepFunctions"),
  /** The maximum and the default depend on the schedule: see `parseApiKeys`. */
  latenessMinutes: integer(1, Number.MAX_SAFE_INTEGER).describe(
    "an integer number of minutes, from 1 to one period of the schedule",
  ),
} satisfies { readonly [K in keyof ConfigurationProps]-?: z.ZodType<ConfigurationProps[K]> };

/** The values of the construct's keys. */
export type Parsed = { [K in keyof typeof CONSTRUCT_KEYS]: z.infer<(typeof CONSTRUCT_KEYS)[K]> };

/** How text becomes the value of a key, for the keys that are not text. */
const CONVERSIONS: ReadonlyMap<string, (given: unknown) => unknown> = new Map([
  ...conversions(toPairs, "tags", "explainedMoves"),
  ...conversions((given) => (given === "all" ? given : toList(given)), "accounts"),
  ...conversions(toList, "accountsOwner", "alarmEmails", "subnetIds"),
  ...conversions(toBoolean, "terminationProtection", "staticEgress", "testEvents", "noticeAlarm", "sharedReadLimit"),
  ...conversions(toInteger, "retentionDays", "logRetentionDays", "backupRetentionDays", "anchorRetentionDays"),
  ...conversions(toInteger, "noticeMovedPercent", "pageSize", "accountsAtOnce", "readsPerTenSeconds"),
  ...conversions(toInteger, "latenessMinutes"),
  ...conversions((given) => toKeys(given, convert), "keys"),
]);

/** Returns the value of a key that was given as text. Any other value stays what it is. */
export const convert = (key: string, given: unknown): unknown => CONVERSIONS.get(key)?.(given) ?? given;

function conversions(convert: (given: unknown) => unknown, ...keys: (keyof StackKeys | keyof ConfigurationProps)[]) {
  return keys.map((key) => [key, convert] as const);
}

function rejectDuplicates(items: readonly string[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (seen.has(item)) context.addIssue({ code: "custom", path: [index], message: "listed twice" });
    seen.add(item);
  }
}
