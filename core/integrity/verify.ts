import type { Slot } from "../domain/slot.ts";
import { type ChainedSnapshot, type ChainSource, type Head, ORDER_SLACK_MS } from "./entry.ts";
import { type FindingSubject, finding, type IntegrityFinding } from "./integrity-finding.ts";
import { type CheckedEntries, checkEntries } from "./verify-entries.ts";

/** What verifying an account's history brought. */
export interface Verification {
  readonly accountId: string;
  /** Complete snapshots that are there. */
  readonly snapshots: number;
  readonly entries: number;
  /** Snapshots that were deleted when they were free to be. */
  readonly expired: number;
  readonly head: { readonly sequence: number; readonly slot: Slot; readonly hash: string } | undefined;
  readonly findings: readonly IntegrityFinding[];
}

/**
 * Holds an account's snapshots against its chain, and the chain against heads of it that were kept elsewhere.
 * @param anchors such heads, of this account
 * @param now milliseconds since 1970
 */
export async function verifyAccount(
  source: ChainSource,
  accountId: string,
  anchors: readonly Head[],
  now: number,
): Promise<Verification> {
  // The entries first: of a run that is under way, a snapshot without its entry is no harm, the other way round would be.
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
      findings.push(finding(aboutSlot(accountId, slot, chain), "snapshot_unreadable", read.problem));
      continue;
    }
    const { snapshot, ownDigest } = read;
    const capturedAt = Date.parse(snapshot.capturedAt);
    newest = Math.max(newest, capturedAt);
    findings.push(...checkSnapshot(accountId, snapshot, ownDigest, chain));
    if (!chain.bySlot.has(slot)) unchained.push({ slot, capturedAt, hasDigest: ownDigest !== undefined });
  }
  let expired = 0;
  for (const [slot, { entry }] of chain.bySlot) {
    if (seen.has(slot)) continue;
    if (entry.keptUntil !== undefined && Date.parse(entry.keptUntil) <= now) expired++;
    else {
      const until = entry.keptUntil === undefined ? "" : ` It was to be kept until ${entry.keptUntil}.`;
      const what = `The slot has no complete snapshot any more: it was removed.${until}`;
      findings.push(finding({ accountId, slot, sequence: entry.sequence }, "snapshot_removed", what));
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
  ownDigest: string | undefined,
  chain: CheckedEntries,
): IntegrityFinding[] {
  const { entry, intact } = chain.bySlot.get(slot) ?? {};
  const about = aboutSlot(accountId, slot, chain);
  if (entry !== undefined && intact && entry.digest !== digest) {
    return [finding(about, "snapshot_altered", "The snapshot is not the one that was chained: it was altered.")];
  }
  if (ownDigest !== undefined && ownDigest !== digest) {
    return [finding(about, "snapshot_altered", "The snapshot is not what its own digest was made of: it was altered.")];
  }
  if (entry === undefined || !intact) return [];
  const found: IntegrityFinding[] = [];
  if (entry.capturedAt !== capturedAt) {
    const what = `The entry says that the snapshot was captured at ${entry.capturedAt}, the snapshot says ${capturedAt}.`;
    found.push(finding(about, "entry_altered", what));
  }
  if (entry.keptUntil !== keptUntil) {
    const told = (until: string | undefined) => until ?? "for ever";
    const what = `The snapshot was to be kept until ${told(entry.keptUntil)}, and is now: ${told(keptUntil)}.`;
    found.push(finding(about, "expiry_changed", what));
  }
  return found;
}

function aboutSlot(accountId: string, slot: Slot, { bySlot }: CheckedEntries): FindingSubject {
  const sequence = bySlot.get(slot)?.entry.sequence;
  return { accountId, slot, ...(sequence !== undefined && { sequence }) };
}

interface Unchained {
  readonly slot: Slot;
  /** Milliseconds since 1970. */
  readonly capturedAt: number;
  readonly hasDigest: boolean;
}

/**
 * Snapshots without an entry. A run that was killed leaves one, which the next run enters. It is out of place where the
 * chain has gone on without it, or where a run came later that should have entered it. Whole histories from before there
 * were chains are entered as fast as runs have time for it: their snapshots have no digest of their own.
 */
function checkUnchained(
  accountId: string,
  unchained: readonly Unchained[],
  { head }: CheckedEntries,
  newest: number,
): IntegrityFinding[] {
  const passed = head === undefined ? Number.NEGATIVE_INFINITY : Date.parse(head.capturedAt) - ORDER_SLACK_MS;
  const findings = unchained
    .filter(({ capturedAt }) => capturedAt < passed)
    .map(({ slot }) => {
      const what =
        "The snapshot has no entry in the chain, which has gone on since: it was put in, or its entry was taken out.";
      return finding({ accountId, slot }, "snapshot_not_in_chain", what);
    });
  const later = unchained.filter(({ capturedAt }) => capturedAt >= passed);
  const adopting = later.some(({ hasDigest }) => !hasDigest);
  const isDue = ({ capturedAt }: Unchained) => !adopting && capturedAt < newest - ORDER_SLACK_MS;
  const tell = (group: readonly Unchained[], code: "not_chained" | "not_chained_yet", why: string) => {
    const [first] = group;
    if (first === undefined) return;
    const which = group.length === 1 ? "The snapshot has" : `${group.length} snapshots from this slot on have`;
    findings.push(finding({ accountId, slot: first.slot }, code, `${which} no entry in the chain${why}.`));
  };
  tell(later.filter(isDue), "not_chained", ", and the job has run since");
  tell(
    later.filter((one) => !isDue(one)),
    "not_chained_yet",
    " yet",
  );
  return findings;
}

/** One finding for the first head that the chain does not have: from there on it is another chain. */
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
  const good = ordered.filter((anchor) => anchor.sequence < sequence).at(-1);
  const since =
    good === undefined ? "No older head was given." : `The one of entry ${good.sequence}, kept at ${good.at}, agrees.`;
  const more = wrong.length === 1 ? "" : ` So it is with ${wrong.length - 1} more.`;
  const about = { accountId, slot, sequence };
  if (!hashes.has(sequence)) {
    const cut =
      head === undefined
        ? "the chain has no entry at all"
        : head.sequence > sequence
          ? "the chain does not have it"
          : `the chain ends with entry ${head.sequence}: what came after was cut off`;
    const what = `A head was kept of entry ${sequence} at ${at}, and ${cut}.${more} ${since}`;
    return [finding(about, "anchor_missing", what)];
  }
  const what = `Entry ${sequence} is not the one of which a head was kept at ${at}: the history was rewritten.${more} ${since}`;
  return [finding(about, "anchor_differs", what)];
}
