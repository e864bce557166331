import { type Facts, type RunFact, writesOf } from "./facts.ts";
import { isForSlot } from "./runs.ts";
import type { SeenSnapshot } from "./snapshots.ts";

/** A time in which an account counts. Instants in milliseconds since 1970. */
export interface Period {
  /** The slot of its first snapshot, and when that was completed. */
  readonly since: string;
  readonly from: number;
  /** The slot with which it ended, and when that was registered. */
  readonly until?: string;
  readonly to?: number;
}

/**
 * Returns when an account counts, and whether it is pending.
 * @param at what was known at this time; default: everything
 */
export function periodsOf(
  facts: Facts,
  accountId: string,
  at = Number.POSITIVE_INFINITY,
): { readonly periods: Period[]; readonly isPending: boolean } {
  // In the order of the slots; an end precedes a start with the same slot: docs/adr/0014.
  const rank = ["end", "pending", "start"];
  const events = writesOf(facts, "account")
    .filter((write) => write.accountId === accountId && write.at <= at && write.event !== "described")
    .toSorted((a, b) => (a.slot === b.slot ? rank.indexOf(a.event) - rank.indexOf(b.event) : a.slot < b.slot ? -1 : 1));
  let periods: Period[] = [];
  let isPending = false;
  for (const { event, slot, since } of events) {
    const last = periods.at(-1);
    const isActive = last !== undefined && last.until === undefined;
    // A start with the slot of the end: the account counts in that slot, so it has not ended.
    if (event === "start" && last?.until === slot)
      periods = [...periods.slice(0, -1), { since: last.since, from: last.from }];
    else if (event === "start" && !isActive) periods = [...periods, { since: slot, from: Date.parse(since) }];
    if (event === "end" && isActive)
      periods = [...periods.slice(0, -1), { ...last, until: slot, to: Date.parse(since) }];
    isPending = event === "pending" ? !isActive : false;
  }
  return { periods, isPending };
}

export function isActiveAt(periods: readonly Period[], at: number): boolean {
  return periods.some(({ from, to = Number.POSITIVE_INFINITY }) => from <= at && at < to);
}

/** Judges starts and ends: an account starts with a snapshot, and ends if it is gone or no longer configured. */
export function judgePeriods(facts: Facts, snapshots: readonly SeenSnapshot[]): string[] {
  return writesOf(facts, "account").flatMap(({ accountId, event, slot, since, at, runs: ids }) => {
    const where = `${accountId} ${event} ${slot}`;
    if (event === "start") {
      const first = snapshots.find((one) => one.accountId === accountId && one.slot === slot);
      const isThat = first !== undefined && new Date(first.completedAt).toISOString() === since;
      return isThat ? [] : [`${where}: there is no snapshot of this slot that was completed at ${since}`];
    }
    if (event !== "end") return [];
    const account = facts.accounts.find((one) => one.accountId === accountId);
    const runs = facts.runs.filter(({ run }) => ids.includes(run));
    const isConfigured = runs.every(({ configuration: { accountIds } }) => accountIds?.includes(accountId) ?? true);
    const existed = runs.every(({ from }) => account?.exists(from) && account.exists(at));
    return isConfigured && existed ? [`${where}: it exists and is configured`] : [];
  });
}

/** Judges that each run starts the accounts that it stored, and ends those that are gone or no longer configured. */
export function judgeStartsAndEnds(facts: Facts, runs: readonly RunFact[]): string[] {
  const problems: string[] = [];
  for (const run of runs.filter(({ died, error }) => !died && error === undefined)) {
    for (const account of facts.accounts) {
      const { accountId } = account;
      const { periods } = periodsOf(facts, accountId, run.to);
      const isActive = periods.length > 0 && periods.at(-1)?.until === undefined;
      const stored = writesOf(facts, "complete").filter((write) => write.accountId === accountId && write.at <= run.to);
      const isOfRun = stored.some((write) => write.runs.length === 1 && write.runs[0] === run.run);
      if (isOfRun && !isActive) problems.push(`${accountId} has not started with run ${run.run}, which stored it`);
      const { accountIds } = run.configuration;
      const isGone = account.lives.every(({ from, to }) => to <= run.from || from > run.to);
      const mustEnd = isForSlot(run) && (accountIds === undefined ? isGone : !accountIds.includes(accountId));
      // A retry ends no account that has a snapshot of its slot, or of a later one: docs/adr/0014.
      const isLater = stored.some(({ slot }) => Date.parse(slot) >= (run.scheduledTime ?? 0));
      if (mustEnd && isActive && !isLater) problems.push(`${accountId} has not ended with run ${run.run}`);
    }
  }
  return problems;
}
