import type { ViewGap } from "./view.ts";

/** Gaps in a row that have the same cause. */
export interface GapGroup {
  readonly first: ViewGap;
  readonly last: ViewGap;
  /** The number of slots of each account. */
  readonly slots: number;
  /** What the accounts are called that have these gaps. */
  readonly accounts: readonly string[];
  /** Whether the messages of the gaps differ. */
  readonly differ: boolean;
}

/**
 * Groups gaps: those of slots in a row with the same code, and those of all accounts that have the same slots and code.
 * @param gaps by slot, ascending
 */
export function groupGaps(gaps: readonly ViewGap[]): GapGroup[] {
  const groups: GapGroup[] = [];
  const lastOf = new Map<string, number>();
  for (const gap of gaps) {
    const at = lastOf.get(gap.accountId);
    const group = at === undefined ? undefined : groups[at];
    if (at !== undefined && group && gap.continues && codeOf(gap) === codeOf(group.last)) {
      const differ = group.differ || gap.reason !== group.first.reason;
      groups[at] = { ...group, last: gap, slots: group.slots + 1, differ };
    } else {
      lastOf.set(gap.accountId, groups.length);
      groups.push({ first: gap, last: gap, slots: 1, accounts: [gap.account], differ: false });
    }
  }
  const merged = new Map<string, GapGroup>();
  for (const group of groups) {
    const key = [group.first.slot, group.last.slot, group.slots, codeOf(group.first)].join(" ");
    const same = merged.get(key);
    const differ = same !== undefined && (same.differ || group.differ || same.first.reason !== group.first.reason);
    merged.set(key, same === undefined ? group : { ...same, accounts: [...same.accounts, ...group.accounts], differ });
  }
  return [...merged.values()];
}

function codeOf({ reason }: ViewGap): string {
  return reason?.split(":", 1)[0] ?? "not_run";
}
