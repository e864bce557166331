// Which slots the commands must show as gaps, computed naively from the facts, see history-naive.ts.
import { type AccountFacts, type FailedRunFact, type FailureFact, HOUR } from "./history-facts.ts";
import { instant, keyOf, localTextOf, nameOf, periodsOf } from "./history-naive.ts";

export interface SlotFact {
  readonly slot: number;
  readonly complete: boolean;
  readonly failure: FailureFact | undefined;
}

/** Returns why a slot failed that has no record of the account's own: the last failed run in whose scope the account is. */
function failedRunFor(account: AccountFacts, slot: number): FailureFact | undefined {
  const runs = (account.failedRuns ?? []).filter((run) => run.slot === slot && isInScope(account, run));
  const lastTriedAt = Math.max(...runs.map(({ failedAt }) => failedAt));
  const last = runs.find(({ failedAt }) => failedAt === lastTriedAt);
  if (last === undefined) return undefined;
  const { trigger, code, message } = last;
  return { status: "failed", trigger, slot, code, message, attempts: runs.length, lastTriedAt };
}

/** All accounts are those of the key of the run; an account whose key is unknown can be one of them. */
function isInScope(account: AccountFacts, { scope, key, failedAt }: FailedRunFact): boolean {
  if (scope !== "all") return scope.includes(account.accountId);
  return key === undefined || [key, null].includes(keyOf(account, failedAt));
}

/** A schedule with a slot at every full hour of the day that a number divides. */
export interface HoursFact {
  readonly key?: string;
  readonly everyHours: number;
  readonly since: number;
}

/** Returns the schedule that an account follows at a time: the last one of its key, or of all keys, or else the first of these. */
export function hoursAt(account: AccountFacts, schedules: readonly HoursFact[], at: number): HoursFact | undefined {
  const key = keyOf(account, at);
  const own = schedules.filter((one) => one.key === undefined || one.key === key);
  const inOrder = own.sort((a, b) => a.since - b.since || Number(a.key !== undefined) - Number(b.key !== undefined));
  return inOrder.filter(({ since }) => since <= at).pop() ?? inOrder[0];
}

/** Returns every slot in `[from, to]` that is one of the schedule that the account follows at that time. */
export function hoursOf(account: AccountFacts, schedules: readonly HoursFact[], from: number, to: number): number[] {
  const hours = Array.from({ length: Math.ceil((to - from + 1) / HOUR) }, (_, n) => from + n * HOUR);
  return hours.filter((at) => (at / HOUR) % (hoursAt(account, schedules, at)?.everyHours ?? Number.NaN) === 0);
}

/** Whether a slot is in a time in which its account counts: from the slot of its first complete snapshot to that of its end. */
export function isExpected(account: AccountFacts, slot: number): boolean {
  return periodsOf(account).some(({ since, until = Number.POSITIVE_INFINITY }) => since <= slot && slot < until);
}

/** Returns every slot of the schedule in `[from, to]` while the account counts. */
export function slotsOf(account: AccountFacts, from: number, to: number): SlotFact[] {
  const { records, expected } = account;
  const scheduled = new Map(records.filter(({ trigger }) => trigger === "schedule").map((one) => [one.slot, one]));
  return expected
    .filter((slot) => slot >= from && slot <= to && isExpected(account, slot))
    .map((slot) => {
      const record = scheduled.get(slot);
      return {
        slot,
        complete: record?.status === "complete",
        failure: record === undefined ? failedRunFor(account, slot) : record.status === "failed" ? record : undefined,
      };
    });
}

/** Returns the manual runs in `[from, to]` that failed while the account counted. */
export function failedManualRunsOf(account: AccountFacts, from: number, to: number): FailureFact[] {
  const { records, failedRuns = [] } = account;
  const own = records.filter((record): record is FailureFact => record.status === "failed");
  const slots = new Set(failedRuns.map(({ slot }) => slot));
  for (const { slot } of records) slots.delete(slot);
  return [...own, ...[...slots].flatMap((slot) => failedRunFor(account, slot) ?? [])].filter(
    ({ trigger, slot }) => trigger === "manual" && slot >= from && slot <= to && isExpected(account, slot),
  );
}

/** Returns the rows of `gaps` for one account: the gaps, and the manual runs that failed. */
export function gapRowsOf(account: AccountFacts, from: number, to: number) {
  const gaps = slotsOf(account, from, to).filter(({ complete }) => !complete);
  const failedRuns = failedManualRunsOf(account, from, to).map((failure) => ({ slot: failure.slot, failure }));
  return [...gaps, ...failedRuns]
    .sort((a, b) => a.slot - b.slot)
    .map(({ slot, failure }) => ({
      accountId: account.accountId,
      slot: instant(slot),
      trigger: failure?.trigger ?? "schedule",
      code: failure?.code ?? "not_run",
      message: failure?.message ?? "Nothing was recorded: the job did not run for this slot.",
      attempts: failure?.attempts ?? 0,
      lastTriedAt: failure ? instant(failure.lastTriedAt) : null,
    }));
}

/** Returns a percentage with two decimals, rounded down. */
export function percentOfSlots(complete: number, expected: number): string {
  const hundredths = String((BigInt(complete) * 10_000n) / BigInt(expected)).padStart(3, "0");
  return `${hundredths.slice(0, -2)}.${hundredths.slice(-2)}`;
}

/** Returns the rows of `gaps --coverage` for one account. */
export function coverageRowsOf(account: AccountFacts, from: number, to: number, timezone: string) {
  const slots = slotsOf(account, from, to);
  const monthOf = ({ slot }: SlotFact) => localTextOf(slot, timezone).slice(0, 7);
  return [...new Set(slots.map(monthOf))].map((month) => {
    const own = slots.filter((slot) => monthOf(slot) === month);
    const complete = own.filter((slot) => slot.complete).length;
    return {
      accountId: account.accountId,
      accountName: nameOf(account, own.at(-1)?.slot ?? 0),
      month,
      expected: own.length,
      complete,
      percent: percentOfSlots(complete, own.length),
    };
  });
}
