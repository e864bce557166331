import type { ScheduleVersion } from "../../../core/domain/history.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { scheduledSlots } from "../../../core/history/scheduled-slots.ts";
import type { AccountFacts, RecordFact, ScheduleFact } from "../../support/history-facts.ts";
import { slotsOf } from "../../support/history-naive.ts";
import { sourceOf } from "../../support/history-table.ts";

const ACCOUNT = "account_1";

/** The versions of a schedule as the table has them. */
export function versionsOf(schedules: readonly ScheduleFact[]): ScheduleVersion[] {
  return schedules.map((schedule) => ({ ...schedule, since: slotAt(schedule.since) }));
}

/** What is told of the slots in a range: `2025-03-28T00:17:00.000Z +`, or why there is none. */
export async function toldOf(account: AccountFacts, schedules: readonly ScheduleFact[], from: number, to: number) {
  const source = sourceOf({ accounts: [account], schedules, from, to });
  const since = slotAt(account.records[0]?.slot ?? 0);
  const told: string[] = [];
  for await (const slot of scheduledSlots(source, account.accountId, versionsOf(schedules), since, { from, to })) {
    const whose = slot.accountId === account.accountId ? "" : ` of ${slot.accountId}`;
    told.push(`${slot.slot} ${slot.complete ? "+" : (slot.attempt?.code ?? "not run")}${whose}`);
  }
  return told;
}

/** The same by the naive computation. */
export function naively(account: AccountFacts, from: number, to: number): string[] {
  return slotsOf(account, from, to).map(
    ({ slot, complete, failure }) => `${slotAt(slot)} ${complete ? "+" : (failure?.code ?? "not run")}`,
  );
}

/** An account with these slots, of which some have no record at all. */
export function accountWith(
  expected: readonly number[],
  missing: (slot: number) => boolean = () => false,
): AccountFacts {
  const records = expected
    .filter((slot) => !missing(slot))
    .map(
      (slot): RecordFact => ({ status: "complete", trigger: "schedule", slot, capturedAt: slot, holdings: new Map() }),
    );
  return { accountId: ACCOUNT, records, expected };
}
