import type { Asset } from "./balance.ts";
import type { Slot } from "./slot.ts";
import type { FailedAttempt, Snapshot } from "./snapshot.ts";

/** When the job runs. */
export interface Schedule {
  /** `rate(…)` or `cron(…)`, as EventBridge Scheduler takes it. */
  readonly expression: string;
  /** IANA time zone of a `cron(…)`. */
  readonly timezone: string;
}

/** A schedule that the job ran on. */
export interface ScheduleVersion extends Schedule {
  /** The slot of the first run that knew it; until the next version's. */
  readonly since: Slot;
}

/** What the table has under a slot, balances and all. */
export type HistoryRecord =
  | { readonly status: "complete"; readonly slot: Slot; readonly snapshot: Snapshot }
  | { readonly status: "failed"; readonly slot: Slot; readonly attempt: FailedAttempt };

/** Slots from `from` to `to`, both included; milliseconds since 1970. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

/** Where the history is read from. Every method throws a StoreError. */
export interface HistorySource {
  /** Every account, with the slot of its first record. */
  accounts(): Promise<ReadonlyMap<string, Slot>>;
  /** What each asset is, by symbol; the newest description of each. */
  assets(): Promise<ReadonlyMap<string, Asset>>;
  /** The schedules that the job ran on, oldest first; none if it was only ever started by hand. */
  schedules(): Promise<readonly ScheduleVersion[]>;
  /** Returns the complete snapshot of the oldest slot. */
  oldest(accountId: string): Promise<Snapshot | undefined>;
  /** Records by slot, newest first, from a moment back to the beginning; read as far as they are consumed. */
  recordsBack(accountId: string, to: number): AsyncIterable<HistoryRecord>;
  /** Records by slot, oldest first; streamed, read in several sub-ranges at once. */
  records(accountId: string, range: SlotRange): AsyncIterable<HistoryRecord>;
}
