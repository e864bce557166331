import fc from "fast-check";
import { slotAt } from "../../../core/domain/slot.ts";
import { scheduledSlots } from "../../../core/history/scheduled-slots.ts";
import {
  type AccountFacts,
  HOUR,
  MINUTE,
  makeFacts,
  type RecordFact,
  type ScheduleFact,
} from "../../support/history-facts.ts";
import { localTextOf } from "../../support/history-naive.ts";
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
      { numRuns: 40 },
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
    const range = { from: midnight, to: midnight + 5 * HOUR, now: midnight + 5 * HOUR, replaced: true };
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

/** Expressions, and whether they fire at a local time. */
const crons: readonly (readonly [expression: string, timezone: string, fires: (local: Date) => boolean])[] = [
  ["cron(0 8 ? * 2-6 *)", "Europe/Zurich", (local) => isAt(local, 8) && ![0, 6].includes(local.getUTCDay())],
  ["cron(0 8 ? * 1 *)", "UTC", (local) => isAt(local, 8) && local.getUTCDay() === 0],
  ["cron(0 23 L * ? *)", "Europe/Zurich", (local) => isAt(local, 23) && isLastDay(local)],
  ["cron(0 8 ? * 6#1 *)", "UTC", (local) => isAt(local, 8) && local.getUTCDay() === 5 && local.getUTCDate() <= 7],
  ["cron(0 8 1 * ? 2025)", "UTC", (local) => isAt(local, 8) && local.getUTCDate() === 1],
  ["cron(*/15 8 * * ? *)", "UTC", (local) => local.getUTCHours() === 8 && local.getUTCMinutes() % 15 === 0],
  [
    "cron(10/20 8-9 * * ? *)",
    "UTC",
    (local) => [8, 9].includes(local.getUTCHours()) && local.getUTCMinutes() % 20 === 10,
  ],
  ["cron(0 8 ? * FRI-MON *)", "UTC", (local) => isAt(local, 8) && [5, 6, 0, 1].includes(local.getUTCDay())],
  ["cron(0 8 ? * L *)", "UTC", (local) => isAt(local, 8) && local.getUTCDay() === 6],
  [
    "cron(0 8 L-2 * ? *)",
    "UTC",
    (local) => isAt(local, 8) && local.getUTCDate() === 29 - (local.getUTCMonth() === 2 ? 0 : 1),
  ],
  // "If a cron expression falls on a non-existent date and time, your schedule invocation is skipped."
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
  ["cron(30 2 * * ? *)", "Europe/Zurich", (local) => local.getUTCHours() === 2 && local.getUTCMinutes() === 30],
  [
    "cron(0 9 ? NOV-MAR MON-FRI *)",
    "UTC",
    (local) => isAt(local, 9) && local.getUTCMonth() === 2 && ![0, 6].includes(local.getUTCDay()),
  ],
];

const [MARCH, MAY] = [ms("2025-03-01T00:00:00Z"), ms("2025-05-01T00:00:00Z")];

/** The slot and the local time of every five minutes of March and April 2025, by time zone. */
const localTimes = new Map(
  ["UTC", "Europe/Zurich"].map((timezone) => {
    const slots = every(5 * MINUTE, MARCH, MAY);
    return [timezone, slots.map((slot) => [slot, new Date(`${localTextOf(slot, timezone)}Z`)] as const)];
  }),
);

function isAt(local: Date, hour: number): boolean {
  return local.getUTCHours() === hour && local.getUTCMinutes() === 0;
}

function isLastDay(local: Date): boolean {
  return new Date(local.getTime() + DAY).getUTCDate() === 1;
}

describe("scheduledSlots with a cron expression", () => {
  it.each(crons)("returns the slots of %s in %s, in March and April 2025", async (expression, timezone, fires) => {
    const slots = localTimes.get(timezone)?.flatMap(([slot, local]) => (fires(local) ? [slot] : [])) ?? [];
    const missed = new Set(slots.filter((_, at) => at % 3 === 1));
    const account = accountWith(slots, (slot) => missed.has(slot));

    const lines = await slotLines(account, [{ expression, timezone, since: MARCH }], MARCH, MAY - 1);

    expect(lines.length).toBeGreaterThan(1);
    expect(lines).toEqual(expectedLines(account, MARCH, MAY - 1));
  });
});
