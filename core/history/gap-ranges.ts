import { messageWithFix } from "../domain/errors.ts";
import type { Slot } from "../domain/slot.ts";
import type { ScheduledSlot } from "./scheduled-slots.ts";

/** Gaps in a row that have the same cause. */
export interface GapRange {
  /** The accounts that have these gaps. */
  readonly accounts: readonly string[];
  readonly firstSlot: Slot;
  readonly lastSlot: Slot;
  /** The number of slots of each account. */
  readonly slots: number;
  /** The error's code; `not_run` if nothing was recorded. */
  readonly code: string;
  /** With the suggested fix: of the first slot and the first account. */
  readonly message: string;
  /** Whether the message of another of these gaps differs. */
  readonly messagesDiffer: boolean;
}

/** Collects the gaps of one account as ranges. */
export class GapRanges {
  readonly ranges: GapRange[] = [];
  #isContinued = false;

  /** Adds the next slot of the schedule. A complete slot ends a range. */
  add(slot: ScheduledSlot): void {
    if (slot.complete) {
      this.#isContinued = false;
      return;
    }
    const { code } = slot.reason;
    const message = messageWithFix(slot.reason);
    const last = this.ranges.at(-1);
    if (last !== undefined && this.#isContinued && last.code === code) {
      this.ranges.splice(-1, 1, {
        ...{ ...last, lastSlot: slot.slot, slots: last.slots + 1 },
        messagesDiffer: last.messagesDiffer || last.message !== message,
      });
      return;
    }
    this.ranges.push({
      ...{ accounts: [slot.accountId], firstSlot: slot.slot, lastSlot: slot.slot, slots: 1 },
      ...{ code, message, messagesDiffer: false },
    });
    this.#isContinued = true;
  }
}

/** Returns the ranges of several accounts by their slots. Accounts that have the same range share one. */
export function mergedRanges(ranges: readonly GapRange[]): GapRange[] {
  const merged = new Map<string, GapRange>();
  for (const range of ranges) {
    const key = [range.firstSlot, range.lastSlot, range.slots, range.code].join(" ");
    const same = merged.get(key);
    merged.set(key, same === undefined ? range : together(same, range));
  }
  return [...merged.values()].sort((a, b) => (a.firstSlot < b.firstSlot ? -1 : Number(a.firstSlot > b.firstSlot)));
}

function together(first: GapRange, other: GapRange): GapRange {
  return {
    ...first,
    accounts: [...first.accounts, ...other.accounts],
    messagesDiffer: first.messagesDiffer || other.messagesDiffer || first.message !== other.message,
  };
}
