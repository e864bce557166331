/**
 * What the state machine and the function say to each other: the `step` of an event. A run of many accounts is several
 * invocations, because one ends after 15 minutes. The function's answer to a `take` step is the next step, so the state machine
 * adds it to the execution's event, and looks only at `after`.
 */

/**
 * Takes the snapshots of accounts, as many as fit the function's time, in the order of their ids: from `first` to the greatest
 * one, and then from the smallest one on.
 */
export interface TakeStep {
  readonly name: "take";
  /** The key whose accounts are taken. Absent if it has no name. The event's `key` is what a person wrote. */
  readonly key?: string;
  /** When the execution started, as Step Functions writes it. Without `scheduledTime`, it is the slot. */
  readonly startedAt: string;
  /** The account with which the run began: another one in every slot. Absent in the first step. */
  readonly first?: string;
  /** Continue after this account. Absent in the first step, and in the answer if no account is left. */
  readonly after?: string;
  /** What the invocations before have done. Absent in the first step. */
  readonly progress?: RunProgress;
  /** Added by the state machine: why the last invocation failed at every attempt. It may have reached any account. */
  readonly error?: TaskError;
}

/** The error of a task, as Step Functions reports it. */
export interface TaskError {
  readonly Error: string;
  /** JSON with the function's `errorMessage`, or a text. */
  readonly Cause?: string;
}

/** What a run counts beside its accounts. */
export interface RunCounts {
  /** Of balances, in the walks that completed an account. */
  readonly pages: number;
  readonly notices: number;
  readonly warnings: number;
  /** Accounts that failed because of the key. */
  readonly keyFailures: number;
}

/** Counts, and few ids: Step Functions limits what steps say to each other to 256 KiB. */
export interface RunProgress extends RunCounts {
  readonly complete: number;
  readonly alreadyComplete: number;
  readonly failed: number;
  /** The first failed accounts in the order of the run; if there are more, they come after these. Absent if none failed. */
  readonly failedIds?: readonly string[];
  /** When the least recent of the complete snapshots was captured, in the format of a slot. */
  readonly oldestCapturedAt?: string;
  /** The sum of the durations of the invocations, in milliseconds. */
  readonly durationMs: number;
}

/**
 * The last step of a run: takes what is missing, ends accounts, refreshes names, emits the metrics. Fails if any account has no
 * snapshot. A retry or a redrive of this step therefore takes only the missing snapshots.
 */
export interface FinishStep {
  readonly name: "finish";
  readonly startedAt: string;
  /** The answers to the last `take` step of each key, or the steps that failed. */
  readonly taken: readonly TakeStep[];
}

export type RunStep = TakeStep | FinishStep;

/** Returns the answer to a step that takes no account, because none is left. */
export function emptyAnswer({ name, key, startedAt }: TakeStep): TakeStep {
  return { name, ...(key !== undefined && { key }), startedAt };
}
