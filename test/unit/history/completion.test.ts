import fc from "fast-check";
import type { ScheduleVersion } from "../../../core/domain/history-source.ts";
import { MAX_RUN_MS } from "../../../core/domain/limits.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { History } from "../../../core/history/history.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { HOUR, MINUTE, type RecordFact, type SnapshotFact } from "../../support/history-facts.ts";
import { sourceOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT } from "../domain/snapshots.ts";

const START = Date.parse("2026-11-23T00:00:00.000Z");
const HOURS = 12;
const END = START + HOURS * HOUR;

type Taken = Omit<SnapshotFact, "status" | "holdings">;

/** A run whose last pass starts as late as the lateness limit allows, and takes as long as a run can. */
const anyScheduled = (slot: number, latenessLimitMs: number) =>
  fc
    .record({
      lateMs: fc.integer({ min: -MINUTE, max: latenessLimitMs }),
      walkMs: fc.integer({ min: 0, max: MAX_RUN_MS }),
    })
    .map(({ lateMs, walkMs }): Taken => {
      const capturedAt = slot + lateMs;
      return { slot, trigger: "schedule", capturedAt, completedAt: capturedAt + walkMs };
    });

/** Later passes start later within the run. */
const anyManual = fc
  .record({
    slot: fc.integer({ min: START + 1, max: END }),
    firstMs: fc.integer({ min: 0, max: MAX_RUN_MS }),
    lastMs: fc.integer({ min: 0, max: MAX_RUN_MS }),
  })
  .map(({ slot, firstMs, lastMs }): Taken => {
    const [capturedAt, completedAt] = [slot + Math.min(firstMs, lastMs), slot + Math.max(firstMs, lastMs)];
    return { slot, trigger: "manual", capturedAt, completedAt };
  });

const anyHistory = fc.constantFrom(MINUTE, 20 * MINUTE, HOUR).chain((latenessLimitMs) =>
  fc.record({
    latenessLimitMs: fc.constant(latenessLimitMs),
    scheduled: fc.tuple(
      ...Array.from({ length: HOURS }, (_, hour) =>
        fc.option(anyScheduled(START + hour * HOUR, latenessLimitMs), { nil: undefined }),
      ),
    ),
    manual: fc.uniqueArray(anyManual, { maxLength: 8, selector: ({ slot }) => slot }),
  }),
);

async function historyOf(
  taken: readonly Taken[],
  latenessLimitMs: number,
  schedules: readonly ScheduleVersion[] = [
    { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs, since: slotAt(START) },
  ],
  now = END + 2 * HOUR,
  replacing?: readonly ScheduleVersion[],
): Promise<History> {
  const records = taken
    .map((run): RecordFact => ({ status: "complete", holdings: new Map(), ...run }))
    .sort((a, b) => a.slot - b.slot);
  const account = { accountId: ACCOUNT, records, expected: [] };
  const source = sourceOf({ accounts: [account], schedules: [], from: START, to: END });
  return History.load({ ...source, schedules: async () => schedules }, now, replacing);
}

async function slotsIn(history: History, from: number, to: number): Promise<string[]> {
  const slots: string[] = [];
  for await (const { slot } of history.completed(ACCOUNT, { from, to })) slots.push(slot);
  return slots;
}

/** Every time at which an answer can change, and the millisecond before. */
const momentsOf = (taken: readonly Taken[]) =>
  taken.flatMap(({ capturedAt, completedAt, slot }) => [capturedAt, completedAt, slot]).flatMap((at) => [at - 1, at]);

function asOfByHand(taken: readonly Taken[], at: number): string | undefined {
  const completed = taken.filter(({ completedAt }) => completedAt <= at);
  completed.sort((a, b) => a.completedAt - b.completedAt || a.capturedAt - b.capturedAt || a.slot - b.slot);
  const last = completed.at(-1);
  return last && slotAt(last.slot);
}

describe("the time of a snapshot", () => {
  it("is its completion: as-of equals brute force for any lateness and length of the walk, also with --schedule", async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async ({ latenessLimitMs, scheduled, manual }) => {
        const taken = [...scheduled, ...manual].filter((run) => run !== undefined);
        const history = await historyOf(taken, latenessLimitMs);
        const other = [{ expression: "cron(* * * * ? *)", timezone: "UTC", latenessLimitMs: 0, since: slotAt(START) }];
        const replaced = await historyOf(taken, latenessLimitMs, undefined, undefined, other);

        for (const moment of momentsOf(taken)) {
          const expected = asOfByHand(taken, moment);
          expect((await history.asOf(ACCOUNT, moment))?.slot).toBe(expected);
          expect((await replaced.asOf(ACCOUNT, moment))?.slot).toBe(expected);
        }
      }),
      { numRuns: EXHAUSTIVE ? 15 : 8 },
    );
  });

  it("puts each snapshot into one of two adjacent ranges, which add up to the whole", async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async ({ latenessLimitMs, scheduled, manual }) => {
        const taken = [...scheduled, ...manual].filter((run) => run !== undefined);
        const history = await historyOf(taken, latenessLimitMs);
        const [from, to] = [START - HOUR, END + HOUR];
        const whole = await slotsIn(history, from, to);

        expect(whole).toHaveLength(taken.length);
        for (const boundary of momentsOf(taken)) {
          const parts = [...(await slotsIn(history, from, boundary - 1)), ...(await slotsIn(history, boundary, to))];
          expect(parts.sort()).toEqual(whole);
        }
      }),
      { numRuns: EXHAUSTIVE ? 15 : 8 },
    );
  });

  it("finds a late slot of an earlier schedule behind a manual run, however much later it is asked", async () => {
    const slot = START;
    const manual = START + 6 * HOUR;
    const records = [
      { slot, trigger: "schedule", capturedAt: START + 8 * HOUR, completedAt: START + 8 * HOUR + 1 },
      { slot: manual, trigger: "manual", capturedAt: manual + 1, completedAt: manual + 2 },
    ] as const;
    const daily = {
      expression: "cron(0 0 * * ? *)",
      timezone: "UTC",
      latenessLimitMs: 24 * HOUR,
      since: slotAt(START),
    };
    const hourly = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: HOUR, since: slotAt(END) };
    const history = await historyOf(records, HOUR, [daily, hourly], END + 1000 * HOUR);

    expect((await history.latest(ACCOUNT))?.slot).toBe(slotAt(slot));
  });
});
