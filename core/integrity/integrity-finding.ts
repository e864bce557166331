import type { Slot } from "../domain/slot.ts";

const SEE = "docs/runbook.md#verify-finds-something";
const RESTORE = `Restore the table to an earlier point in time and compare: ${SEE}.`;
const DISTRUST = `Treat later snapshots as unverified: ${SEE}.`;

/** The codes of all findings, each with its suggested fix. */
export const SUGGESTED_FIXES = {
  entry_unreadable: RESTORE,
  entry_missing: RESTORE,
  entry_altered: RESTORE,
  chain_broken: RESTORE,
  chained_twice: RESTORE,
  chained_late: `Check the log of the slot's run. If it has neither "Snapshot not chained" nor a wrong clock, the snapshot was inserted or altered: ${SEE}.`,
  completed_outside_window: `Check the log of the slot's run. Unless a clock was wrong, the snapshot was inserted later: ${SEE}.`,
  snapshot_unreadable: RESTORE,
  snapshot_altered: RESTORE,
  snapshot_removed: RESTORE,
  snapshot_not_in_chain: `Check the log of the slot's run. A line "Snapshot not chained" explains this finding: ${SEE}.`,
  catalog_unreadable: `Unless a newer version wrote the item, restore it from a backup, or delete it: the next run registers again what it can. ${SEE}.`,
  account_differs: `The account's catalog items or its history were changed: ${SEE}.`,
  expiry_changed: `Set the expiry back before DynamoDB deletes the snapshot: ${SEE}.`,
  not_chained: `Look for "Snapshot not chained" in the log. Without it, entries were deleted: ${SEE}.`,
  not_chained_yet: "The account's next snapshot appends what is missing.",
  anchor_missing: DISTRUST,
  anchor_differs: DISTRUST,
} as const;

export type FindingCode = keyof typeof SUGGESTED_FIXES;

/** A deviation from an intact history. */
export interface IntegrityFinding {
  /** `catalog` if the finding concerns no particular account. */
  readonly accountId: string;
  /** `null` if the finding concerns no particular snapshot. */
  readonly slot: Slot | null;
  /** `null` if the finding concerns no particular entry. */
  readonly sequence: number | null;
  readonly code: FindingCode;
  /** `warning`: expected after an interrupted run, and repaired by the next one. */
  readonly severity: "finding" | "warning";
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** The account, snapshot and entry that a finding concerns. */
export interface FindingSubject {
  readonly accountId: string;
  readonly slot?: Slot;
  readonly sequence?: number | undefined;
}

/** Creates a finding. @param problem one sentence */
export function finding(subject: FindingSubject, code: FindingCode, problem: string): IntegrityFinding {
  const { accountId, slot = null, sequence = null } = subject;
  const severity = code === "not_chained_yet" ? "warning" : "finding";
  return { accountId, slot, sequence, code, severity, message: `${problem} ${SUGGESTED_FIXES[code]}` };
}
