import type { Slot } from "../domain/slot.ts";

const SEE = "docs/runbook.md#verify-finds-something";
const RESTORE = `Restore the table to before that, and compare: ${SEE}.`;
const TRUST_LESS = `Trust nothing since then that nothing else confirms: ${SEE}.`;

/** What can be found, by its stable code, and what to do about it. */
export const SUGGESTED_FIXES = {
  entry_unreadable: RESTORE,
  entry_missing: RESTORE,
  entry_altered: RESTORE,
  chain_broken: RESTORE,
  chained_twice: RESTORE,
  chained_late: `Was it put in, or was the clock of a machine wrong? The log of the run for its slot tells: ${SEE}.`,
  snapshot_unreadable: RESTORE,
  snapshot_altered: RESTORE,
  snapshot_removed: RESTORE,
  snapshot_not_in_chain: `Nobody vouches for it, but perhaps the log of a run: ${SEE}.`,
  expiry_changed: `Put it back, before DynamoDB deletes the snapshot: ${SEE}.`,
  not_chained: `Is there "Snapshots could not be chained" in the log? If not, entries were removed: ${SEE}.`,
  not_chained_yet: "The next run enters what has none; what it leaves out is a finding then.",
  anchor_missing: TRUST_LESS,
  anchor_differs: TRUST_LESS,
} as const;

export type FindingCode = keyof typeof SUGGESTED_FIXES;

/** Something that is not as an honest history has it. */
export interface IntegrityFinding {
  readonly accountId: string;
  /** `null`: of no one snapshot. */
  readonly slot: Slot | null;
  /** `null`: of no one entry. */
  readonly sequence: number | null;
  readonly code: FindingCode;
  /** `warning`: it may be, and goes away by itself. */
  readonly severity: "finding" | "warning";
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** What a finding is about. */
export interface FindingSubject {
  readonly accountId: string;
  readonly slot?: Slot;
  readonly sequence?: number;
}

/** @param what is wrong, in a sentence */
export function finding(
  { accountId, slot, sequence }: FindingSubject,
  code: FindingCode,
  what: string,
): IntegrityFinding {
  const severity = code === "not_chained_yet" ? "warning" : "finding";
  const message = `${what} ${SUGGESTED_FIXES[code]}`;
  return { accountId, slot: slot ?? null, sequence: sequence ?? null, code, severity, message };
}
