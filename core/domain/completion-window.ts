import type { ScheduleVersion, SlotRange } from "./history-source.ts";
import { MAX_RUN_MS } from "./limits.ts";
import { CLOCK_TOLERANCE_MS, type Slot, slotAt } from "./slot.ts";
import type { Snapshot } from "./snapshot.ts";

/** How long before and after its slot a snapshot can be completed, in milliseconds. */
export interface CompletionWindow {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/**
 * Returns the window of every slot whose snapshot can have been completed in a range. A snapshot is completed before its slot
 * only if the schedule's clock is ahead of ours. Otherwise its last pass starts within the lateness limit, and ends within
 * the maximum length of a run. A manual run's slot is the time of its start.
 * @param schedules oldest first; the first one is assumed to have been in force before its `since`, too. Those of several keys
 * have the window of the key with the longest one
 */
export function completionWindow(schedules: readonly ScheduleVersion[], range: SlotRange): CompletionWindow {
  const limits = schedulesByKey(schedules).map((own) => longestLimitMs(own, range));
  return { beforeMs: CLOCK_TOLERANCE_MS, afterMs: Math.max(0, ...limits) + MAX_RUN_MS };
}

/** Returns the schedules of each key, with those that apply to all keys. */
function schedulesByKey(schedules: readonly ScheduleVersion[]): (readonly ScheduleVersion[])[] {
  const keys = new Set(schedules.flatMap(({ key }) => key ?? []));
  if (keys.size <= 1) return [schedules];
  return [...keys].map((one) => schedules.filter(({ key }) => key === undefined || key === one));
}

function longestLimitMs(schedules: readonly ScheduleVersion[], { from, to }: SlotRange): number {
  const limits = schedules
    .filter(({ since, latenessLimitMs }, at) => {
      const next = schedules[at + 1];
      const hasBegun = at === 0 || Date.parse(since) - CLOCK_TOLERANCE_MS <= to;
      return hasBegun && (next === undefined || Date.parse(next.since) + latenessLimitMs + MAX_RUN_MS >= from);
    })
    .map(({ latenessLimitMs }) => latenessLimitMs);
  return Math.max(0, ...limits);
}

/** Returns every slot whose snapshot can have been completed in a range. */
export function slotsCompletedIn({ from, to }: SlotRange, { beforeMs, afterMs }: CompletionWindow): SlotRange {
  return { from: from - afterMs, to: to + beforeMs };
}

/**
 * Returns what is wrong with the time of a snapshot, in one sentence; `undefined`: it was completed in the window of its slot.
 * No run of the job completes a snapshot at another time, unless a clock is wrong.
 */
export function completionProblem(
  schedules: readonly ScheduleVersion[],
  { slot, completedAt }: { readonly slot: Slot; readonly completedAt: string },
): string | undefined {
  // Without a registered schedule, the lateness limit is unknown.
  if (schedules.length === 0) return undefined;
  const at = Date.parse(completedAt);
  const { beforeMs, afterMs } = completionWindow(schedules, { from: at, to: at });
  const [first, last] = [Date.parse(slot) - beforeMs, Date.parse(slot) + afterMs];
  if (at >= first && at <= last) return undefined;
  return `The snapshot states that it was completed at ${completedAt}, but its slot allows only ${slotAt(first)} to ${slotAt(last)}.`;
}

/** Compares two snapshots by time: by their completion, then by their capture, then by their slot. */
export function compareByTime(a: Snapshot, b: Snapshot): number {
  return compare(a.completedAt, b.completedAt) || compare(a.capturedAt, b.capturedAt) || compare(a.slot, b.slot);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
