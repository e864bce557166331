import type { Slot } from "../domain/slot.ts";
import { type Entry, type EntryRead, NO_PREVIOUS, ORDER_TOLERANCE_MS, SEQUENCE } from "./entry.ts";
import { finding, type IntegrityFinding } from "./integrity-finding.ts";

/** The entries of a chain, and the findings about the chain alone. */
export interface CheckedEntries {
  readonly count: number;
  readonly head: Entry | undefined;
  /** The entry of each slot. `intact`: the entry matches its hash. */
  readonly bySlot: ReadonlyMap<Slot, { readonly entry: Entry; readonly intact: boolean }>;
  readonly hashes: ReadonlyMap<number, string>;
  /** The numbers of the entries that are reported as late. */
  readonly late: ReadonlySet<number>;
  readonly findings: readonly IntegrityFinding[];
}

/** Checks that every entry matches its hash and links to the previous one; checks for missing and duplicate entries. */
export async function checkEntries(accountId: string, entries: AsyncIterable<EntryRead>): Promise<CheckedEntries> {
  const findings: IntegrityFinding[] = [];
  const bySlot = new Map<Slot, { entry: Entry; intact: boolean }>();
  const hashes = new Map<number, string>();
  const late = new Set<number>();
  let count = 0;
  let next = 1;
  let head: Entry | undefined;
  let before: Entry | undefined;
  let latest = Number.NEGATIVE_INFINITY;
  for await (const read of entries) {
    count++;
    const sequence = SEQUENCE.test(read.sort) ? Number(read.sort) : 0;
    if (sequence > next) {
      const which = sequence === next + 1 ? `Entry ${next} is` : `Entries ${next} to ${sequence - 1} are`;
      findings.push(finding({ accountId, sequence: next }, "entry_missing", `${which} missing.`));
    }
    if ("problem" in read) {
      findings.push(
        finding({ accountId, sequence: sequence > 0 ? sequence : undefined }, "entry_unreadable", read.problem),
      );
      before = undefined;
      if (sequence >= next) next = sequence + 1;
      continue;
    }
    const { entry, computedHash } = read;
    const { slot, capturedAt } = entry;
    const subject = { accountId, slot, sequence };
    const intact = computedHash === entry.hash;
    if (!intact) {
      findings.push(finding(subject, "entry_altered", "The entry does not match its own hash: it was altered."));
    }
    const previous = sequence === 1 ? NO_PREVIOUS : sequence === next ? before?.hash : undefined;
    if (previous !== undefined && entry.previous !== previous) {
      const problem = "The entry does not link to the entry before it: one of the two was replaced.";
      findings.push(finding(subject, "chain_broken", problem));
    }
    const first = bySlot.get(slot)?.entry;
    if (first === undefined) {
      const captured = Date.parse(capturedAt);
      if (captured < latest - ORDER_TOLERANCE_MS) {
        const problem = `The snapshot states that it was captured at ${capturedAt}, but it was chained after a snapshot that was captured more than an hour later.`;
        findings.push(finding(subject, "chained_late", problem));
        late.add(sequence);
        latest = captured;
      }
      latest = Math.max(latest, captured);
      bySlot.set(slot, { entry, intact });
    } else if (first.digest !== entry.digest) {
      const problem = `The slot has a different digest in entry ${first.sequence}: its snapshot was rewritten.`;
      findings.push(finding(subject, "chained_twice", problem));
    }
    hashes.set(sequence, entry.hash);
    head = entry;
    before = entry;
    next = sequence + 1;
  }
  return { count, head, bySlot, hashes, late, findings };
}
