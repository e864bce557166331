import type { AccountActivities, AccountActivity, AccountDescription } from "./account-activity.ts";
import type { Asset, Balance } from "./balance.ts";
import type { ApiError, JobError } from "./errors.ts";
import type { FailedRun } from "./failed-run.ts";
import type { ScheduleSettings } from "./history-source.ts";
import type { KeyList, KeyLists } from "./key-list.ts";
import type { RunResult, SnapshotResult } from "./run-result.ts";
import type { RunCounts, TakeStep } from "./run-step.ts";
import type { Slot } from "./slot.ts";
import type { ChainedSnapshot, FailedAttempt, Snapshot, SnapshotSummary } from "./snapshot.ts";
import type { WalkLimits } from "./walk-limits.ts";

/** Time, as the job sees it. */
export interface Clock {
  /** Milliseconds since 1970 by the system clock, which may be adjusted at any moment. */
  now(): number;
  /** Milliseconds since an arbitrary moment; never decreases. Use it for durations. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds. @throws the signal's reason as soon as it is aborted */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A moment on both clocks: the system clock says when it was, the monotonic one measures the time since. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** As `Clock.monotonic`. */
  readonly monotonicMs: number;
}

/** One pass over every page of an account's balances. */
export interface Pass {
  /** When the first request that succeeded was sent. Retries before it have read nothing. */
  readonly sent: Moment;
  /** In the order of the list. An asset that moved between two pages may appear twice, or not at all. */
  readonly balances: readonly Balance[];
  readonly pages: number;
  /** When the request for the last page was sent. */
  readonly lastSent: Moment;
}

/** Reads balances. Every method rejects with the signal's reason as soon as it is aborted. */
export interface BalanceSource {
  /** Reads the key. @throws KeyError if it is missing or unusable */
  checkKey(): Promise<void>;
  /** Returns the accounts that the key can see and the configured filters include. @throws JobError */
  listAccounts(signal: AbortSignal): Promise<AccountDescription[]>;
  /** Reads one account, whatever the filters are. `undefined`: it does not exist. @throws JobError */
  account(accountId: string, signal: AbortSignal): Promise<AccountDescription | undefined>;
  /**
   * Yields the descriptions of accounts as it reads them, whatever the filters are, in any order. Accounts that do not exist
   * are missing. @throws JobError, after those that it could read
   */
  describe(accountIds: readonly string[], signal: AbortSignal): AsyncIterable<AccountDescription>;
  /**
   * Reads every page of an account's balances once.
   * @param limits default: those of the largest account
   * @throws JobError; a WalkError `list_too_large` beyond the limits
   */
  pass(accountId: string, signal: AbortSignal, limits?: WalkLimits): Promise<Pass>;
  /**
   * Reads the balance of one asset, which has another symbol if the API has renamed it. `absent`: the API states that the
   * account does not hold it. `unknown`: the API rejects the question permanently.
   * @throws JobError if a later attempt may succeed
   */
  balance(accountId: string, asset: string, signal: AbortSignal): Promise<Balance | "absent" | "unknown">;
}

export type SlotRecord =
  | { readonly status: "complete"; readonly summary: SnapshotSummary }
  | { readonly status: "failed"; readonly attempt: FailedAttempt };

/** The stored state of a slot before its walk. */
export interface SlotState {
  /** The record of the slot; `undefined`: none. */
  readonly current: SlotRecord | undefined;
  /** The newest complete snapshot of an earlier slot; `undefined`: none, or the slot is complete already. */
  readonly previous: Snapshot | undefined;
  /** There is a previous snapshot, which was not read because it exceeds the limits. */
  readonly previousIsLarger?: true;
  /** Why `previous` is missing, if there is one that cannot be read. */
  readonly previousError?: JobError;
}

/** The complete snapshot before another one. */
export type PreviousSlot = Pick<SnapshotSummary, "slot" | "trigger">;

/** A snapshot that was just written. */
export interface SavedSnapshot extends ChainedSnapshot {
  readonly accountId: string;
  /** Why the account's start could not be registered, if it is missing. The next run registers it. */
  readonly startError?: JobError;
}

/** Settings for an update of a hash chain. */
export interface ChainUpdate {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A pass over the pages starts at most this much after its slot, in milliseconds. */
  readonly latenessLimitMs: number;
  /** Stops the recovery of missing entries. The next update continues it. */
  readonly signal: AbortSignal;
}

