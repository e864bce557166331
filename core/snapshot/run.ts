import type { Schedule } from "../domain/history-source.ts";
import type { NoticeRules } from "../domain/notices.ts";
import type { BalanceSource, Clock, SnapshotStore } from "../domain/ports.ts";
import type { TakeStep } from "../domain/run-step.ts";
import type { Slot, Trigger } from "../domain/slot.ts";
import type { CountingTelemetry } from "./counting-telemetry.ts";
import type { LargerTurns } from "./larger-turns.ts";

/** The ports that a run uses. */
export interface Dependencies {
  readonly clock: Clock;
  readonly source: BalanceSource;
  readonly store: SnapshotStore;
  readonly telemetry: CountingTelemetry;
}

/** Settings that apply to every run. */
export interface RunSettings {
  /** The name of the API key of the run. `undefined`: the only key. */
  readonly key?: string | undefined;
  /** The names of all configured keys. `undefined`: there is one, which has no name. */
  readonly keys?: readonly string[] | undefined;
  /** The key of each account that the configuration lists for one. */
  readonly keyOfListed?: ReadonlyMap<string, string> | undefined;
  /** The configured accounts. A run request may name some of them. */
  readonly accounts: RunRequest["accounts"];
  /** The API's filters of its list of accounts: comma-separated owners, and one type. */
  readonly accountsOwner?: string | undefined;
  readonly accountsType?: string | undefined;
  /** Number of accounts walked concurrently. */
  readonly accountsAtOnce: number;
  /** Slots older than this many milliseconds are refused. */
  readonly latenessLimitMs: number;
  /** Whether a run can take several invocations, until its slot is too late. Default: one invocation. */
  readonly hasLongRuns?: boolean;
  /** The schedule of the runs; `undefined`: none, or unknown. */
  readonly schedule: Schedule | undefined;
  /** Which differences from the previous snapshot raise a notice. */
  readonly noticeRules: NoticeRules;
}

/** What one run should do. */
export interface RunRequest {
  readonly slot: Slot;
  readonly trigger: Trigger;
  /** Walk and report, but write nothing. */
  readonly dryRun: boolean;
  /** Account ids, or `"all"` for every account that the source lists. */
  readonly accounts: readonly string[] | "all";
  /** Milliseconds between the slot and the one before. Absent without a schedule. */
  readonly periodMs?: number;
  /** Why the run is not the one that was asked for. */
  readonly warning?: string;
  /** What earlier invocations of the same run have taken. This one takes what is missing. */
  readonly taken?: TakeStep;
}

/** The context that all accounts of one run share. */
export interface Run {
  readonly dependencies: Dependencies;
  readonly settings: RunSettings;
  readonly request: RunRequest;
  /**
   * Aborted when the run begins no further account, because another invocation continues it. Those in progress go on.
   * Default: the deadline.
   */
  readonly lastStart?: AbortSignal;
  /** Aborted with a DeadlineError shortly before the run's time is over. The rest is for recording what is unfinished. */
  readonly deadline: AbortSignal;
  /** Aborted when the run has to end, whatever is still unfinished. */
  readonly end: AbortSignal;
  /** Returns the time since which each key has had a slot and the time to take it; `undefined`: unknown. */
  readonly servedSince?: (() => Promise<Slot | undefined>) | undefined;
  /** Number of accounts stored concurrently, and of names registered concurrently. Default: `STORED_AT_ONCE`. */
  readonly storedAtOnce?: number | undefined;
  /** The turns of accounts that are not small, shared by all runs of the process. Default: this run shares none. */
  readonly largerTurns?: LargerTurns | undefined;
}

/**
 * Returns whether a run covers all configured accounts. A request names only configured accounts, each once. So an equal
 * number means all of them.
 */
export function coversAllAccounts({ request, settings }: Run): boolean {
  return (
    request.accounts === "all" || (settings.accounts !== "all" && request.accounts.length === settings.accounts.length)
  );
}
