import type { Slot } from "../domain/slot.ts";
import type { ChainedSnapshot } from "../domain/snapshot.ts";
import { type ChainSource, type Head, ORDER_TOLERANCE_MS } from "./entry.ts";
import { type FindingSubject, finding, type IntegrityFinding } from "./integrity-finding.ts";
import { type CheckedEntries, checkEntries } from "./verify-entries.ts";

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

/**
 * Compares an account's snapshots with its hash chain, and the chain with heads that were kept elsewhere.
 * @param anchors heads of this account that were kept elsewhere
 * @param now milliseconds since 1970
 */
export async function verifyAccount(
  source: ChainSource,
  accountId: string,
  anchors: readonly Head[],
  now: number,
): Promise<Verification> {
  // Entries first: a run in progress may add a snapshot without its entry yet, but never an entry without its snapshot.
  const chain = await checkEntries(accountId, source.entries(accountId));
  const findings = [...chain.findings];
  const seen = new Set<Slot>();
  const unchained: Unchained[] = [];
  let snapshots = 0;
  let newest = Number.NEGATIVE_INFINITY;
  for await (const read of source.snapshots(accountId)) {
    const { slot } = read;
    snapshots++;
    seen.add(slot);
    if ("problem" in read) {
      findings.push(finding(subjectOf(accountId, slot, chain), "snapshot_unreadable", read.problem));
      continue;
    }
    const { snapshot, ownDigest } = read;
    const capturedAt = Date.parse(snapshot.capturedAt);
    newest = Math.max(newest, capturedAt);
    findings.push(...checkSnapshot(accountId, snapshot, ownDigest, chain));
    if (!chain.bySlot.has(slot)) unchained.push({ slot, capturedAt });
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
  findings.push(...checkUnchained(accountId, unchained, chain, newest), ...checkAnchors(accountId, anchors, chain));
  const { head, count } = chain;
  return {
    accountId,
    snapshots,
    entries: count,
    expired,
    head: head && { sequence: head.sequence, slot: head.slot, hash: head.hash },
    findings,
  };
}

function checkSnapshot(
  accountId: string,
  { slot, digest, capturedAt, keptUntil }: ChainedSnapshot,
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

interface Unchained {
  readonly slot: Slot;
  /** Milliseconds since 1970. */
  readonly capturedAt: number;
}

/**
 * Checks snapshots without an entry. A killed run leaves such a snapshot, and usually the account's next snapshot appends
 * it. It is a finding if the chain continued without it, or if a later run should have appended it.
 */
function checkUnchained(
  accountId: string,
  unchained: readonly Unchained[],
  { head }: CheckedEntries,
  newest: number,
): IntegrityFinding[] {
  const passed = head === undefined ? Number.NEGATIVE_INFINITY : Date.parse(head.capturedAt) - ORDER_TOLERANCE_MS;
  const findings = unchained
    .filter(({ capturedAt }) => capturedAt < passed)
    .map(({ slot }) => {
      const problem =
        "The snapshot has no entry, although the chain has later ones: the snapshot was inserted, or its entry deleted.";
      return finding({ accountId, slot }, "snapshot_not_in_chain", problem);
    });
  const later = unchained.filter(({ capturedAt }) => capturedAt >= passed);
  const isOverdue = ({ capturedAt }: Unchained) => capturedAt < newest - ORDER_TOLERANCE_MS;
  const report = (group: readonly Unchained[], code: "not_chained" | "not_chained_yet", detail: string) => {
    const [first] = group;
    if (first === undefined) return;
    const which = group.length === 1 ? "The snapshot has" : `${group.length} snapshots from this slot on have`;
    findings.push(finding({ accountId, slot: first.slot }, code, `${which} no entry in the chain${detail}.`));
  };
  const pending = later.filter((one) => !isOverdue(one));
  report(later.filter(isOverdue), "not_chained", ", although the account has newer snapshots");
  report(pending, "not_chained_yet", " yet");
  return findings;
}

/** Returns one finding, for the first head that differs: after it, the chains differ. */
function checkAnchors(
  accountId: string,
  anchors: readonly Head[],
  { hashes, head }: CheckedEntries,
): IntegrityFinding[] {
  const ordered = [...anchors].sort((a, b) => a.sequence - b.sequence);
  const wrong = ordered.filter(({ sequence, hash }) => hashes.get(sequence) !== hash);
  const [first] = wrong;
  if (first === undefined) return [];
  const { sequence, slot, at } = first;
  const lastMatch = ordered.filter((anchor) => anchor.sequence < sequence).at(-1);
  const evidence =
    lastMatch === undefined
      ? "No older head was given."
      : `The head of entry ${lastMatch.sequence}, kept at ${lastMatch.at}, matches.`;
  const more = wrong.length === 1 ? "" : ` ${wrong.length - 1} later heads differ too.`;
  const subject = { accountId, slot, sequence };
  if (!hashes.has(sequence)) {
    const state =
      head === undefined
        ? "the chain has no entries"
        : head.sequence > sequence
          ? "the chain does not have this entry"
          : `the chain ends with entry ${head.sequence}: its end was deleted`;
    const problem = `A head of entry ${sequence} was kept at ${at}, but ${state}.${more} ${evidence}`;
    return [finding(subject, "anchor_missing", problem)];
  }
  const problem = `Entry ${sequence} differs from the head that was kept at ${at}: the history was rewritten.${more} ${evidence}`;
  return [finding(subject, "anchor_differs", problem)];
}
