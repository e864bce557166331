import fc from "fast-check";
import { slotAt } from "../../../core/domain/slot.ts";
import { scheduledSlots } from "../../../core/history/scheduled-slots.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import {
  type AccountFacts,
  HOUR,
  MINUTE,
  makeFacts,
  type RecordFact,
  type ScheduleFact,
} from "../../support/history-facts.ts";
import { failedManualRunsOf, slotsOf } from "../../support/history-naive-gaps.ts";
import { countingReads, sourceOf, versionOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";

const START = Date.parse("2025-03-28T00:17:00.000Z");
const DAY = 24 * HOUR;
const ms = (text: string) => Date.parse(text);

/** Returns the slots from one time on, before another. */
function every(period: number, from: number, to: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / period) }, (_, n) => from + n * period);
}

/** Returns a line per scheduled slot: `2025-03-28T00:17:00.000Z +`, or the reason for the gap. */
async function slotLines(account: AccountFacts, schedules: readonly ScheduleFact[], from: number, to: number) {
  const source = sourceOf({ accounts: [account], schedules, from, to });
  const since = slotAt(account.records[0]?.slot ?? 0);
  const lines: string[] = [];
  const failedRuns = await source.failedRuns({ from, to });
  const range = { from, to, now: to };
  for await (const slot of scheduledSlots(
    source,
    account.accountId,
    schedules.map(versionOf),
    since,
    range,
    failedRuns,
  )) {
    const otherAccount = slot.accountId === account.accountId ? "" : ` of ${slot.accountId}`;
    const manual = !slot.complete && slot.trigger === "manual" ? "manual: " : "";
    lines.push(`${slot.slot} ${manual}${slot.complete ? "+" : slot.reason.code}${otherAccount}`);
  }
  return lines;
}

/** Returns the same lines, computed from the facts alone. */
function expectedLines(account: AccountFacts, from: number, to: number): string[] {
  const scheduled = slotsOf(account, from, to).map(
    ({ slot, complete, failure }) => `${slotAt(slot)} ${complete ? "+" : (failure?.code ?? "not_run")}`,
  );
  const manual = failedManualRunsOf(account, from, to).map(({ slot, code }) => `${slotAt(slot)} manual: ${code}`);
  return [...scheduled, ...manual].sort();
}

/** Returns an account with these slots, without records for the missing ones. */
function accountWith(expected: readonly number[], isMissing: (slot: number) => boolean = () => false): AccountFacts {
  const records = expected
    .filter((slot) => !isMissing(slot))
    .map(
      (slot): RecordFact => ({
        status: "complete",
        trigger: "schedule",
        slot,
        capturedAt: slot,
        completedAt: slot,
        holdings: new Map(),
      }),
    );
  return { accountId: "account_1", records, expected };
}

const inUtc = (expression: string, since: number): ScheduleFact => ({ expression, timezone: "UTC", since });
const HOURLY = inUtc("cron(17 * * * ? *)", START);

