import { attemptsOf, type FailedRun } from "../domain/failed-run.ts";
import type { HistorySource, ScheduleVersion, SlotRange } from "../domain/history-source.ts";
import { type Slot, slotAt, type Trigger } from "../domain/slot.ts";
import type { FailedAttempt } from "../domain/snapshot.ts";
import { slotRule } from "../schedule/slot-rule.ts";
import { type Absence, absenceReader, type GapReason, windowReason } from "./gap-reason.ts";
import type { ReadRecords, SlotRecord } from "./seen-records.ts";
import { withFailedRuns } from "./with-failed-runs.ts";

/** A slot of the schedule that has a complete snapshot, or had one that has expired. */
export interface CompleteSlot {
  readonly accountId: string;
  readonly slot: Slot;
  readonly complete: true;
}

/** A slot of the schedule without a complete snapshot; or a manual run that failed, which is no gap in the schedule. */
export interface Gap {
  readonly accountId: string;
  readonly slot: Slot;
  readonly complete: false;
  readonly trigger: Trigger;
  readonly reason: GapReason;
}

type CompleteRecord = Extract<SlotRecord, { status: "complete" }>;

/** A slot of the schedule, complete or a gap; or a manual run that failed, which is no gap. */
export type ScheduledSlot = CompleteSlot | Gap;

/** The slots to stream, in milliseconds since 1970. */
export interface ScheduledSlotRange extends SlotRange {
  readonly now: number;
  /** Slots without a record are gaps up to this time: a later run may be in progress. Default: `to`. */
  readonly expectedUntil?: number;
  /** The schedules on which the job can have run. They bound when snapshots were completed. Default: `schedules`. */
  readonly registered?: readonly ScheduleVersion[];
  /** Whether `schedules` replace those: a record of another time is then no slot. Default: every scheduled record is one. */
  readonly areReplaced?: boolean;
}

/**
 * Streams the slots of the schedule in a range, ascending, each complete or a gap, and the manual runs that failed. Nothing is
 * expected before the account's first complete snapshot.
 * @param schedules oldest first; the first one also applies to the time before its `since`
 * @param since the slot of the account's first complete snapshot
 * @param failedRuns the runs of the range that failed as a whole
 * @param readRecords default: from the source
 */
export async function* scheduledSlots(
  source: HistorySource,
  accountId: string,
  schedules: readonly ScheduleVersion[],
  since: Slot,
  { from, to, now, expectedUntil = to, registered = schedules, areReplaced = false }: ScheduledSlotRange,
  failedRuns: readonly FailedRun[],
  readRecords: ReadRecords = (from, id, range) => from.records(id, range),
): AsyncGenerator<ScheduledSlot> {
  const start = Math.max(from, Date.parse(since));
  const end = Math.min(to, expectedUntil);
  const absenceOf = absenceReader(source, accountId, registered, { from: start, to: end }, now);
  // In the order of their slots among the gaps, which are known only at the next scheduled record.
  let manual: ScheduledSlot[] = [];
  const withoutRecord = async function* (slots: readonly number[]): AsyncGenerator<ScheduledSlot> {
    const missing = slots.filter((slot) => slot >= start && slot <= end).map(slotAt);
    const inOrder = [...missing, ...manual].sort((a, b) => (slotOf(a) < slotOf(b) ? -1 : 1));
    manual = [];
    for (const slot of inOrder) {
      yield typeof slot === "string" ? slotWithoutRecord(accountId, slot, await absenceOf(slot)) : slot;
    }
  };
  let last = await lastScheduledBefore(source, accountId, start);
  const attempts = attemptsOf(accountId, failedRuns).filter(
    ({ slot }) => Date.parse(slot) >= start && Date.parse(slot) <= to,
  );
  const records = readRecords(source, accountId, { from: start, to });
  for await (const record of withFailedRuns(records, attempts)) {
    if (!isScheduled(record)) {
      if (record.status === "failed") manual.push(failedSlot(record.attempt));
      continue;
    }
    const slot = Date.parse(record.slot);
    const slots = slotsIn(last ?? start - 1, slot + 1, schedules);
    const isSlot = slots.at(-1) === slot;
    yield* withoutRecord(isSlot ? slots.slice(0, -1) : slots);
    last = slot;
    if (areReplaced && !isSlot) continue;
    yield record.status === "complete" ? completeSlot(record.snapshot, registered) : failedSlot(record.attempt);
  }
  yield* withoutRecord(slotsIn(last ?? start - 1, end + 1, schedules));
}

function slotOf(slot: Slot | ScheduledSlot): Slot {
  return typeof slot === "string" ? slot : slot.slot;
}

function slotWithoutRecord(accountId: string, slot: Slot, absence: Absence): ScheduledSlot {
  if (absence === "complete") return { accountId, slot, complete: true };
  return { accountId, slot, complete: false, trigger: "schedule", reason: absence };
}

/** A snapshot that was completed too late for its slot fills no gap: the job does not write it. */
function completeSlot(snapshot: CompleteRecord["snapshot"], schedules: readonly ScheduleVersion[]): ScheduledSlot {
  const { accountId, slot } = snapshot;
  const reason = windowReason(schedules, snapshot);
  return reason === undefined
    ? { accountId, slot, complete: true }
    : { accountId, slot, trigger: "schedule", complete: false, reason };
}

function failedSlot(attempt: FailedAttempt): Gap {
  const { accountId, slot, trigger } = attempt;
  return { accountId, slot, trigger, complete: false, reason: attempt };
}

async function lastScheduledBefore(source: HistorySource, accountId: string, start: number) {
  for await (const record of source.recordsBack(accountId, start - 1)) {
    if (isScheduled(record)) return Date.parse(record.slot);
  }
  return undefined;
}

/** Returns the slots of the schedules in force strictly between two times. */
function slotsIn(from: number, to: number, schedules: readonly ScheduleVersion[]): number[] {
  return periodsInForce(from, to, schedules).flatMap(({ version, start, end }) => [
    ...slotRule(version).between(start, end),
  ]);
}

/** Returns the part of a range in which each schedule was in force. */
function periodsInForce(from: number, to: number, schedules: readonly ScheduleVersion[]) {
  return schedules
    .map((version, at) => {
      const next = schedules[at + 1];
      // The slots are strictly between the bounds, and a version begins with a slot.
      const since = at === 0 ? Number.NEGATIVE_INFINITY : Date.parse(version.since) - 1;
      const until = next === undefined ? Number.POSITIVE_INFINITY : Date.parse(next.since);
      return { version, start: Math.max(from, since), end: Math.min(to, until) };
    })
    .filter(({ start, end }) => start < end);
}

function isScheduled(record: SlotRecord): boolean {
  return (record.status === "complete" ? record.snapshot.trigger : record.attempt.trigger) === "schedule";
}
