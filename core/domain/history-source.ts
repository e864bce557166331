import type { AccountActivities } from "./account-activity.ts";
import type { Asset } from "./balance.ts";
import type { FailedRun } from "./failed-run.ts";
import type { Slot } from "./slot.ts";
import type { FailedAttempt, Snapshot } from "./snapshot.ts";

/** When the job runs. */
export interface Schedule {
  /** `cron(…)`, in EventBridge Scheduler syntax. */
  readonly expression: string;
  /** IANA time zone of a `cron(…)`. */
  readonly timezone: string;
}

/** What a run registers about its schedule. */
export interface ScheduleSettings extends Schedule {
  /** The name of the API key whose accounts it applies to. `undefined`: all accounts. */
  readonly key?: string | undefined;
  /** A slot that is older is refused, in milliseconds. */
  readonly latenessLimitMs: number;
  /** How long a run may take, in milliseconds, if it takes several invocations. `undefined`: one invocation, `MAX_RUN_MS`. */
  readonly maxRunMs?: number | undefined;
}

/** A schedule that the job has used. */
export interface ScheduleVersion extends ScheduleSettings {
  /** The first slot with this schedule. It applies until the next version's `since`. */
  readonly since: Slot;
}

/** The record of a slot, with its balances. */
export type HistoryRecord =
  | { readonly status: "complete"; readonly slot: Slot; readonly snapshot: Snapshot }
  | { readonly status: "failed"; readonly slot: Slot; readonly attempt: FailedAttempt };

/** Slots from `from` to `to`, both included; milliseconds since 1970. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads the history. Every method throws a StoreError on failure. Accounts, assets and schedules that cannot be read are skipped
 * and reported.
 */
export interface HistorySource {
  /** Returns when each account counts. */
  accounts(): Promise<AccountActivities>;
  /** Returns the first description of each asset, by symbol. A snapshot holds those that differ. */
  assets(): Promise<ReadonlyMap<string, Asset>>;
  /**
   * Returns the schedules that the job has used, oldest first; empty if every run was manual. One that cannot be read is
   * invalid: its slots are unknown.
   */
  schedules(): Promise<readonly ScheduleVersion[]>;
  /** Returns the runs that failed as a whole for the slots of a range. */
  failedRuns(range: SlotRange): Promise<readonly FailedRun[]>;
  /**
   * Returns the snapshots in an account's hash chain whose slots are in a range, and the next one: when each may be deleted,
   * in the format of a slot, by slot; `undefined`: never.
   */
  chainedSlots(accountId: string, range: SlotRange): Promise<ReadonlyMap<Slot, string | undefined>>;
  /** Returns the complete snapshot of the oldest slot. */
  oldest(accountId: string): Promise<Snapshot | undefined>;
  /** Yields records from `to` backwards, newest first. Reads pages on demand. */
  recordsBack(accountId: string, to: number): AsyncIterable<HistoryRecord>;
  /** Yields records in slot order. Reads sub-ranges concurrently. */
  records(accountId: string, range: SlotRange): AsyncIterable<HistoryRecord>;
}
