import { attemptsOf, type FailedRun } from "../domain/failed-run.ts";
import type { HistoryRecord, HistorySource, ScheduleVersion, SlotRange } from "../domain/history-source.ts";
import { type Slot, slotAt, type Trigger } from "../domain/slot.ts";
import type { FailedAttempt } from "../domain/snapshot.ts";
import { slotRule } from "../schedule/slot-rule.ts";
import { withFailedRuns } from "./with-failed-runs.ts";

/** A slot of the schedule, complete or a gap; or a manual run that failed, which is no gap. */
export interface ScheduledSlot {
  readonly accountId: string;
  readonly slot: Slot;
  readonly trigger: Trigger;
  readonly complete: boolean;
  /**
   * Why the slot is a gap: the account's failed attempt, or else the run that failed as a whole. `undefined`: nothing was
   * recorded because the job did not run.
   */
  readonly attempt?: FailedAttempt | undefined;
}

/**
 * Streams the slots of the schedule in a range, ascending, each complete or a gap, and the manual runs that failed. Nothing is
 * expected before the account's first complete snapshot.
 * @param range slots without a record are gaps up to `expectedUntil`: a later run may be in progress
 * @param schedules oldest first; the first one also applies to the time before its `since`
 * @param since the slot of the account's first complete snapshot
 * @param failedRuns the runs of the range that failed as a whole
 */
export async function* scheduledSlots(
  source: HistorySource,
  accountId: string,
  schedules: readonly ScheduleVersion[],
  since: Slot,
  { from, to, expectedUntil = to }: SlotRange & { readonly expectedUntil?: number },
  failedRuns: readonly FailedRun[],
): AsyncGenerator<ScheduledSlot> {
  const start = Math.max(from, Date.parse(since));
  const end = Math.min(to, expectedUntil);
  const gaps = (slots: number[]) =>
    slots
      .filter((slot) => slot >= start && slot <= end)
      .map((slot) => ({ accountId, slot: slotAt(slot), trigger: "schedule" as const, complete: false }));
  // In the order of their slots among the gaps, which are known only at the next scheduled record.
  let manual: ScheduledSlot[] = [];
  const pending = (missing: number[]) => {
    const slots = [...gaps(missing), ...manual].sort((a, b) => (a.slot < b.slot ? -1 : 1));
    manual = [];
    return slots;
  };
  let last = await lastScheduledBefore(source, accountId, start);
  const attempts = attemptsOf(accountId, failedRuns).filter(
    ({ slot }) => Date.parse(slot) >= start && Date.parse(slot) <= to,
  );
  for await (const record of withFailedRuns(source.records(accountId, { from: start, to }), attempts)) {
    if (!isScheduled(record)) {
      if (record.status === "failed") manual.push(failedSlot(record.attempt));
      continue;
    }
    const slot = Date.parse(record.slot);
    yield* pending(slotsIn(last ?? start - 1, slot, schedules));
    yield record.status === "complete"
      ? { accountId, slot: record.slot, trigger: "schedule", complete: true }
      : failedSlot(record.attempt);
    last = slot;
  }
  yield* pending(slotsIn(last ?? start - 1, end + 1, schedules));
}

function failedSlot(attempt: FailedAttempt): ScheduledSlot {
  const { accountId, slot, trigger } = attempt;
  return { accountId, slot, trigger, complete: false, attempt };
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
      const since = at === 0 ? Number.NEGATIVE_INFINITY : Date.parse(version.since);
      const until = next === undefined ? Number.POSITIVE_INFINITY : Date.parse(next.since);
      return { version, start: Math.max(from, since), end: Math.min(to, until) };
    })
    .filter(({ start, end }) => start < end);
}

function isScheduled(record: HistoryRecord): boolean {
  return (record.status === "complete" ? record.snapshot.trigger : record.attempt.trigger) === "schedule";
}
