import type { AccountActivity } from "../domain/account-activity.ts";
import { CLOCK_TOLERANCE_MS, type Slot, slotAt } from "../domain/slot.ts";
import type { StoredSnapshot } from "./entry.ts";
import { finding, type IntegrityFinding } from "./integrity-finding.ts";

/**
 * Compares the times in which an account counts, which the catalog states, with its history. A start has a snapshot or an
 * entry, and the time at which that snapshot was completed. An end is not earlier than its slot. All snapshots lie in these
 * times, by their slot or by their completion, except one at most: the account's next run registers a start that is missing.
 * @param slots of the account's snapshots and entries
 * @param snapshots those that can be read
 */
export function checkActivity(
  accountId: string,
  activity: AccountActivity | undefined,
  slots: ReadonlySet<Slot>,
  snapshots: readonly StoredSnapshot[],
): IntegrityFinding[] {
  const periods = activity?.periods ?? [];
  const completions = new Map(snapshots.map(({ slot, completedAt }) => [slot, Date.parse(completedAt)]));
  const differs = (slot: Slot, problem: string) => finding({ accountId, slot }, "account_differs", problem);
  const ofPeriods = periods.flatMap(({ since, from, until, to }) => {
    const completedAt = completions.get(since);
    const found: IntegrityFinding[] = [];
    if (!slots.has(since)) {
      found.push(differs(since, "The account starts with this slot, but has neither a snapshot nor an entry of it."));
    } else if (completedAt !== undefined && completedAt !== from) {
      const times = `${slotAt(from)}, but its first snapshot was completed at ${slotAt(completedAt)}`;
      found.push(differs(since, `The account starts at ${times}.`));
    }
    if (until !== undefined && to !== undefined && to < Date.parse(until) - CLOCK_TOLERANCE_MS) {
      found.push(differs(until, `The account ends with this slot, but already at ${slotAt(to)}.`));
    }
    return found;
  });
  const isInside = (slot: Slot) => {
    const at = completions.get(slot) ?? Number.NaN;
    return periods.some(
      ({ since, from, until, to = Number.POSITIVE_INFINITY }) =>
        (slot >= since && (until === undefined || slot < until)) || (at >= from && at < to),
    );
  };
  const outside = [...slots].filter((slot) => !isInside(slot)).sort();
  const [first] = outside;
  if (first === undefined || outside.length === 1) return ofPeriods;
  const problem = `${outside.length} snapshots from this slot on are of times in which the account does not count: commands hide them.`;
  return [...ofPeriods, differs(first, problem)];
}
