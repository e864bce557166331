import type { Slot } from "../domain/slot.ts";
import { type Entry, type EntryRead, NO_PREVIOUS, ORDER_SLACK_MS, SEQUENCE } from "./entry.ts";
import { finding, type IntegrityFinding } from "./integrity-finding.ts";

/** What a chain says, and what is wrong with it by itself. */
export interface CheckedEntries {
  readonly count: number;
  readonly head: Entry | undefined;
  /** What vouches for the snapshot of a slot; `intact`: it is as it was written. */
  readonly bySlot: ReadonlyMap<Slot, { readonly entry: Entry; readonly intact: boolean }>;
  readonly hashes: ReadonlyMap<number, string>;
  readonly findings: readonly IntegrityFinding[];
}

/** Goes through an account's entries: each is as it was written, follows the one before, and none is missing or twice. */
export async function checkEntries(accountId: string, entries: AsyncIterable<EntryRead>): Promise<CheckedEntries> {
  const findings: IntegrityFinding[] = [];
  const bySlot = new Map<Slot, { entry: Entry; intact: boolean }>();
  const hashes = new Map<number, string>();
  let count = 0;
  let next = 1;
  let head: Entry | undefined;
  let before: Entry | undefined;
  let latest = Number.NEGATIVE_INFINITY;
  for await (const read of entries) {
    count++;
    const sequence = SEQUENCE.test(read.sort) ? Number(read.sort) : 0;
    if (sequence > next) {
      const which = sequence === next + 1 ? `Entry ${next} of the chain is` : `Entries ${next} to ${sequence - 1} are`;
      findings.push(finding({ accountId, sequence: next }, "entry_missing", `${which} missing.`));
    }
    if ("problem" in read) {
      findings.push(finding({ accountId, ...(sequence > 0 && { sequence }) }, "entry_unreadable", read.problem));
      before = undefined;
      if (sequence >= next) next = sequence + 1;
      continue;
    }
    const { entry, computedHash } = read;
    const { slot, capturedAt } = entry;
    const about = { accountId, slot, sequence };
    const intact = computedHash === entry.hash;
    if (!intact) {
      findings.push(finding(about, "entry_altered", "The entry is not what its hash was made of: it was altered."));
    }
    const previous = sequence === 1 ? NO_PREVIOUS : sequence === next ? before?.hash : undefined;
    if (previous !== undefined && entry.previous !== previous) {
      const what = "The entry does not follow the one before it: one of the two was put in the place of another.";
      findings.push(finding(about, "chain_broken", what));
    }
    const first = bySlot.get(slot)?.entry;
    if (first === undefined) {
      const captured = Date.parse(capturedAt);
      if (captured < latest - ORDER_SLACK_MS) {
        const what = `The snapshot says that it was captured at ${capturedAt}, and was chained after one that was captured more than an hour later.`;
        findings.push(finding(about, "chained_late", what));
        latest = captured;
      }
      latest = Math.max(latest, captured);
      bySlot.set(slot, { entry, intact });
    } else if (first.digest !== entry.digest) {
      const what = `The slot has another digest than in entry ${first.sequence}: its snapshot was rewritten.`;
      findings.push(finding(about, "chained_twice", what));
    }
    hashes.set(sequence, entry.hash);
    head = entry;
    before = entry;
    next = sequence + 1;
  }
  return { count, head, bySlot, hashes, findings };
}
