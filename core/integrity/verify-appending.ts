import { MAX_RUN_MS } from "../domain/limits.ts";
import type { Entry, StoredSnapshot } from "./entry.ts";
import { finding, type IntegrityFinding } from "./integrity-finding.ts";
import type { CheckedEntries } from "./verify-entries.ts";

/**
 * Checks when each snapshot was appended. Its own run appends it; if that run was killed, the run of the account's next
 * snapshot does, which has a greater slot. So a snapshot is late if it had no entry a whole run after the next one was
 * completed: somebody may have deleted its entry and changed it, and the job then appended it again.
 * @param snapshots in any order
 * @param now milliseconds since 1970
 */
export function checkAppending(
  accountId: string,
  snapshots: readonly StoredSnapshot[],
  { bySlot, head, late: known }: CheckedEntries,
  now: number,
): IntegrityFinding[] {
  const inOrder = [...snapshots].sort((a, b) => compare(a.completedAt, b.completedAt) || compare(a.slot, b.slot));
  const late: Entry[] = [];
  const overdue: StoredSnapshot[] = [];
  const pending: StoredSnapshot[] = [];
  for (const [at, snapshot] of inOrder.entries()) {
    const next = nextOf(inOrder, at);
    const dueAt = next === undefined ? Number.POSITIVE_INFINITY : Date.parse(next.completedAt) + MAX_RUN_MS;
    const entry = bySlot.get(snapshot.slot)?.entry;
    if (entry === undefined) (now > dueAt ? overdue : pending).push(snapshot);
    else if (Date.parse(entry.chainedAt) > dueAt && !known.has(entry.sequence)) late.push(entry);
  }
  const isPassed = ({ capturedAt }: StoredSnapshot) => head !== undefined && capturedAt < head.capturedAt;
  const passed = overdue.filter(isPassed).map(({ slot }) => {
    const problem =
      "The snapshot has no entry, although the chain has later ones: the snapshot was inserted, or its entry deleted.";
    return finding({ accountId, slot }, "snapshot_not_in_chain", problem);
  });
  const withoutEntry = (group: readonly StoredSnapshot[], code: "not_chained" | "not_chained_yet", detail: string) =>
    group.slice(0, 1).map(({ slot }) => {
      const which = group.length === 1 ? "The snapshot has" : `${group.length} snapshots from this slot on have`;
      return finding({ accountId, slot }, code, `${which} no entry in the chain${detail}.`);
    });
  return [
    ...lateFindings(accountId, late),
    ...passed,
    ...withoutEntry(
      overdue.filter((one) => !isPassed(one)),
      "not_chained",
      ", although the account has newer snapshots",
    ),
    ...withoutEntry(pending, "not_chained_yet", " yet"),
  ];
}

/** Returns the first snapshot after one that also has a greater slot. */
function nextOf(inOrder: readonly StoredSnapshot[], at: number): StoredSnapshot | undefined {
  for (let next = at + 1; next < inOrder.length; next++) {
    if ((inOrder[next]?.slot ?? "") > (inOrder[at]?.slot ?? "")) return inOrder[next];
  }
  return undefined;
}

/** Returns one finding for the entries that one run appended: they have the same time. */
function lateFindings(accountId: string, late: readonly Entry[]): IntegrityFinding[] {
  const runs = new Map<string, { readonly first: Entry; readonly count: number }>();
  for (const entry of late) {
    const { first = entry, count = 0 } = runs.get(entry.chainedAt) ?? {};
    runs.set(entry.chainedAt, { first, count: count + 1 });
  }
  return [...runs].map(([chainedAt, { first, count }]) => {
    const which = count === 1 ? "The entry was" : `${count} entries from this one on were`;
    const problem = `${which} appended at ${chainedAt}, more than a run after the account's next snapshot.`;
    return finding({ accountId, slot: first.slot, sequence: first.sequence }, "chained_late", problem);
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
