/**
 * The names of the function's environment variables. `config.ts` reads them, `infra/` sets them:
 * a name that stands here alone cannot drift between the two.
 *
 * The AWS clients follow the SDK's own variables (`AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_DYNAMODB` …);
 * there is none of ours for them.
 */
export const ENV = {
  /** Base URL of the API, without `/v2`. Default: `PRODUCTION_API`. */
  apiBaseUrl: "CDP_API_BASE_URL",
  /** Name or ARN of the Secrets Manager secret that holds the CDP API key. Required. */
  apiKeySecretId: "CDP_API_KEY_SECRET_ID",
  /** Name of the DynamoDB table. Required. */
  tableName: "SNAPSHOT_TABLE_NAME",
  /**
   * Path of a JSON file with the list of account ids, as 5,000 of them do not fit into the 4 KB of a function's
   * environment. Default: none, that is every account the key may see.
   */
  accountsFile: "CDP_ACCOUNTS_FILE",
  /** Comma-separated owner filter for "every account": `entity`, `customer`, or their ids. Default: any owner. */
  accountsOwner: "CDP_ACCOUNTS_OWNER",
  /** Type filter for "every account": `prime`, `business` or `cdp`. Default: any type. */
  accountsType: "CDP_ACCOUNTS_TYPE",
  /** Balances per page, at most. Default: as many as the server takes. */
  pageSize: "CDP_PAGE_SIZE",
  /** The walk of an account ends in an error after so many pages. Default: 1000. */
  maxPages: "CDP_MAX_PAGES",
  /** Accounts walked side by side. Default: 16. */
  accountsAtOnce: "CDP_ACCOUNTS_AT_ONCE",
  /** Requests in any 10 seconds, for the whole function instance. Default: 600, the API's documented limit. */
  readsPerTenSeconds: "CDP_READS_PER_10_SECONDS",
  /** Time limit of one request, in milliseconds. Default: 10000. */
  requestTimeoutMs: "CDP_REQUEST_TIMEOUT_MS",
  /** Attempts at one request, the first included. Default: 6. */
  maxAttempts: "CDP_MAX_ATTEMPTS",
  /** A slot that is older than so many seconds is refused; at most one period of the schedule. Default: 3600. */
  latenessLimitSeconds: "SLOT_LATENESS_LIMIT_SECONDS",
  /** Snapshots and failed attempts may be deleted so many days after their slot. Default: they are kept for ever. */
  retentionDays: "SNAPSHOT_RETENTION_DAYS",
  /** The schedule's expression, kept with the history for whoever looks for gaps. Default: not known. */
  schedule: "SNAPSHOT_SCHEDULE",
  /** The schedule's time zone. Default: UTC. */
  scheduleTimezone: "SNAPSHOT_SCHEDULE_TIMEZONE",
  /** A quantity that moves by more than so many percent of what it was is worth a notice. Default: 50. */
  noticeMovedPercent: "NOTICE_MOVED_PERCENT",
  /** What moves and vanishes without a notice: `usdc` or `account_…/usdc`, comma-separated. Default: nothing. */
  noticeExplained: "NOTICE_EXPLAINED",
  /** Seconds kept free before the function's time limit, to record what is unfinished. Default: 15. */
  reserveSeconds: "RUN_RESERVE_SECONDS",
} as const;

/** The base URL of the API that holds real money. */
export const PRODUCTION_API = "https://api.cdp.coinbase.com/platform";
