import { RunFailedError } from "./errors.ts";
import type { Notice } from "./notices.ts";
import type { Slot, Trigger } from "./slot.ts";
import type { Consistency } from "./snapshot.ts";
import type { Total } from "./totals.ts";

/** How one account of a run ended. */
export interface SnapshotResult {
  readonly accountId: string;
  readonly outcome: "complete" | "alreadyComplete" | "failed";
  /** How many assets the snapshot holds; the next five are there unless the account failed. */
  readonly assets?: number;
  readonly pages?: number;
  readonly capturedAt?: string;
  readonly consistency?: Consistency;
  /** By denomination. */
  readonly totals?: Readonly<Record<string, Total>>;
  /** What differs much from the snapshot before; left out where nothing does. Only of a snapshot that this run took. */
  readonly notices?: readonly Notice[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** What the function returns: made to be read in the console and by a program. */
export interface RunResult {
  readonly slot: Slot;
  readonly trigger: Trigger;
  readonly dryRun: boolean;
  readonly durationMs: number;
  /** How many accounts ended in which way. */
  readonly accounts: {
    readonly complete: number;
    readonly alreadyComplete: number;
    readonly failed: number;
  };
  /** One entry an account, in the order in which they are configured. */
  readonly snapshots: readonly SnapshotResult[];
}

/** So many failed accounts are told in full: the error has to stay readable in a console and within a log event. */
const TOLD_IN_FULL = 20;

/** The error that a run with failed accounts ends in: how many of how many, which, and why. */
export function runFailedError(report: RunResult): RunFailedError {
  const failed = report.snapshots.filter((result) => result.outcome === "failed");
  const reasons = failed
    .slice(0, TOLD_IN_FULL)
    .map((result) => `${result.accountId}: ${result.error?.code}: ${result.error?.message}`);
  if (failed.length > TOLD_IN_FULL) {
    reasons.push(`and ${failed.length - TOLD_IN_FULL} more, each with a line in the log`);
  }
  const accounts = report.snapshots.length === 1 ? "account has" : "accounts have";
  const of = `${failed.length} of ${report.snapshots.length} ${accounts} no snapshot for the slot ${report.slot}`;
  const others = failed.length === report.snapshots.length ? "" : "All the others are stored. ";
  const rest = report.dryRun ? "A dry run stores nothing." : `${others}A retry does what is missing.`;
  return new RunFailedError("run_failed", `${of}.\n${reasons.join("\n")}\n${rest}`);
}
