/**
 * The environment variables of the snapshot function. `infra/` sets them and `core/config.ts` reads them.
 *
 * The AWS clients read the SDK's own variables (`AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_DYNAMODB`, …).
 */
export const ENV = {
  /** Base URL of the API, without `/v2`. Default: `PRODUCTION_API`. */
  apiBaseUrl: "CDP_API_BASE_URL",
  /** Name or ARN of the Secrets Manager secret that holds the CDP API key. Required. */
  apiKeySecretId: "CDP_API_KEY_SECRET_ID",
  /**
   * With several keys, instead of `CDP_API_KEY_SECRET_ID`: the name or ARN of the secret of each key, as JSON:
   * `{"emea": "cdp/emea", "us": "arn:…"}`. The configuration file has the settings of each key.
   */
  apiKeySecretIds: "CDP_API_KEY_SECRET_IDS",
  /** Name of the DynamoDB table. Required. */
  tableName: "SNAPSHOT_TABLE_NAME",
  /**
   * Path of a JSON file with what can outgrow the 4 KB of a function's environment:
   * `{"accounts": ["account_…"], "explainedMoves": {"usdc": "pays suppliers every day"}}`. Both are optional. `accounts`:
   * the accounts to record; default: every account that the key can read. `explainedMoves`: assets (`usdc` or
   * `account_…/usdc`) that never raise a notice, with the reason; default: none. With several keys, `accounts` belongs to a key:
   * `{"keys": {"emea": {"accounts": ["account_…"], "readsPerTenSeconds": 200, "schedule": "cron(0 * * * ? *)", "timezone": "UTC",
   * "latenessLimitSeconds": 3600}, "us": {"accountsOwner": "customer", "accountsType": "prime"}}}`. Each field is optional; the
   * variables below are the defaults.
   */
  configurationFile: "SNAPSHOT_CONFIGURATION_FILE",
  /** Without configured accounts and `keys`: comma-separated owners (`entity`, `customer`, or owner IDs). Default: all owners. */
  accountsOwner: "CDP_ACCOUNTS_OWNER",
  /** Without configured accounts and `keys`: account type (`prime`, `business` or `cdp`). Default: all types. */
  accountsType: "CDP_ACCOUNTS_TYPE",
  /** Maximum number of balances per page. Default: 100, or 20 if the API answers 400. */
  pageSize: "CDP_PAGE_SIZE",
  /** Maximum number of pages per account; a longer walk fails. Default: 1000. */
  maxPages: "CDP_MAX_PAGES",
  /** Most accounts walked concurrently, by the runs of all keys in an invocation together. Default and maximum: 320. */
  accountsAtOnce: "CDP_ACCOUNTS_AT_ONCE",
  /** Maximum number of requests in any 10 seconds, per key and function instance. Default: 600, the API's documented limit. */
  readsPerTenSeconds: "CDP_READS_PER_10_SECONDS",
  /** Timeout of one request, in milliseconds. Default: 10000. */
  requestTimeoutMs: "CDP_REQUEST_TIMEOUT_MS",
  /** Maximum number of attempts per request, including the first. Default: 6. */
  maxAttempts: "CDP_MAX_ATTEMPTS",
  /** The lateness limit, in seconds: older slots are refused. At most one period of the schedule. Default: 3600. */
  latenessLimitSeconds: "SLOT_LATENESS_LIMIT_SECONDS",
  /** Number of days after the slot when snapshots and failed attempts expire. Default: they never expire. */
  retentionDays: "SNAPSHOT_RETENTION_DAYS",
  /** The schedule expression, stored with the history so that readers can find gaps. Default: unknown. */
  schedule: "SNAPSHOT_SCHEDULE",
  /**
   * `stepFunctions`: a run takes several invocations, until its slot is too late. Stored with the history, so that readers wait that
   * long for a slot. Default: one invocation.
   */
  engine: "SNAPSHOT_ENGINE",
  /** The schedule's time zone. Default: UTC. */
  scheduleTimezone: "SNAPSHOT_SCHEDULE_TIMEZONE",
  /** A quantity that changes by more than this percentage raises a notice. Default: 50. */
  noticeMovedPercent: "NOTICE_MOVED_PERCENT",
  /** Seconds before the function's timeout when a run stops and records unfinished accounts. Default: 15. */
  reserveSeconds: "RUN_RESERVE_SECONDS",
} as const;

/** Base URL of the production API. */
export const PRODUCTION_API = "https://api.cdp.coinbase.com/platform";
