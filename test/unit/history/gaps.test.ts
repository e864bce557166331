import { describe, expect, it } from "@jest/globals";
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
import { sourceOf } from "../../support/history-table.ts";
import { accountWith, naively, toldOf, versionsOf } from "./slots-told.ts";

const START = Date.parse("2025-03-28T00:17:00.000Z");
const DAY = 24 * HOUR;
const ms = (text: string) => Date.parse(text);

/** Slots from one on, before another. */
function every(period: number, from: number, to: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / period) }, (_, n) => from + n * period);
}

const rate = (expression: string, since: number): ScheduleFact => ({ expression, timezone: "UTC", since });

describe("scheduledSlots", () => {
  const anyHistory = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), trouble: fc.constantFrom(1, 3, 8) });
  const factsOf = (history: { seed: number; trouble: number }) =>
    makeFacts({ ...history, from: START, hours: 72, assets: [2] });

  it("has every slot of the schedule, complete or a gap with its reason, and no run by hand", async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const facts = factsOf(history);
        const [account] = facts.accounts as [AccountFacts];

        const told = await toldOf(account, facts.schedules, facts.from, facts.to);

        expect(told).toEqual(naively(account, facts.from, facts.to));
        expect(told).toHaveLength(72);
      }),
      { numRuns: 60 },
    );
  });

  it("has every slot of any part of it that ends with a slot that was recorded", async () => {
    const cases = fc.record({ history: anyHistory, start: fc.nat(70 * HOUR), end: fc.nat(70 * HOUR) });
    await fc.assert(
      fc.asyncProperty(cases, async ({ history, start, end }) => {
        const facts = factsOf(history);
        const [account] = facts.accounts as [AccountFacts];
        const last = account.records
          .filter(({ slot, trigger }) => trigger === "schedule" && slot <= START + end)
          .at(-1);
        const [from, to] = [START + start, last?.slot ?? 0];
        fc.pre(from <= to);

        const told = await toldOf(account, facts.schedules, from, to);

        expect(told).toEqual(naively(account, from, to));
      }),
      { numRuns: 60 },
    );
  });

  it("has every slot of any part of it", async () => {
    const cases = fc.record({ history: anyHistory, ends: fc.tuple(fc.nat(72 * HOUR - 1), fc.nat(72 * HOUR - 1)) });
    await fc.assert(
      fc.asyncProperty(cases, async ({ history, ends }) => {
        const facts = factsOf(history);
        const [account] = facts.accounts as [AccountFacts];
        const [from, to] = ends.map((end) => START + end).sort((a, b) => a - b) as [number, number];

        const told = await toldOf(account, facts.schedules, from, to);

        expect(told).toEqual(naively(account, from, to));
      }),
      { numRuns: 60 },
    );
  });

  it("has a missing slot at the very end of the range: of a day whose last hour was missed", async () => {
    const slots = every(HOUR, ms("2025-03-28T00:45:00Z"), ms("2025-03-30T00:00:00Z"));
    const account = accountWith(slots, (slot) => slot === ms("2025-03-28T23:45:00Z"));

    const told = await toldOf(account, [rate("rate(1 hour)", START)], START, ms("2025-03-28T23:59:59.999Z"));

    expect(told.at(-1)).toBe("2025-03-28T23:45:00.000Z not run");
  });

  it("has a missing slot with which the range begins, and one with which it ends", async () => {
    const slots = every(HOUR, START, START + DAY);
    const [first, last] = [START + 5 * HOUR, START + 10 * HOUR];
    const account = accountWith(slots, (slot) => slot === first || slot === last);

    const told = await toldOf(account, [rate("rate(1 hour)", START)], first, last);

    expect(told).toEqual(naively(account, first, last));
    expect(told).toHaveLength(6);
  });

  it("has a missing slot at the very end of the range: a daily one's, in the afternoon", async () => {
    const slots = every(DAY, ms("2025-01-01T15:00:00Z"), ms("2025-02-10T00:00:00Z"));
    const account = accountWith(slots, (slot) => slot === ms("2025-01-31T15:00:00Z"));
    const schedules = [rate("rate(1 day)", slots[0] ?? 0)];

    const told = await toldOf(account, schedules, ms("2025-01-01T00:00:00Z"), ms("2025-01-31T23:59:59.999Z"));

    expect(told).toHaveLength(31);
    expect(told.at(-1)).toBe("2025-01-31T15:00:00.000Z not run");
  });

  it("has the schedule's own slots in a range of which nothing at all was recorded", async () => {
    const slots = every(HOUR, START, START + 4 * DAY);
    const day = [ms("2025-03-30T00:00:00Z"), ms("2025-03-30T23:59:59.999Z")] as const;
    const account = accountWith(slots, (slot) => slot >= day[0] && slot <= day[1]);

    const told = await toldOf(account, [rate("rate(1 hour)", START)], ...day);

    expect(told).toEqual(
      Array.from({ length: 24 }, (_, hour) => `2025-03-30T${String(hour).padStart(2, "0")}:17:00.000Z not run`),
    );
  });

  it("expects nothing of an account before its first record", async () => {
    const slots = every(HOUR, START, START + DAY);
    const account = accountWith(slots, (slot) => slot < START + 10 * HOUR);

    const told = await toldOf(account, [rate("rate(1 hour)", START)], START, START + DAY - HOUR);

    expect(told[0]).toBe("2025-03-28T10:17:00.000Z +");
    expect(told).toHaveLength(14);
  });

  it("takes no slots for missed where a rate was deployed anew, and counts from then", async () => {
    const [before, after] = [START, START + DAY + 20 * MINUTE];
    const slots = [...every(HOUR, before, after - 20 * MINUTE), ...every(HOUR, after, after + DAY)];
    const account = accountWith(slots, (slot) => slot === before + 5 * HOUR || slot === after + 5 * HOUR);

    const told = await toldOf(account, [rate("rate(1 hour)", START)], START, after + DAY - HOUR);

    expect(told).toEqual(naively(account, START, after + DAY - HOUR));
  });

  it("goes by the schedule that was in force", async () => {
    const [hourly, twoHourly, nightly] = ["2025-03-01T00:17:00Z", "2025-03-10T08:40:00Z", "2025-03-20T01:00:00Z"].map(
      ms,
    ) as [number, number, number];
    const end = ms("2025-04-05T00:00:00Z");
    const slots = [
      ...every(HOUR, hourly, twoHourly - 30 * MINUTE),
      ...every(2 * HOUR, twoHourly, nightly - HOUR),
      // 02:00 in Zurich: 01:00 UTC until 29 March, 00:00 from the 31st on; on the 30th the clock goes from 02:00 to 03:00.
      ...every(DAY, nightly, ms("2025-03-30T00:00:00Z")),
      ...every(DAY, ms("2025-03-31T00:00:00Z"), end),
    ];
    const account = accountWith(slots, (slot) => slot !== hourly && slot % 7 === 0);
    const schedules = [
      rate("rate(1 hour)", hourly),
      rate("rate(2 hours)", twoHourly),
      { expression: "cron(0 2 ? * * *)", timezone: "Europe/Zurich", since: nightly },
    ];

    const told = await toldOf(account, schedules, hourly, ms("2025-03-29T12:00:00Z"));

    expect(told).toEqual(naively(account, hourly, ms("2025-03-29T12:00:00Z")));
    expect(told.filter((line) => line.endsWith("not run")).length).toBeGreaterThan(20);
  });

  it("counts a rate from its own slots, also where the range starts in a gap before another rate's first", async () => {
    const [first, second] = [START, START + 2 * DAY + 20 * MINUTE];
    const gap = [second - 6 * HOUR, second] as const;
    const slots = [...every(HOUR, first, second - 20 * MINUTE), ...every(2 * HOUR, second, second + DAY)];
    const account = accountWith(slots, (slot) => slot >= gap[0] && slot < gap[1]);
    const schedules = [rate("rate(1 hour)", first), rate("rate(2 hours)", second)];

    const told = await toldOf(account, schedules, gap[0], second);

    expect(told).toEqual(naively(account, gap[0], second));
  });

  it("has a run by hand fill no gap, even at the slot's own minute", async () => {
    const slots = every(HOUR, START, START + 5 * HOUR);
    const account = accountWith(slots, (slot) => slot === START + 2 * HOUR);
    const byHand: RecordFact[] = [
      {
        status: "complete",
        trigger: "manual",
        slot: START + 2 * HOUR + 1,
        capturedAt: START + 2 * HOUR + 2,
        holdings: new Map(),
      },
      ...[3, 4].map((minute): RecordFact => {
        const slot = START + HOUR + minute * MINUTE;
        return { status: "failed", trigger: "manual", slot, code: "x", message: "x", attempts: 1, lastTriedAt: slot };
      }),
    ];
    const records = [...account.records, ...byHand].sort((a, b) => a.slot - b.slot);

    const told = await toldOf({ ...account, records }, [rate("rate(1 hour)", START)], START, START + 4 * HOUR);

    expect(told).toEqual([0, 1, 2, 3, 4].map((n) => `${slotAt(START + n * HOUR)} ${n === 2 ? "not run" : "+"}`));
  });

  it("knows no slots that are missing where there was no schedule, but those that were recorded", async () => {
    const slots = every(HOUR, START, START + 5 * HOUR);
    const account = accountWith(slots, (slot) => slot === START + 2 * HOUR);

    const told = await toldOf(account, [], START, START + 5 * HOUR);

    expect(told).toHaveLength(4);
  });

  it("is streamed: the first slot comes before the last record is read", async () => {
    const facts = makeFacts({ seed: 1, from: START, hours: 100, assets: [2] });
    const [account] = facts.accounts as [AccountFacts];
    const all = sourceOf(facts);
    let read = 0;
    const source: typeof all = {
      ...all,
      records: async function* (...args) {
        for await (const record of all.records(...args)) {
          read++;
          yield record;
        }
      },
    };
    const range = { from: facts.from, to: facts.to };

    const slots = scheduledSlots(source, account.accountId, versionsOf(facts.schedules), slotAt(START), range);
    await slots.next();

    expect(read).toBe(1);
  });
});
