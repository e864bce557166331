import type { AccountActivity } from "../domain/account-activity.ts";
import { completionProblem } from "../domain/completion-window.ts";
import type { ScheduleVersion } from "../domain/history-source.ts";
import type { Slot } from "../domain/slot.ts";
import type { ChainSource, Head, StoredSnapshot } from "./entry.ts";
import { type FindingSubject, finding, type IntegrityFinding } from "./integrity-finding.ts";
import { checkActivity } from "./verify-activity.ts";
import { checkAnchors } from "./verify-anchors.ts";
import { checkAppending } from "./verify-appending.ts";
import { type CheckedEntries, checkEntries } from "./verify-entries.ts";

/** What an account's history is compared with. */
export interface VerificationFacts {
  /** When the account counts, according to the catalog; `undefined`: the catalog does not have it. */
  readonly activity: AccountActivity | undefined;
  /** The schedules on which the job can have recorded the account, oldest first. */
  readonly schedules: readonly ScheduleVersion[];
  /** Heads of this account that were kept elsewhere. */
  readonly anchors: readonly Head[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The result of verifying an account's history. */
export interface Verification {
  readonly accountId: string;
  /** Number of complete snapshots in the table. */
  readonly snapshots: number;
  readonly entries: number;
  /** Number of chained snapshots that were deleted after their expiry. */
  readonly expired: number;
  readonly head: { readonly sequence: number; readonly slot: Slot; readonly hash: string } | undefined;
  readonly findings: readonly IntegrityFinding[];
}

/** Compares an account's snapshots with its hash chain, its times with the catalog, and the chain with kept heads. */
export async function verifyAccount(
  source: ChainSource,
  accountId: string,
  { activity, schedules, anchors, now }: VerificationFacts,
): Promise<Verification> {
  // Entries first: a run in progress may add a snapshot without its entry yet, but never an entry without its snapshot.
  const chain = await checkEntries(accountId, source.entries(accountId));
  const findings = [...chain.findings];
  const seen = new Set<Slot>();
  const readable: StoredSnapshot[] = [];
  for await (const read of source.snapshots(accountId)) {
    const { slot } = read;
    seen.add(slot);
    if ("problem" in read) {
      findings.push(finding(subjectOf(accountId, slot, chain), "snapshot_unreadable", read.problem));
      continue;
    }
    const { snapshot, ownDigest } = read;
    readable.push(snapshot);
    findings.push(...checkSnapshot(accountId, snapshot, ownDigest, chain));
    const problem = completionProblem(schedules, snapshot);
    if (problem !== undefined) {
      findings.push(finding(subjectOf(accountId, slot, chain), "completed_outside_window", problem));
    }
  }
  let expired = 0;
  for (const [slot, { entry }] of chain.bySlot) {
    if (seen.has(slot)) continue;
    if (entry.keptUntil !== undefined && Date.parse(entry.keptUntil) <= now) expired++;
    else {
      const until = entry.keptUntil === undefined ? "" : ` It should exist until ${entry.keptUntil}.`;
      const problem = `The snapshot of this slot was deleted.${until}`;
      findings.push(finding({ accountId, slot, sequence: entry.sequence }, "snapshot_removed", problem));
    }
  }
  findings.push(
    ...checkAppending(accountId, readable, chain, now),
    ...checkActivity(accountId, activity, new Set([...seen, ...chain.bySlot.keys()]), readable),
    ...checkAnchors(accountId, anchors, chain),
  );
  const { head, count } = chain;
  return {
    accountId,
    snapshots: seen.size,
    entries: count,
    expired,
    head: head && { sequence: head.sequence, slot: head.slot, hash: head.hash },
    findings,
  };
}

function checkSnapshot(
  accountId: string,
  { slot, digest, capturedAt, keptUntil }: StoredSnapshot,
  ownDigest: string,
  chain: CheckedEntries,
): IntegrityFinding[] {
  const { entry, intact } = chain.bySlot.get(slot) ?? {};
  const subject = subjectOf(accountId, slot, chain);
  if (entry !== undefined && intact && entry.digest !== digest) {
    return [
      finding(subject, "snapshot_altered", "The snapshot does not match its entry in the chain: it was altered."),
    ];
  }
  if (ownDigest !== digest) {
    return [finding(subject, "snapshot_altered", "The snapshot does not match its own digest: it was altered.")];
  }
  if (entry === undefined || !intact) return [];
  const found: IntegrityFinding[] = [];
  if (entry.capturedAt !== capturedAt) {
    const problem = `The entry states capture at ${entry.capturedAt}, the snapshot at ${capturedAt}.`;
    found.push(finding(subject, "entry_altered", problem));
  }
  if (entry.keptUntil !== keptUntil) {
    const problem = `The entry states the expiry ${entry.keptUntil ?? "never"}, the snapshot ${keptUntil ?? "never"}.`;
    found.push(finding(subject, "expiry_changed", problem));
  }
  return found;
}

function subjectOf(accountId: string, slot: Slot, { bySlot }: CheckedEntries): FindingSubject {
  return { accountId, slot, sequence: bySlot.get(slot)?.entry.sequence };
}
