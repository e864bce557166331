import type { HistoryRecord, HistorySource, ScheduleVersion, SlotRange } from "../domain/history.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import type { FailedAttempt } from "../domain/snapshot.ts";
import { slotRule } from "../schedule/slot-rule.ts";

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
  const gaps = (slots: number[]) =>
    slots.filter((slot) => slot >= start).map((slot) => ({ accountId, slot: slotAt(slot), complete: false }));
  let last = await lastScheduledBefore(source, accountId, start);
  for await (const record of source.records(accountId, { from: start, to })) {
    if (!isScheduled(record)) continue;
    const slot = Date.parse(record.slot);
    yield* gaps(last === undefined ? missingBefore(start, slot, schedules) : missingBetween(last, slot, schedules));
    yield record.status === "complete"
      ? { accountId, slot: record.slot, complete: true }
      : { accountId, slot: record.slot, complete: false, attempt: record.attempt };
    last = slot;
  }
  yield* gaps(missingAfter(last, start, to, schedules));
}

async function lastScheduledBefore(source: HistorySource, accountId: string, start: number) {
  for await (const record of source.recordsBack(accountId, start - 1)) {
    if (isScheduled(record)) return Date.parse(record.slot);
  }
  return undefined;
}

/** Between two slots, both excluded. */
function missingBetween(from: number, to: number, schedules: readonly ScheduleVersion[]): number[] {
  return slotsIn(from, to, schedules, from)
    .filter(({ slot, rule }) => {
      // A rate that is deployed anew counts from then: what is nearer than half a period to the next slot was not missed.
      return !rule.anchored || to - slot > rule.periodMs(slot) / 2;
    })
    .map(({ slot }) => slot);
}

/** From a moment, it included, to the first slot that is known, which those before it are counted from. */
function missingBefore(from: number, slot: number, schedules: readonly ScheduleVersion[]): number[] {
  return slotsIn(from - 1, slot, schedules, slot).map((missing) => missing.slot);
}

/** From the last slot that is known to a moment, it included; without one, from a moment, it included. */
function missingAfter(last: number | undefined, start: number, to: number, schedules: readonly ScheduleVersion[]) {
  return slotsIn(last ?? start - 1, to + 1, schedules, last).map(({ slot }) => slot);
}

/**
 * Slots strictly between two moments, piece by piece for each schedule in force.
 * @param known a slot of the piece at the end of which it stands; other pieces count from their own first slot
 */
function slotsIn(from: number, to: number, schedules: readonly ScheduleVersion[], known: number | undefined) {
  return pieces(from, to, schedules).flatMap(({ version, start, end }) => {
    const rule = slotRule(version);
    const anchor = known === start || known === end ? known : Date.parse(version.since);
    return rule === undefined ? [] : [...rule.between(start, end, anchor)].map((slot) => ({ slot, rule }));
  });
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
