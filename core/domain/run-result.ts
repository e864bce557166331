import { messageWithFix, RunFailedError } from "./errors.ts";
import type { Notice } from "./notices.ts";
import type { Slot, Trigger } from "./slot.ts";
import type { Consistency } from "./snapshot.ts";
import type { Total } from "./totals.ts";

/** The result of one account in a run. Failed accounts have `error`; the others have the fields of their snapshot. */
export interface SnapshotResult {
  readonly accountId: string;
  readonly outcome: "complete" | "alreadyComplete" | "failed";
  readonly assets?: number;
  readonly pages?: number;
  readonly capturedAt?: string;
  readonly consistency?: Consistency;
  /** By denomination. */
  readonly totals?: Readonly<Record<string, Total>>;
  /** Significant differences from the previous snapshot, if this run took the snapshot and there are any. */
  readonly notices?: readonly Notice[];
  /** How many snapshots the run appended to the account's hash chain, if more than its own and the one before. */
  readonly chained?: number;
  readonly error?: { readonly code: string; readonly message: string; readonly suggestedFix?: string | undefined };
}

/** An account that counts no more from the run's slot on. */
export interface EndedAccount {
  readonly accountId: string;
  /** In one sentence. */
  readonly reason: string;
}

/** The function's return value, for the console and for programs. */
export interface RunResult {
  readonly slot: Slot;
  readonly trigger: Trigger;
  readonly dryRun: boolean;
  readonly durationMs: number;
  /** Why the run is not the one that was asked for. */
  readonly warning?: string;
  /** Number of accounts by outcome. */
  readonly accounts: {
    readonly complete: number;
    readonly alreadyComplete: number;
    readonly failed: number;
  };
  /** One result per account, in the configured order. */
  readonly snapshots: readonly SnapshotResult[];
  /** The accounts that ended with this run; absent if there are none. */
  readonly ended?: readonly EndedAccount[];
}

/** Failed accounts that the error lists in full, so that it stays readable and fits into a log event. */
const MAX_LISTED = 20;

/** Returns the error of a run with failed accounts: how many, which, and why. */
export function runFailedError(result: RunResult): RunFailedError {
  const failed = result.snapshots.filter(({ outcome }) => outcome === "failed");
  const reasons = failed
    .slice(0, MAX_LISTED)
    .map(({ accountId, error }) => `${accountId}: ${error?.code}: ${error && messageWithFix(error)}`);
  if (failed.length > MAX_LISTED) {
    reasons.push(`${failed.length - MAX_LISTED} more failed accounts are in the log, one line each.`);
  }
  const accounts = result.snapshots.length === 1 ? "account" : "accounts";
  const have = failed.length === 1 ? "has" : "have";
  const count = `${failed.length} of ${result.snapshots.length} ${accounts} ${have} no snapshot for slot ${result.slot}.`;
  const others = failed.length === result.snapshots.length ? "" : "All other accounts are stored. ";
  const advice = result.dryRun ? "A dry run stores nothing." : `${others}A retry takes the missing snapshots only.`;
  return new RunFailedError("run_failed", `${count}\n${reasons.join("\n")}\n${advice}`);
}
