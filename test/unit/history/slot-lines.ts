import type { ScheduleVersion } from "../../../core/domain/history.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { scheduledSlots } from "../../../core/history/scheduled-slots.ts";
import type { AccountFacts, RecordFact, ScheduleFact } from "../../support/history-facts.ts";
import { slotsOf } from "../../support/history-naive.ts";
import { sourceOf } from "../../support/history-table.ts";

const ACCOUNT = "account_1";

/** Returns schedules as the table stores them. */
export function versionsOf(schedules: readonly ScheduleFact[]): ScheduleVersion[] {
  return schedules.map((schedule) => ({ ...schedule, since: slotAt(schedule.since) }));
}

/** Returns a line per scheduled slot: `2025-03-28T00:17:00.000Z +`, or the reason for the gap. */
export async function slotLines(account: AccountFacts, schedules: readonly ScheduleFact[], from: number, to: number) {
  const source = sourceOf({ accounts: [account], schedules, from, to });
  const since = slotAt(account.records[0]?.slot ?? 0);
  const lines: string[] = [];
  for await (const slot of scheduledSlots(source, account.accountId, versionsOf(schedules), since, { from, to })) {
    const otherAccount = slot.accountId === account.accountId ? "" : ` of ${slot.accountId}`;
    lines.push(`${slot.slot} ${slot.complete ? "+" : (slot.attempt?.code ?? "not run")}${otherAccount}`);
  }
  return lines;
}

/** Returns the same lines, computed from the facts alone. */
export function expectedLines(account: AccountFacts, from: number, to: number): string[] {
  return slotsOf(account, from, to).map(
    ({ slot, complete, failure }) => `${slotAt(slot)} ${complete ? "+" : (failure?.code ?? "not run")}`,
  );
}

/** Returns an account with these slots, without records for the missing ones. */
export function accountWith(
  expected: readonly number[],
  isMissing: (slot: number) => boolean = () => false,
): AccountFacts {
  const records = expected
    .filter((slot) => !isMissing(slot))
    .map(
      (slot): RecordFact => ({ status: "complete", trigger: "schedule", slot, capturedAt: slot, holdings: new Map() }),
    );
  return { accountId: ACCOUNT, records, expected };
}
