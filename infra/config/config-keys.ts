/**
 * The keys of the configuration: what each takes, its default, and in words what is expected.
 * Lists may be comma-separated text and numbers may be text, as they have to be after `-c`.
 */
import { z } from "zod";
import { schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";

const ACCOUNT_ID = /^account_[a-f0-9-]{36}$/;
const OWNER = /^(entity|customer)(_[a-f0-9-]{36})?$/;
const SECRET_NAME_OR_ARN =
  /^([\w/+=.@-]{1,512}|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6})$/;

const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html: "aws:" is reserved.
const TAG_KEY = /^(?!aws:)[\w .:/=+@-]{1,128}$/i;
// The function gets the list of them in one variable, by commas.
const ASSET = /^(account_[a-f0-9-]{36}\/)?[^,/\s]{1,42}$/;
const TAG_VALUE = /^[\w .:/=+@-]{0,256}$/;

/** No more than tells a slip from an address: whether it is one shows when its owner confirms the subscription. */
const EMAIL = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
const ON_OR_WHY_NOT = /^(on|none, because \S.{9,500})$/;

const list = (item: z.ZodString, max: number) =>
  z.preprocess(
    (given) => (typeof given === "string" ? given.split(",").map((part) => part.trim()) : given),
    z.array(item).min(1).max(max).superRefine(refuseTwice),
  );

const whole = (min: number, max: number) =>
  z
    .preprocess(
      (given) => (typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given),
      z.int().min(min).max(max),
    )
    .optional()
    .describe(`a whole number from ${min} to ${max}`);

const yesOrNo = (preset: boolean) =>
  z
    .preprocess((given) => (given === "true" ? true : given === "false" ? false : given), z.boolean())
    .default(preset)
    .describe("true or false");

