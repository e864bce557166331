import fc from "fast-check";
import type { HistorySource } from "../../../core/domain/history-source.ts";
import { series } from "../../../core/history/series.ts";
import { nominalMs, parseInterval, type Step, stepsOf } from "../../../core/history/steps.ts";
import { type Facts, HOUR, MINUTE, makeFacts, manualOnly, type SnapshotFact } from "../../support/history-facts.ts";
import {
  completeOf,
  dailySteps,
  evenSteps,
  instant,
  lastCapturedIn,
  localTextOf,
} from "../../support/history-naive.ts";
import { sourceOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";

const ms = (text: string) => Date.parse(text);
const START = Date.parse("2025-03-28T00:00:00.000Z");

const DAY = { count: 1, unit: "days" } as const;

describe("parseInterval and nominalMs", () => {
  it.each([
    ["90min", { count: 90, unit: "minutes" }, 5_400_000],
    ["2h", { count: 2, unit: "hours" }, 7_200_000],
    ["1d", { count: 1, unit: "days" }, 86_400_000],
    ["2w", { count: 2, unit: "weeks" }, 14 * 86_400_000],
    ["1mo", { count: 1, unit: "months" }, 30 * 86_400_000],
    ["10y", { count: 10, unit: "years" }, 3650 * 86_400_000],
  ])("parse %s and return its length", (text, expected, length) => {
    expect(parseInterval(text)).toEqual(expected);
    expect(nominalMs(parseInterval(text) ?? DAY)).toBe(length);
  });

  it.each([...["", "h", "0d", "-1d", "1.5h", "1 d", "1m", "1M", "1D", "01d", "100000d", "1dd", "d1", "1d\n"]])(
    "returns undefined for %p",
    (text) => {
      expect(parseInterval(text)).toBeUndefined();
    },
  );
});

describe("stepsOf", () => {
  it.each([
    [
      "Europe/Zurich",
      "2025-10-24T22:00:00Z",
      ["2025-10-24T22:00", "2025-10-25T22:00", "2025-10-26T23:00", "2025-10-27T23:00"],
    ],
    [
      "America/New_York",
      "2025-03-08T05:00:00Z",
      ["2025-03-08T05:00", "2025-03-09T05:00", "2025-03-10T04:00", "2025-03-11T04:00"],
    ],
  ])("yields every midnight in %s, across a change of the clocks", (timezone, from, expected) => {
    const steps = [...stepsOf(ms(from), ms(from) + 75 * HOUR, DAY, timezone)];

    expect(steps.map(({ at }) => instant(at).slice(0, 16))).toEqual(expected);
    expect(steps.map(({ at }) => localTextOf(at, timezone).slice(11))).toEqual(expected.map(() => "00:00:00.000"));
  });

  it("yields every hour once, across a change of the clocks", () => {
    const from = ms("2025-10-25T22:00:00Z");

    const steps = [...stepsOf(from, from + 24 * HOUR, { count: 1, unit: "hours" }, "Europe/Zurich")];

    expect(steps).toEqual(evenSteps(from, from + 24 * HOUR, HOUR));
  });

  it.each([
    ["the last of each month", "2025-01-31T00:00:00Z", "1mo", ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]],
    [
      "29 February",
      "2024-02-29T00:00:00Z",
      "1y",
      ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
    ],
    ["weeks", "2025-12-24T00:00:00Z", "1w", ["2025-12-24", "2025-12-31", "2026-01-07"]],
  ])("loses no day over time: %s", (_, from, every, expected) => {
    const to = ms(`${expected.at(-1)}T12:00:00Z`);

    const steps = [...stepsOf(ms(from), to, parseInterval(every) ?? DAY, "UTC")];

    expect(steps.map(({ at }) => instant(at).slice(0, 10))).toEqual(expected);
  });

  it("agrees with an independent computation, from the start to the end", () => {
    const anyDays = fc.record({
      from: fc.integer({ min: ms("2024-01-01T00:00:00Z"), max: ms("2027-01-01T00:00:00Z") }),
      days: fc.integer({ min: 1, max: 9 }),
      length: fc.integer({ min: -1, max: 60 }),
      timezone: fc.constantFrom("UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata"),
    });
    fc.assert(
      fc.property(anyDays, ({ from, days, length, timezone }) => {
        // Avoids the hours around a change of the clocks, when a local time occurs twice or never.
        fc.pre(!/T0[0-3]/.test(localTextOf(from, timezone)));
        const to = from + length * 86_400_000;

        const steps = [...stepsOf(from, to, { count: days, unit: "days" }, timezone)];

        expect(steps).toEqual(dailySteps(from, to, days, timezone));
        expect(steps[0]?.at).toBe(length < 0 ? undefined : from);
      }),
      { numRuns: 50 },
    );
  });
});

const anyHistory = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), incidentRate: fc.constantFrom(1, 4, 10) });

/** Returns three days of an account with two assets. */
const factsOf = (history: { seed: number; incidentRate: number }) =>
  makeFacts({ ...history, from: START, hours: 72, assets: [2] });

/** A step and the slot of its snapshot. */
type Point = readonly [step: string, slot: string | undefined];

async function pointsOf(source: HistorySource, facts: Facts, steps: readonly Step[], periodMs: number) {
  const points: Point[] = [];
  for await (const { step, snapshot } of series(source, facts.accounts[0]?.accountId ?? "", steps, periodMs)) {
    points.push([instant(step.at), snapshot?.slot]);
  }
  return points;
}

function expectedPoints(facts: Facts, steps: readonly Step[]): Point[] {
  return steps.map(({ after, at }) => {
    const found = lastCapturedIn(facts.accounts[0]?.records ?? [], after, at);
    return [instant(at), found && instant(found.slot)];
  });
}

/** Steps at captures, or a millisecond before or after them. */
function captureSteps(facts: Facts, offset: number): Step[] {
  const captures = completeOf(facts.accounts[0]?.records ?? [])
    .map(({ capturedAt }) => capturedAt + offset)
    .sort((a, b) => a - b);
  return captures.slice(1).map((at, previous) => ({ after: captures[previous] ?? 0, at }));
}

describe("series", () => {
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

  it("returns a snapshot captured at or before its slot", async () => {
    const records = [0, -MINUTE, 0].map((offset, hour): SnapshotFact => {
      const slot = START + hour * HOUR;
      return { status: "complete", trigger: "schedule", slot, capturedAt: slot + offset, holdings: new Map() };
    });
    const facts: Facts = {
      accounts: [{ accountId: "account_1", records, expected: [] }],
      ...{ schedules: [], from: START, to: START + 2 * HOUR },
    };
    const steps = captureSteps(facts, 0);

    const points = await pointsOf(sourceOf(facts), facts, steps, HOUR);

    expect(points).toEqual(expectedPoints(facts, steps));
    expect(points.map(([, slot]) => slot)).toEqual(records.slice(1).map(({ slot }) => instant(slot)));
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

    for await (const _ of series(source, facts.accounts[0]?.accountId ?? "", steps, HOUR)) {
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
