import type { AccountActivity } from "../domain/account-activity.ts";
import type { Slot } from "../domain/slot.ts";
import { finding, type IntegrityFinding } from "./integrity-finding.ts";

/**
 * Compares the times in which an account counts, which the catalog states, with its history. A start has a snapshot or an
 * entry. All snapshots lie in these times, except one at most: the account's next run registers a start that is missing.
 * @param slots of the account's snapshots and entries
 */
export function checkActivity(
  accountId: string,
  activity: AccountActivity | undefined,
  slots: ReadonlySet<Slot>,
): IntegrityFinding[] {
  const periods = activity?.periods ?? [];
  const unfounded = periods
    .filter(({ since }) => !slots.has(since))
    .map(({ since }) => {
      const problem = "The account starts with this slot, but has neither a snapshot nor an entry of it.";
      return finding({ accountId, slot: since }, "account_differs", problem);
    });
  const outside = [...slots]
    .filter((slot) => !periods.some(({ since, until }) => slot >= since && (until === undefined || slot < until)))
    .sort();
  const [first] = outside;
  if (first === undefined || outside.length === 1) return unfounded;
  const problem = `${outside.length} snapshots from this slot on are of times in which the account does not count: commands hide them.`;
  return [...unfounded, finding({ accountId, slot: first }, "account_differs", problem)];
}
