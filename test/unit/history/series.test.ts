import fc from "fast-check";
import type { HistorySource } from "../../../core/domain/history-source.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import { series } from "../../../core/history/series.ts";
import type { Step } from "../../../core/history/steps.ts";
import { type Facts, HOUR, MINUTE, makeFacts, manualOnly, type SnapshotFact } from "../../support/history-facts.ts";
import { completeOf, evenSteps, instant, lastCompletedIn } from "../../support/history-naive.ts";
import { sourceOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";

const START = Date.parse("2025-03-28T00:00:00.000Z");

const anyHistory = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), incidentRate: fc.constantFrom(1, 4, 10) });

/** Returns three days of an account with two assets. */
const factsOf = (history: { seed: number; incidentRate: number }) =>
  makeFacts({ ...history, from: START, hours: 72, assets: [2] });

/** A step and the slot of its snapshot. */
/** Of a lateness limit of an hour. */
const WINDOW = { beforeMs: MINUTE, afterMs: 75 * MINUTE };

const freshFor =
  (maxAgeMs: (at: number) => number) =>
  ({ capturedAt }: Snapshot, at: number) =>
    at - Date.parse(capturedAt) <= maxAgeMs(at);

type Point = readonly [step: string, slot: string | undefined];

async function pointsOf(
  source: HistorySource,
  facts: Facts,
  steps: readonly Step[],
  periodMs: number,
  maxAgeMs = (_at: number) => Number.POSITIVE_INFINITY,
) {
  const points: Point[] = [];
  for await (const { step, snapshot } of series(source, facts.accounts[0]?.accountId ?? "", steps, {
    ...{ periodMs, window: WINDOW, windowAt: () => WINDOW, isFresh: freshFor(maxAgeMs) },
  })) {
    points.push([instant(step.at), snapshot?.slot]);
  }
  return points;
}

function expectedPoints(facts: Facts, steps: readonly Step[]): Point[] {
  return steps.map(({ after, at }) => {
    const found = lastCompletedIn(facts.accounts[0]?.records ?? [], after, at);
    return [instant(at), found && instant(found.slot)];
  });
}

/** Steps at completions, or a millisecond before or after them. */
function captureSteps(facts: Facts, offset: number): Step[] {
  const captures = completeOf(facts.accounts[0]?.records ?? [])
    .map(({ completedAt }) => completedAt + offset)
    .sort((a, b) => a - b);
  return captures
    .slice(1)
    .map((at, previous) => ({ label: instant(at), after: captures[previous] ?? 0, at, open: false }));
}

describe("series", () => {
  const taken = (slot: number, delay = 1000): SnapshotFact => ({
    ...{
      status: "complete",
      trigger: "schedule",
      slot,
      capturedAt: slot + delay,
      completedAt: slot + delay,
      holdings: new Map(),
    },
  });
  const factsWith = (...records: SnapshotFact[]): Facts => ({
    accounts: [{ accountId: "account_1", records, expected: [] }],
    ...{ schedules: [], from: START, to: START + 2 * HOUR },
  });
  const lastStep = (after: number, at: number, open: boolean): Step => ({ label: instant(at), after, at, open });

  it.each([
    ["step by step", HOUR],
    ["all records", 10 * HOUR],
  ])("returns a gap for a step whose last capture is too old at its end, reading %s", async (_, periodMs) => {
    const facts = factsWith(taken(START + HOUR), taken(START + 30 * HOUR));
    const steps = [lastStep(START, START + 24 * HOUR, false), lastStep(START + 24 * HOUR, START + 48 * HOUR, false)];

    const points = await pointsOf(
      sourceOf(facts),
      facts,
      steps,
      periodMs,
      (at) => (at < START + 30 * HOUR ? 22 : 23) * HOUR,
    );

    expect(points.map(([, slot]) => slot)).toEqual([undefined, instant(START + 30 * HOUR)]);
  });

  it.each([
    ["the first snapshot of an open step may still come", true, 3 * HOUR, true],
    ["the snapshot before the open step is too old", true, HOUR, false],
    ["the step is not open", false, 3 * HOUR, false],
  ])("says whether a gap is only pending: %s", async (_, open, maxAge, pending) => {
    const facts = factsWith(taken(START));
    const steps = [lastStep(START + HOUR, START + 2 * HOUR, open)];

    const points = [];
    for await (const point of series(sourceOf(facts), "account_1", steps, {
      periodMs: HOUR,
      window: WINDOW,
      windowAt: () => WINDOW,
      isFresh: freshFor(() => maxAge),
    })) {
      points.push(point);
    }

    expect(points).toEqual([{ step: steps[0], snapshot: undefined, pending }]);
  });

  it("returns the last capture of each step, reading step by step and reading all records", async () => {
    const cases = fc.record({
      history: anyHistory,
      offset: fc.integer({ min: -5 * HOUR, max: 40 * HOUR }),
      length: fc.integer({ min: 4 * HOUR + 1, max: 30 * HOUR }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ history, offset, length }) => {
        const facts = factsOf(history);
        const steps = evenSteps(START + offset, START + 80 * HOUR, length);
        fc.pre(steps.length > 1);
        const { records, recordsBack, ...rest } = sourceOf(facts);
        const refuse = () => {
          throw new Error("read the other way");
        };

        const stepByStep = await pointsOf({ ...rest, recordsBack, records: refuse }, facts, steps, HOUR);
        // A longer period makes the steps dense.
        const allRecords = await pointsOf({ ...rest, records, recordsBack: refuse }, facts, steps, length / 4);

        expect(stepByStep).toEqual(expectedPoints(facts, steps));
        expect(allRecords).toEqual(expectedPoints(facts, steps));
      }),
      { numRuns: 20 },
    );
  });

  it("returns the last capture of each step for steps of minutes and for steps at captures", async () => {
    const stepsIn = fc.oneof(
      fc.integer({ min: 5 * MINUTE, max: 4 * HOUR }).map((length) => (_: Facts) => {
        return evenSteps(START + 10 * HOUR, START + 30 * HOUR, length);
      }),
      fc.constantFrom(-1, 0, 1).map((offset) => (facts: Facts) => captureSteps(facts, offset)),
    );
    await fc.assert(
      fc.asyncProperty(anyHistory, stepsIn, fc.boolean(), async (history, stepsOf, isManual) => {
        const facts = isManual ? manualOnly(factsOf(history)) : factsOf(history);
        const steps = stepsOf(facts);

        const points = await pointsOf(sourceOf(facts), facts, steps, isManual ? 0 : HOUR);

        expect(points).toEqual(expectedPoints(facts, steps));
      }),
      { numRuns: 30 },
    );
  });

  it("reads at most 16 steps ahead, and stops when its consumer stops", async () => {
    const facts = makeFacts({ seed: 1, from: START, hours: 400, assets: [2], kind: "typical" });
    let queries = 0;
    const source: HistorySource = {
      ...sourceOf(facts),
      recordsBack: (accountId, to) => {
        queries++;
        return sourceOf(facts).recordsBack(accountId, to);
      },
    };
    const steps = evenSteps(START, facts.to, 6 * HOUR);
    let seen = 0;

    for await (const _ of series(source, facts.accounts[0]?.accountId ?? "", steps, {
      ...{ periodMs: HOUR, window: WINDOW, windowAt: () => WINDOW, isFresh: freshFor(() => HOUR) },
    })) {
      seen++;
      expect(queries - seen).toBeLessThanOrEqual(16);
      if (seen === 5) break;
    }
    const atBreak = queries;
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(queries).toBe(atBreak);
    expect(queries).toBeLessThan(steps.length / 2);
  });
});
