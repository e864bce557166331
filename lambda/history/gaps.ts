import type { HistoryRecord, HistorySource, ScheduleVersion, SlotRange } from "../domain/history.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import type { FailedAttempt } from "../domain/snapshot.ts";
import { slotRule } from "./schedule.ts";

/** A slot of the schedule, and whether it has its snapshot. */
export interface ScheduledSlot {
  readonly accountId: string;
  readonly slot: Slot;
  readonly complete: boolean;
  /** Of a gap: what was recorded of it; `undefined`: nothing was, the job did not run. */
  readonly attempt?: FailedAttempt | undefined;
}

/**
 * The slots that the schedule had for an account in a range, ascending, each complete or a gap. Before the account's
 * first record nothing was expected of it. Runs by hand are no slots of the schedule.
 * @param schedules oldest first; the first is taken to have held before its `since`, too
 * @param since the slot of the account's first record
 */
export async function* scheduledSlots(
  source: HistorySource,
  accountId: string,
  schedules: readonly ScheduleVersion[],
  since: Slot,
  { from, to }: SlotRange,
): AsyncGenerator<ScheduledSlot> {
  const start = Math.max(from, Date.parse(since));
  const gaps = (slots: number[]) => slots.map((slot) => ({ accountId, slot: slotAt(slot), complete: false }));
  let last: number | undefined;
  for await (const record of source.records(accountId, { from: start, to })) {
    if (!isScheduled(record)) continue;
    const slot = Date.parse(record.slot);
    // The first record's own slot is the anchor of those before it.
    yield* gaps(last === undefined ? missingBefore(start, slot, schedules) : missingBetween(last, slot, schedules));
    yield record.status === "complete"
      ? { accountId, slot: record.slot, complete: true }
      : { accountId, slot: record.slot, complete: false, attempt: record.attempt };
    last = slot;
  }
  yield* gaps(missingBetween(last ?? start - 1, to + 1, schedules));
}

/** Slots strictly between two moments, the first of which is a slot, piece by piece for each schedule in force. */
function missingBetween(from: number, to: number, schedules: readonly ScheduleVersion[]): number[] {
  return pieces(from, to, schedules).flatMap(({ version, start, end }) => {
    const anchor = start === from ? from : Date.parse(version.since);
    return [...(slotRule(version)?.between(start, end, anchor) ?? [])];
  });
}

/** Slots from a moment, it included, to before a slot. */
function missingBefore(from: number, slot: number, schedules: readonly ScheduleVersion[]): number[] {
  return pieces(from - 1, slot, schedules).flatMap(({ version, start, end }) => [
    ...(slotRule(version)?.between(start, end, slot) ?? []),
  ]);
}

/** The parts of a stretch of time in each of which one schedule was in force. */
function pieces(from: number, to: number, schedules: readonly ScheduleVersion[]) {
  return schedules
    .map((version, at) => {
      const next = schedules[at + 1];
      const since = at === 0 ? Number.NEGATIVE_INFINITY : Date.parse(version.since);
      const until = next === undefined ? Number.POSITIVE_INFINITY : Date.parse(next.since);
      return { version, start: Math.max(from, since), end: Math.min(to, until) };
    })
    .filter(({ start, end }) => start < end);
}

function isScheduled(record: HistoryRecord): boolean {
  return (record.status === "complete" ? record.snapshot.trigger : record.attempt.trigger) === "schedule";
}
