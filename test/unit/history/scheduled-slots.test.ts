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
import { countingReads, sourceOf } from "../../support/history-table.ts";
import { accountWith, expectedLines, slotLines, versionsOf } from "./slot-lines.ts";

const START = Date.parse("2025-03-28T00:17:00.000Z");
const DAY = 24 * HOUR;
const ms = (text: string) => Date.parse(text);

/** Returns the slots from one time on, before another. */
function every(period: number, from: number, to: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / period) }, (_, n) => from + n * period);
}

const rate = (expression: string, since: number): ScheduleFact => ({ expression, timezone: "UTC", since });
const HOURLY = rate("rate(1 hour)", START);

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
  const [redeployed, twoHourly, nightly] = [
    START + DAY + 20 * MINUTE,
    START + 2 * DAY + 20 * MINUTE,
    ms("2025-03-31T01:00:00Z"),
  ];
  const redeployedSlots = [
    ...every(HOUR, START, redeployed - 20 * MINUTE),
    ...every(HOUR, redeployed, redeployed + DAY),
  ];
  const changedSlots = [
    ...every(HOUR, START, twoHourly - 20 * MINUTE),
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
      name: "no gap where a rate was redeployed and counts anew",
      slots: redeployedSlots,
      missing: [nth(5), redeployed + 5 * HOUR],
      schedules: [HOURLY],
      range: [START, redeployed + DAY - HOUR],
    },
    {
      name: "the slots of each rate or cron in force, also in a gap that ends with another rate's first slot",
      slots: changedSlots,
      missing: changedSlots.filter((slot) => (slot >= twoHourly - 6 * HOUR && slot < twoHourly) || slot > nightly),
      schedules: [
        HOURLY,
        rate("rate(2 hours)", twoHourly),
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

  it("ignores manual runs, even close to a slot, and returns only recorded slots without a schedule", async () => {
    const account = accountWith(every(HOUR, START, nth(5)), (slot) => slot === nth(2));
    const complete = { status: "complete", trigger: "manual", holdings: new Map() } as const;
    const failed = { status: "failed", trigger: "manual", code: "x", message: "x", attempts: 1 } as const;
    const manual: RecordFact[] = [
      { ...complete, slot: nth(2) + 1, capturedAt: nth(2) + 2 },
      ...[3, 4].map((minute) => nth(1) + minute * MINUTE).map((slot) => ({ ...failed, slot, lastTriedAt: slot })),
    ];
    const records = [...account.records, ...manual].sort((a, b) => a.slot - b.slot);

    const lines = await slotLines({ ...account, records }, [HOURLY], START, nth(4));
    const unscheduled = await slotLines({ ...account, records }, [], START, nth(4));

    expect(lines).toEqual([0, 1, 2, 3, 4].map((n) => `${slotAt(nth(n))} ${n === 2 ? "not run" : "+"}`));
    expect(unscheduled).toEqual(lines.filter((line) => !line.endsWith("not run")));
  });

  it("streams: returns the first slot after reading one record", async () => {
    const facts = makeFacts({ seed: 1, from: START, hours: 100, assets: [2] });
    const [{ accountId }] = facts.accounts as [AccountFacts];
    const source = sourceOf(facts);
    const { source: counted, reads } = countingReads(source);
    const range = { from: facts.from, to: facts.to };

    const slots = scheduledSlots(
      { ...counted, recordsBack: source.recordsBack },
      accountId,
      versionsOf(facts.schedules),
      slotAt(START),
      range,
    );
    await slots.next();

    expect(reads()).toBe(1);
  });
});
