import type { AccountActivity, DescriptionVersion } from "../domain/account-activity.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import { NO_KEY, NOT_RUN } from "./gap-reason.ts";
import type { ScheduledSlot } from "./scheduled-slots.ts";

/** Which key should have served an account at a slot. */
type SlotKey = Pick<DescriptionVersion, "key" | "noKeySince">;

/**
 * Returns the failed runs that can have an account in their scope. All accounts, and a range of them, are those of the run's key. An
 * account whose key is unknown can be among those of any key. If no key served it, or one that was not configured any more, any key
 * had to take it over, so its runs explain the slots that have no other failed run, and say so.
 */
export function failedRunsFor(activity: AccountActivity, runs: readonly FailedRun[]): readonly FailedRun[] {
  const own: FailedRun[] = [];
  const ofOthers: FailedRun[] = [];
  for (const run of runs) {
    const { key, keys, scope, slot, message } = run;
    const serving = keyAt(activity, slot);
    const isUnknown = serving.key === undefined && serving.noKeySince === undefined;
    if (key === undefined || Array.isArray(scope) || isUnknown || serving.key === key) own.push(run);
    else if (serving.key === undefined || keys?.includes(serving.key) === false) {
      ofOthers.push({ ...run, message: `The key ${key}, which may have to serve the account: ${message}` });
    }
  }
  const explained = new Set(own.map(({ slot }) => slot));
  return [...own, ...ofOthers.filter(({ slot }) => !explained.has(slot))];
}

/** Returns a slot of an account with another reason if it has no record because the account was given up and not taken over yet. */
export function withKeyReason(scheduled: ScheduledSlot, activity: AccountActivity): ScheduledSlot {
  if (scheduled.complete || scheduled.reason !== NOT_RUN) return scheduled;
  return keyAt(activity, scheduled.slot).noKeySince === undefined ? scheduled : { ...scheduled, reason: NO_KEY };
}

/** Returns the key of an account at a slot: the last one before it, or else the first one. */
function keyAt({ descriptions = [] }: AccountActivity, slot: Slot): SlotKey {
  return descriptions.findLast(({ from, noKeySince }) => (noKeySince ?? slotAt(from)) <= slot) ?? descriptions[0] ?? {};
}
