import type { SlotRange } from "../domain/history-source.ts";
import { slotAt } from "../domain/slot.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { type GapRange, GapRanges } from "./gap-ranges.ts";
import type { History } from "./history.ts";
import type { ReadRecords } from "./seen-records.ts";
import { type SlotCoverage, slotCoverage } from "./slot-coverage.ts";
import { totalRow } from "./total-rows.ts";

/** What a statement shows of an account. */
export interface StatementAccount {
  readonly accountId: string;
  /** The name, type and owner at the closing; `null`: unknown. */
  readonly accountName: string | null;
  readonly accountType: string | null;
  readonly owner: string | null;
  /** The API key that serves it at the closing; `null`: unknown. Absent if no key has a name. */
  readonly key?: string | null;
  /** When the account starts and ends in the period. Ascending; empty if it counts from opening to closing. */
  readonly events: readonly StatementEvent[];
  readonly opening: StatementEnd;
  readonly closing: StatementEnd;
  /** The slots of the schedule in the period while the account counts; `null` without a schedule. */
  readonly slots: SlotCoverage | null;
  /** The snapshots of slots in the period, also of manual runs; and those of them that are uncertain, or altered. */
  readonly snapshots: number;
  readonly uncertain: number;
  readonly altered: number;
}

/** The start or the end of an account. */
export interface StatementEvent {
  readonly event: "start" | "end";
  /** In the format of a slot. */
  readonly at: string;
  /** Of an end; `null`: unknown. */
  readonly reason: string | null;
}

/** An account's balance at the opening or the closing. Amounts are decimal strings. */
export interface StatementEnd {
  /**
   * `inactive`: the account does not count at this time. Its balance is unknown. This is not a gap. `missing`: it counts, but
   * there is no snapshot, or the last one is too old.
   */
  readonly state: "known" | "inactive" | "missing";
  /** Of a missing balance: of the snapshot that is too old. */
  readonly slot: string | null;
  readonly capturedAt: string | null;
  readonly completedAt: string | null;
  /** `null` unless the balance is known and an asset has a value. */
  readonly value: string | null;
  /** The coverage of the value: how many of how many assets have one. */
  readonly covers: number;
  readonly of: number;
  /** Whether an asset may be missing in the snapshot, and whether the snapshot does not match its digest. */
  readonly uncertain: boolean;
  readonly altered: boolean;
}

/** An account with what sums need. */
export interface AccountRead {
  readonly account: StatementAccount;
  /** The snapshots of the known ends. */
  readonly opening: Snapshot | undefined;
  readonly closing: Snapshot | undefined;
  readonly gaps: readonly GapRange[];
}

/**
 * Reads an account: as of both ends, and the slots in between once.
 * @param ends milliseconds since 1970
 */
export async function readAccount(
  history: History,
  accountId: string,
  ends: { readonly opening: number; readonly closing: number },
  denomination: string,
): Promise<AccountRead> {
  const [opening, closing] = [
    await readEnd(history, accountId, ends.opening, denomination),
    await readEnd(history, accountId, ends.closing, denomination),
  ];
  const period = { from: ends.opening + 1, to: ends.closing };
  const { gaps, ...slots } = await readSlots(history, accountId, period);
  const { name = null, type = null, owner = null, key = null } = history.description(accountId, ends.closing);
  const description = { accountName: name, accountType: type, owner, ...(history.hasKeys && { key }) };
  return {
    account: {
      ...{ accountId, ...description, events: eventsIn(history, accountId, period) },
      ...{ opening: opening.end, closing: closing.end, ...slots },
    },
    ...{ opening: opening.snapshot, closing: closing.snapshot, gaps },
  };
}

function eventsIn(history: History, accountId: string, { from, to }: SlotRange): StatementEvent[] {
  const events = history
    .activity(accountId)
    .periods.flatMap((period) => [
      { event: "start" as const, ms: period.from, reason: null },
      ...(period.to === undefined ? [] : [{ event: "end" as const, ms: period.to, reason: period.reason ?? null }]),
    ]);
  return events
    .filter(({ ms }) => ms >= from && ms <= to)
    .map(({ event, ms, reason }) => ({ event, at: slotAt(ms), reason }));
}

async function readEnd(history: History, accountId: string, at: number, denomination: string) {
  const isActive = history.isActive(accountId, at);
  const found = isActive ? await history.asOf(accountId, at) : undefined;
  const isFresh = found !== undefined && history.isFresh(found, at);
  const snapshot = isFresh ? found : undefined;
  const { total: value, covers, of } = totalRow(accountId, snapshot, denomination);
  const end: StatementEnd = {
    state: isFresh ? "known" : isActive ? "missing" : "inactive",
    slot: found?.slot ?? null,
    capturedAt: found?.capturedAt ?? null,
    completedAt: found?.completedAt ?? null,
    ...{ value, covers, of },
    uncertain: snapshot?.consistency === "uncertain",
    altered: snapshot?.altered === true,
  };
  return { end, snapshot };
}

async function readSlots(history: History, accountId: string, range: SlotRange) {
  const ranges = new GapRanges();
  const counts = { snapshots: 0, uncertain: 0, altered: 0 };
  const count = ({ consistency, altered }: Snapshot) => {
    counts.snapshots++;
    if (consistency === "uncertain") counts.uncertain++;
    if (altered) counts.altered++;
  };
  let [expected, complete] = [0, 0];
  const counting: ReadRecords = async function* (source, id, of) {
    for await (const record of source.records(id, of)) {
      if (record.status === "complete") count(record.snapshot);
      yield record;
    }
  };
  for await (const slot of history.scheduledSlots(accountId, range, counting)) {
    // A manual run that failed is no gap.
    if (!slot.complete && slot.trigger === "manual") continue;
    expected++;
    if (slot.complete) complete++;
    ranges.add(slot);
  }
  const slots = history.isScheduled(accountId) ? slotCoverage(complete, expected) : null;
  return { slots, ...counts, gaps: ranges.ranges };
}
