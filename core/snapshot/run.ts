import type { Schedule } from "../domain/history.ts";
import type { NoticeRules } from "../domain/notices.ts";
import type { BalanceSource, Clock, SnapshotStore, Telemetry } from "../domain/ports.ts";
import type { Slot, Trigger } from "../domain/slot.ts";

/** The parts that a run works with. */
export interface Dependencies {
  readonly clock: Clock;
  readonly source: BalanceSource;
  readonly store: SnapshotStore;
  readonly telemetry: Telemetry;
}

/** What holds for every run. */
export interface RunSettings {
  /** All the accounts that are configured, of which an order may name some. */
  readonly accounts: RunRequest["accounts"];
  /** Accounts walked side by side. */
  readonly accountsAtOnce: number;
  /** A slot that is older, in milliseconds, is refused. */
  readonly latenessLimitMs: number;
  /** The schedule that runs come from; `undefined`: there is none, or it is not known. */
  readonly schedule: Schedule | undefined;
  /** Which differences from the previous snapshot are worth a notice. */
  readonly noticeRules: NoticeRules;
}

/** What one run is to do. */
export interface RunRequest {
  readonly slot: Slot;
  readonly trigger: Trigger;
  /** Walk and report, write nothing. */
  readonly dryRun: boolean;
  /** The ids of the accounts; `"all"`: every account that the source lists. */
  readonly accounts: readonly string[] | "all";
}

/** All that the accounts of one run share. */
export interface Run {
  readonly dependencies: Dependencies;
  readonly settings: RunSettings;
  readonly request: RunRequest;
  /** Aborted, with a DeadlineError, a while before the run's time is over. */
  readonly deadline: AbortSignal;
}