/** A check that says why it fails, by throwing. */
const check = (test: (given: string) => unknown) =>
  z.string().superRefine((given, context) => {
    try {
      test(given);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  });

/** Every key of the configuration. */
export const KEYS = {
  /** Tells this deployment from others in the same account: the stack's name, and all names, end in it. */
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/)
    .optional()
    .describe("a small letter, then up to 19 small letters, digits and dashes"),
  /** Tags of all resources, beside `application`, `stack` and `stage`. AWS allows 50 a resource. */
  tags: z
    .preprocess(
      readPairs,
      z
        .record(z.string().regex(TAG_KEY), z.string().regex(TAG_VALUE))
        .refine((given) => Object.keys(given).length <= 40, "more than 40"),
    )
    .optional()
    .describe('up to 40 tags like {"team": "finance"}, or team=finance,cost-center=7 after -c'),
  /** Name of the CloudFormation stack. */
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/)
    .default("cdp-balance-snapshots")
    .describe("a letter, then up to 127 letters, digits and dashes"),
  /** Whose balances are recorded: of every account that the key may see, or of these. */
  accounts: z
    .union([z.literal("all"), list(z.string().regex(ACCOUNT_ID), 5_000)])
    .default("all")
    .describe('"all", or 1 to 5000 different account ids like account_af2937b0-9846-4fe7-bfe9-ccc22d935114'),
  /** With "all": only accounts of these owners; 50 ids are 2.3 KB of the environment's 4. */
  accountsOwner: list(z.string().regex(OWNER), 50)
    .optional()
    .describe(
      "1 to 50 different owners: entity, customer, or their ids like entity_af2937b0-9846-4fe7-bfe9-ccc22d935114",
    ),
  /** With "all": only accounts of this type. */
  accountsType: z.enum(["prime", "business", "cdp"]).optional().describe("prime, business or cdp"),
  /** When snapshots are taken, as an expression of EventBridge Scheduler. */
  schedule: check(schedulePeriodSeconds)
    .default("rate(1 hour)")
    .describe("rate(…) or cron(…) like rate(1 hour) or cron(0 * * * ? *)"),
  /** Time zone of a `cron(…)`; a `rate(…)` has none. */
  timezone: check(requireTimezone).default("UTC").describe("an IANA time zone like UTC or Europe/Berlin"),
  /** The secret that holds the API key. Default: one is made. */
  secretName: z
    .string()
    .regex(SECRET_NAME_OR_ARN)
    .optional()
    .describe("the name of a secret in Secrets Manager, or its full ARN with the six characters at its end"),
  /** Own KMS key for the table, the secret that is made, the logs and the queues. Default: keys that AWS manages. */
  kmsKeyArn: z
    .string()
    .regex(KEY_ARN)
    .optional()
    .describe("the ARN of a KMS key, like arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
  /** What is stored may be deleted so many days after its slot. Default: it is kept for ever. */
  retentionDays: whole(1, 36_500),
  /** How often AWS Backup makes a backup of the table. Default: never; point-in-time recovery is always there. */
  backup: z.enum(["daily", "weekly", "monthly"]).optional().describe("daily, weekly or monthly"),
  /** A backup is deleted after so many days. Default: 365. */
  backupRetentionDays: whole(1, 36_500),
  /** The chains' heads are kept once a day in a bucket under Object Lock of this mode. Default: they are not. */
  anchor: z.enum(["compliance", "governance"]).optional().describe("compliance or governance"),
  /** A head cannot be deleted for so many days. Default: 365. */
  anchorRetentionDays: whole(1, 36_500),
  /** The API is reached by one fixed IP address, through a NAT gateway, which costs about 40 USD a month. */
  staticEgress: yesOrNo(false),
  /** The Lambda console's Test tab has ready-made events. */
  testEvents: yesOrNo(true),
  /** Alarms are on, and can be had off by no accident: the reason stands in the configuration, and in an output. */
  alarms: z
    .string()
    .regex(ON_OR_WHY_NOT)
    .default("on")
    .describe('"on", or "none, because …" with the reason in ten letters or more'),
  /** Who is told of alarms, by e-mail; each has to confirm it once. Default: nobody, with a warning. */
  alarmEmails: list(z.string().regex(EMAIL), 100).optional().describe("1 to 100 different e-mail addresses"),
  /** A quantity that moves by more than so many percent from one snapshot to the next is worth a notice. Default: 50. */
  noticeMovedPercent: whole(0, 1_000_000),
  /** What moves and vanishes without a notice, and why: assets, or assets of one account. Default: nothing. */
  explainedMoves: z
    .preprocess(readPairs, z.record(z.string().regex(ASSET), z.string().trim().min(5)))
    .optional()
    .describe('assets (usdc, or account_…/usdc) with an explanation, like {"usdc": "pays suppliers every day"}'),
  /** Notices raise an alarm too. */
  noticeAlarm: yesOrNo(false),
  /** Base URL of the API. */
  apiBaseUrl: z
    .url({ protocol: /^https$/ })
    .regex(/^[^?#@]*$/)
    .optional()
    .describe("an https:// URL without user, query and fragment"),
  /** Balances per page. Default: as many as the API takes. */
  pageSize: whole(1, 1_000),
  /** Accounts walked side by side. */
  accountsAtOnce: whole(1, 100),
  /** Requests in any 10 seconds. */
  readsPerTenSeconds: whole(1, 600),
  /** A slot that is older is refused. Default: one period of the schedule, which is also the most. */
  latenessMinutes: whole(1, Number.MAX_SAFE_INTEGER).describe(
    "a whole number of minutes, from 1 to one period of the schedule",
  ),
};

/** Nothing where a pair would be lost: of two under one key, or under a key that no object keeps. */
function readPairs(given: unknown): unknown {
  const pairs = typeof given === "string" ? given.split(",").map(splitPair) : [];
  const read = typeof given === "string" ? Object.fromEntries(pairs) : given;
  const twice = new Set(pairs.map(([key]) => key)).size < pairs.length;
  return twice || (typeof read === "object" && read !== null && Object.hasOwn(read, "__proto__")) ? null : read;
}

/** `key=value`; a value may hold further equals signs, and what has none is no pair. */
function splitPair(pair: string): [string, string | undefined] {
  const [key = "", ...value] = pair.split("=");
  return [key.trim(), value.length === 0 ? undefined : value.join("=").trim()];
}

function refuseTwice(items: readonly string[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (seen.has(item)) context.addIssue({ code: "custom", path: [index], message: "given twice" });
    seen.add(item);
  }
}

/** `Intl` takes any case and, in newer Nodes, offsets; EventBridge Scheduler wants the zone's name as it is written. */
function requireTimezone(given: string): void {
  const known = new Intl.DateTimeFormat("en", { timeZone: given }).resolvedOptions().timeZone;
  if (/^[+-]/.test(given)) throw new RangeError("an offset is no time zone");
  if (known !== given && known.toLowerCase() === given.toLowerCase()) throw new RangeError(`it is written ${known}`);
}
