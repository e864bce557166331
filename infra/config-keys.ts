/**
 * The keys of the configuration: what each takes, its default, and in words what is expected.
 * Lists may be comma-separated text and numbers may be text, as they have to be after `-c`.
 */
import { z } from "zod";
import { schedulePeriodSeconds } from "./schedule-period.ts";

const ACCOUNT_ID = /^account_[a-f0-9-]{36}$/;
const OWNER = /^(entity|customer)(_[a-f0-9-]{36})?$/;
const SECRET_NAME_OR_ARN =
  /^([\w/+=.@-]{1,512}|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6})$/;

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
  /** Base URL of the API. */
  apiBaseUrl: z
    .url({ protocol: /^https$/ })
    .regex(/^[^?#@]*$/)
    .optional()
    .describe("an https:// URL without user, query and fragment"),
  /** Balances per page. */
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