/** Stores snapshots. Every method throws a StoreError. */
export interface SnapshotStore {
  /**
   * Reads the slot's record and the snapshot before it, strongly consistent, in one query.
   * @param limits a snapshot before it that exceeds them is not read. Default: those of the largest account
   */
  readSlot(accountId: string, slot: Slot, limits?: WalkLimits): Promise<SlotState>;
  /**
   * Stores a snapshot, whole or not at all, and registers its assets in the catalog. If that fails, the snapshot itself holds
   * their descriptions. Then registers the account's start, unless it is active. Returns `undefined` if the slot has a
   * complete snapshot already, which stays unchanged.
   */
  save(
    snapshot: Snapshot,
    assets: readonly Asset[],
    description?: AccountDescription,
  ): Promise<SavedSnapshot | undefined>;
  /** Registers the start of an account that has a complete snapshot, unless it is active. */
  registerStart(summary: SnapshotSummary, description?: AccountDescription): Promise<void>;
  /**
   * Registers the end of an account.
   * @param at the instant from which it counts no more, in the format of a slot
   * @param reason in one sentence
   */
  registerEnd(accountId: string, slot: Slot, at: string, reason: string): Promise<void>;
  /**
   * Stores a failed attempt, and registers the account as pending unless it is active. Returns `false` if the slot has a
   * complete snapshot, which stays unchanged.
   * @param key the name of the API key that should serve the account; `undefined`: it has none, or its key stays the same
   */
  recordFailure(attempt: FailedAttempt, key?: string): Promise<boolean>;
  /** Returns the runs for a slot that failed before they reached all accounts. */
  failedRuns(slot: Slot): Promise<readonly FailedRun[]>;
  /** Stores the record of a run that failed before it reached all accounts. Never replaces one of another attempt. */
  recordFailedRun(run: FailedRun): Promise<void>;
  /**
   * Appends a saved snapshot to the account's hash chain, and any snapshots that the chain lacks. Returns how many.
   * @param previous the complete snapshot before it, with which the chain should end
   */
  appendEntry(saved: SavedSnapshot, previous: PreviousSlot | undefined, update: ChainUpdate): Promise<number>;
  /**
   * Appends the snapshots that the account's hash chain lacks: the newest ones, and that of `slot` however old it is. Does
   * nothing if the chain ends with `slot`. Returns how many it appended.
   */
  appendMissingEntries(accountId: string, update: ChainUpdate, slot?: Slot): Promise<number>;
  /**
   * Registers the schedule on which the job runs, for all accounts or for those of one key, since `slot`, or since `now` if
   * another one came into force after it.
   */
  registerSchedule(schedule: ScheduleSettings, slot: Slot, now: Slot): Promise<void>;
  /**
   * Returns whether descriptions are due: they were last refreshed in another UTC day, or never. If so, registers that they
   * are refreshed now, whether that succeeds or not.
   * @param key the name of the API key whose accounts are described; `undefined`: it has none
   */
  startNamesRefresh(now: Slot, key?: string): Promise<boolean>;
  /** Registers the description of an account that the table knows, if it is new. Unknown fields keep their last values. */
  registerDescription(description: AccountDescription, now: Slot): Promise<void>;
  /**
   * Registers that another API key than before serves an account, of which a run has just taken or found a snapshot. If a run with
   * the key before has ended the account meanwhile, it starts again.
   */
  registerKey(summary: SnapshotSummary, description: AccountDescription, now: Slot): Promise<void>;
  /** Reads again when an account counts, strongly consistent: other runs may have registered events meanwhile. */
  readAccount(accountId: string): Promise<AccountActivity>;
  /** Returns what the runs of each of several keys have registered about its list of accounts. */
  keyLists(): Promise<KeyLists>;
  /** Registers what a run has found in the list of its key. Replaces what is registered. */
  registerKeyList(key: string, list: KeyList): Promise<void>;
  /** Returns the account's complete snapshot of the newest slot. */
  latest(accountId: string): Promise<Snapshot | undefined>;
  /**
   * Returns when each account counts. Events of the last second may be missing. Reads the whole catalog, against which the run
   * registers: call it at the start of each run, so that the run also registers what was deleted.
   */
  accounts(): Promise<AccountActivities>;
  /**
   * Returns whether any account was ever recorded, even if its record is unreadable. Strongly consistent.
   * @param key only accounts that this key has served, and those of an unknown key that have not ended
   */
  hasAccounts(key?: string): Promise<boolean>;
}

/** What the metrics of a run show beside its result. */
export interface RunFigures {
  readonly counts: RunCounts;
  /**
   * The greatest age among the last complete snapshots of the accounts that the run reached, in milliseconds. An account
   * without one counts from its first failed attempt. `undefined`: a dry run, or no age is known.
   */
  readonly oldestCompleteMs: number | undefined;
  /** Whether the run covered all configured accounts. */
  readonly allAccounts: boolean;
}

/** Receives run progress and failures. */
export interface Telemetry {
  /** @param durationMs from the start to the end of the account */
  accountEnded(slot: Slot, result: SnapshotResult, durationMs: number): void;
  /** An attempt at an API request failed; it may be retried. */
  apiFailed?(error: ApiError): void;
  runEnded(result: RunResult, figures: RunFigures): void;
  /** An invocation ended that another one continues. @param next the step of the next invocation */
  partEnded?(slot: Slot, dryRun: boolean, next: TakeStep): void;
  /** The run ended before any account had its turn. @param warnings how many there were before that */
  runAborted?(slot: Slot, error: JobError, dryRun: boolean, warnings: number): void;
  /** A failure that did not stop the run but needs attention. */
  warning(message: string, error: JobError, where?: { readonly accountId?: string; readonly slot?: Slot }): void;
}
