/**
 * The names of the custom metrics. The snapshot function emits them; the stack's alarms and dashboard read them.
 */
export const METRIC_NAMESPACE = "CdpBalanceSnapshots";

/** Dimension of every metric, added by Powertools: the value of `POWERTOOLS_SERVICE_NAME`. */
export const SERVICE_DIMENSION = "service";

/** Additional dimension of the metrics of a run with a named API key: its name. */
export const KEY_DIMENSION = "key";

/** Additional dimension of `apiErrors`: the stable error code. */
export const CODE_DIMENSION = "code";

/** The value of that dimension for an error whose type the API does not document. */
export const OTHER_CODE = "other";

/**
 * A run emits each metric once, when it ends, after all its invocations; only `apiErrors` is emitted by each invocation. A dry run
 * emits none.
 */
export const METRICS = {
  /** Number of accounts with a complete snapshot for the run's slot. */
  accountsComplete: "AccountsComplete",
  /** Number of accounts without a complete snapshot for the run's slot, including those that were not reached in time. */
  accountsFailed: "AccountsFailed",
  /**
   * 1 if a scheduled run over all configured accounts had no failure, 0 if it had one. Manual runs and runs over a
   * subset of the accounts do not emit it, so they cannot silence the alarm on a stopped schedule. A run before the first key
   * counts as one without a failure, because the alarm on `keyFailures` is on.
   */
  completeRuns: "CompleteRuns",
  /**
   * Number of accounts that failed because of the key: secret missing, unreadable or invalid, or a 401 or 403. 1 if the key
   * ended the run before it reached any account.
   */
  keyFailures: "KeyFailures",
  /** Number of pages of balances that the walks read. */
  pages: "Pages",
  /** Duration of the run, in milliseconds: the sum of its invocations, without the pauses between them. */
  duration: "Duration",
  /** Age in seconds of the oldest among the last complete snapshots of the accounts that the run reached. */
  oldestCompleteAge: "OldestCompleteAge",
  /** Number of large differences from the previous snapshots: vanished assets, moved quantities, lower coverage. */
  notices: "Notices",
  /** Number of failures that did not stop the run but need attention. The log has the details. */
  warnings: "Warnings",
  /** Number of failed API requests of an invocation per error code, retried or not. Not emitted when there were none. */
  apiErrors: "ApiErrors",
} as const;
