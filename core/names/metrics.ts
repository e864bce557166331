/**
 * The names of the metrics. The function emits them, and the stack's alarms and its dashboard stand on them: a name
 * that stands here alone cannot drift between the two.
 */
export const METRIC_NAMESPACE = "CdpBalanceSnapshots";

/** Every metric has this dimension, as Powertools writes it: the value of `POWERTOOLS_SERVICE_NAME`. */
export const SERVICE_DIMENSION = "service";

/** The further dimension of `apiErrors`: the error's stable code. */
export const CODE_DIMENSION = "code";

/** A run emits each of them once at its end, but for a dry run, which emits none. */
export const METRICS = {
  /** Accounts that have a complete snapshot for the run's slot. */
  accountsComplete: "AccountsComplete",
  /** Accounts that have none. */
  accountsFailed: "AccountsFailed",
  /**
   * 1 for a run of the schedule over all configured accounts of which none failed, 0 if one did. Runs by hand and runs
   * over some of the accounts have none of it, so that they cannot silence the alarm on a schedule that stopped.
   */
  completeRuns: "CompleteRuns",
  /** Accounts that failed for the key: its secret is missing, unreadable or invalid, or the API answered 401 or 403. */
  keyFailures: "KeyFailures",
  /** Pages of balances that were read for the snapshots. */
  pages: "Pages",
  /** Milliseconds from the run's start to its end. */
  duration: "Duration",
  /** Age of the oldest account's last complete snapshot, in seconds. */
  oldestCompleteAge: "OldestCompleteAge",
  /** What differs much from the snapshot before: an asset that vanished, a quantity that moved, a coverage that fell. */
  notices: "Notices",
  /** What did not stop the run and has to be known; the log says what. */
  warnings: "Warnings",
  /** Failed attempts at a request to the API, tried again or not, by their code. None is emitted where there was none. */
  apiErrors: "ApiErrors",
} as const;