describe("scheduledSlots", () => {
  it("returns every slot of any history, complete or a gap with its reason", async () => {
    const ends = fc.oneof(
      fc.constant<number[]>([0, 72 * HOUR - 1]),
      fc.array(fc.nat(72 * HOUR - 1), { minLength: 2, maxLength: 2 }),
    );
    const cases = fc.record({
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      incidentRate: fc.constantFrom(1, 3, 8),
      ends,
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ ends, ...history }) => {
        const { accounts, schedules } = makeFacts({ ...history, from: START, hours: 72, assets: [2] });
        const [account] = accounts as [AccountFacts];
        const [from, to] = ends.map((end) => START + end).sort((a, b) => a - b) as [number, number];

        const lines = await slotLines(account, schedules, from, to);

        expect(lines).toEqual(expectedLines(account, from, to));
      }),
      { numRuns: EXHAUSTIVE ? 40 : 15 },
    );
  });

  const hourlySlots = every(HOUR, START, START + 4 * DAY);
  const [twoHourly, nightly] = [START + 2 * DAY + 20 * MINUTE, ms("2025-03-31T01:00:00Z")];
  const changedSlots = [
    ...every(HOUR, START, twoHourly),
    ...every(2 * HOUR, twoHourly, nightly - HOUR),
    // 2:00 in Zurich, after the change of the clocks.
    ...every(DAY, nightly - HOUR, ms("2025-04-05T00:00:00Z")),
  ];
  const nth = (n: number) => START + n * HOUR;

  it.each([
    {
      name: "a missing slot at both ends of the range",
      slots: hourlySlots,
      missing: [nth(5), nth(10)],
      schedules: [HOURLY],
      range: [nth(5), nth(10)],
    },
    {
      name: "the slots of each schedule in force, also in a gap that ends with the first slot of another one",
      slots: changedSlots,
      missing: changedSlots.filter((slot) => (slot >= twoHourly - 6 * HOUR && slot <= twoHourly) || slot > nightly),
      schedules: [
        HOURLY,
        inUtc("cron(37 0/2 * * ? *)", twoHourly),
        { expression: "cron(0 2 ? * * *)", timezone: "Europe/Zurich", since: nightly - 2 * HOUR },
      ],
      range: [twoHourly - 6 * HOUR, ms("2025-04-04T12:00:00Z")],
    },
  ])("returns $name", async ({ slots, missing, schedules, range: [from = 0, to = 0] }) => {
    const account = accountWith(slots, (slot) => missing.includes(slot));

    const lines = await slotLines(account, schedules, from, to);

    expect(lines.length).toBeGreaterThan(2);
    expect(lines).toEqual(expectedLines(account, from, to));
  });

  it("does not count manual runs as slots, even close to one, and returns only recorded slots without a schedule", async () => {
    const account = accountWith(every(HOUR, START, nth(5)), (slot) => slot === nth(2));
    const complete = { status: "complete", trigger: "manual", holdings: new Map() } as const;
    const failed = { status: "failed", trigger: "manual", code: "x", message: "x", attempts: 1 } as const;
    const manual: RecordFact[] = [
      { ...complete, slot: nth(2) + 1, capturedAt: nth(2) + 2, completedAt: nth(2) + 2 },
      ...[3, 4].map((minute) => nth(1) + minute * MINUTE).map((slot) => ({ ...failed, slot, lastTriedAt: slot })),
    ];
    const records = [...account.records, ...manual].sort((a, b) => a.slot - b.slot);

    const isManual = (line: string) => line.includes("manual");
    const all = await slotLines({ ...account, records }, [HOURLY], START, nth(4));
    const lines = all.filter((line) => !isManual(line));
    const unscheduled = (await slotLines({ ...account, records }, [], START, nth(4))).filter((line) => !isManual(line));

    expect(all.filter(isManual)).toEqual([3, 4].map((minute) => `${slotAt(nth(1) + minute * MINUTE)} manual: x`));
    expect(lines).toEqual([0, 1, 2, 3, 4].map((n) => `${slotAt(nth(n))} ${n === 2 ? "not_run" : "+"}`));
    expect(unscheduled).toEqual(lines.filter((line) => !line.endsWith("not_run")));
  });

  it("counts only the slots of a schedule that replaces the one on which the job ran", async () => {
    const hourly = { expression: "cron(0 * * * ? *)", timezone: "UTC", since: 0 };
    const twoHourly = { ...hourly, expression: "cron(0 0/2 * * ? *)" };
    const halfPast = { ...hourly, expression: "cron(30 * * * ? *)" };
    const midnight = ms("2025-03-28T00:00:00Z");
    const account = accountWith(every(HOUR, midnight, midnight + 6 * HOUR), (slot) => slot === midnight + 4 * HOUR);
    const end = midnight + 5 * HOUR;
    const range = { from: midnight, to: end, now: end, registered: [], areReplaced: true };
    const slotsOf = async (schedule: ScheduleFact) => {
      const source = sourceOf({ accounts: [account], schedules: [], from: range.from, to: range.to });
      const shown: [hour: number, complete: boolean][] = [];
      const schedules = [versionOf(schedule)];
      for await (const { slot, complete } of scheduledSlots(
        source,
        account.accountId,
        schedules,
        slotAt(0),
        range,
        [],
      )) {
        shown.push([(ms(slot) - midnight) / HOUR, complete]);
      }
      return shown;
    };

    expect(await slotsOf(twoHourly)).toEqual([0, 2, 4].map((hour) => [hour, hour < 4]));
    expect(await slotsOf(halfPast)).toEqual([0.5, 1.5, 2.5, 3.5, 4.5].map((hour) => [hour, false]));
  });

  it("streams: returns the first slot after reading one record", async () => {
    const facts = makeFacts({ seed: 1, from: START, hours: 100, assets: [2] });
    const [{ accountId }] = facts.accounts as [AccountFacts];
    const source = sourceOf(facts);
    const { source: counted, reads } = countingReads(source);
    const range = { from: facts.from, to: facts.to, now: facts.to };

    const streaming = { ...counted, recordsBack: source.recordsBack };
    await scheduledSlots(streaming, accountId, facts.schedules.map(versionOf), slotAt(START), range, []).next();

    expect(reads()).toBe(1);
  });
});
