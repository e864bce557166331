import type { Asset, Balance } from "./balance.ts";
import type { ApiError, JobError } from "./errors.ts";
import type { Schedule } from "./history.ts";
import type { RunResult, SnapshotResult } from "./run-result.ts";
import type { Slot } from "./slot.ts";
import type { FailedAttempt, Snapshot, SnapshotSummary } from "./snapshot.ts";

/** Time, as the job sees it. */
export interface Clock {
  /** Milliseconds since 1970, by the machine's clock, which may be set at any moment. */
  now(): number;
  /** Milliseconds since some moment: never goes back; for durations. */
  monotonic(): number;
  /** Resolves after `ms`. @throws the signal's reason, as soon as it is aborted */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One read of all pages of an account's balances. */
export interface Pass {
  /** In the API's order. An asset that changed its place during the pass can be listed twice, or not at all. */
  readonly balances: readonly Balance[];
  readonly pages: number;
}

/** Where balances come from. Every method ends with the signal's reason as soon as it is aborted. */
export interface BalanceSource {
  /** The ids of the accounts the key may see. @throws JobError */
  listAccounts(signal: AbortSignal): Promise<string[]>;
  /** Reads all pages of an account's balances once. @throws JobError */
  pass(accountId: string, signal: AbortSignal): Promise<Pass>;
  /**
   * Reads the balance of one asset. `absent`: the account does not hold it. `unknown`: the API does not answer, and a later
   * request would not help. @throws JobError if a later request may help
   */
  balance(accountId: string, asset: string, signal: AbortSignal): Promise<Balance | "absent" | "unknown">;
}

/** What a slot of an account holds in the table. */
export type SlotRecord =
  | { readonly status: "complete"; readonly summary: SnapshotSummary }
  | { readonly status: "failed"; readonly attempt: FailedAttempt };

/** What entering snapshots in a chain goes by. */
export interface ChainUpdate {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** No slot is older, in milliseconds, when its balances are captured. */
  readonly latenessLimitMs: number;
  /** Ends it with the signal's reason; what is missing then is entered the next time. */
  readonly signal: AbortSignal;
}

/** Where snapshots are kept. Every method throws a StoreError. */
export interface SnapshotStore {
  /** What is recorded for the slot, strongly consistent. */
  find(accountId: string, slot: Slot): Promise<SlotRecord | undefined>;
  /**
   * Keeps a snapshot, whole or not at all; what the assets are is kept apart.
   * `false`: the slot has a complete snapshot already, which stays as it is.
   */
  save(snapshot: Snapshot, assets: readonly Asset[]): Promise<boolean>;
  /** Keeps a failed attempt. `false`: the slot has a complete snapshot, which stays as it is. */
  recordFailure(attempt: FailedAttempt): Promise<boolean>;
  /** Enters in the account's chain every snapshot that it lacks; writes nothing where it lacks none. */
  appendMissingEntries(accountId: string, order: ChainUpdate): Promise<void>;
  /** Keeps the schedule that the job runs on, for whoever looks for gaps. `slot`: from which on. */
  registerSchedule(schedule: Schedule, slot: Slot): Promise<void>;
  /** What is recorded for the account's newest slot. */
  newest(accountId: string): Promise<SlotRecord | undefined>;
  /** The account's complete snapshot of the newest slot. */
  latest(accountId: string): Promise<Snapshot | undefined>;
  /** Every account that the table knows, with the slot of its first record. */
  accounts(): Promise<ReadonlyMap<string, Slot>>;
}

/** Who is told how the run goes. */
export interface Telemetry {
  /** @param durationMs from the account's turn to its end, in milliseconds */
  accountEnded(slot: Slot, result: SnapshotResult, durationMs: number): void;
  /** An attempt at a request to the API failed, whether it is tried again or not. */
  apiFailed?(error: ApiError): void;
  /**
   * @param oldestCompleteMs age of the oldest account's last complete snapshot in milliseconds (of an account that
   * never had one: since its first record); `undefined` in a dry run.
   * @param allAccounts the run was over all configured accounts
   */
  runEnded(report: RunResult, oldestCompleteMs: number | undefined, allAccounts: boolean): void;
  /** The run ended before any account had its turn. */
  runAborted?(slot: Slot, error: JobError, dryRun: boolean): void;
  /**
   * Something that did not stop the run and has to be known. @param where the account and the slot, as far as it has
   * them
   */
  warning(message: string, error: JobError, where?: { readonly accountId?: string; readonly slot?: Slot }): void;
}
