import fc from "fast-check";
import type { HistorySource } from "../../../core/domain/history-source.ts";
import { type Interval, parseInterval } from "../../../core/history/interval.ts";
import { series } from "../../../core/history/series.ts";
import { type Step, stepsOf } from "../../../core/history/steps.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { type Facts, HOUR, MINUTE, makeFacts, manualOnly, type SnapshotFact } from "../../support/history-facts.ts";
import {
  completeOf,
  evenSteps,
  instant,
  instantOfLocal,
  lastCompletedIn,
  localTextOf,
} from "../../support/history-naive.ts";
import { sourceOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";

const ms = (text: string) => Date.parse(text);
const START = Date.parse("2025-03-28T00:00:00.000Z");

describe("parseInterval", () => {
  it.each([
    ["1min", { lengthMs: MINUTE }],
    ["15min", { lengthMs: 15 * MINUTE }],
    ["90min", { lengthMs: 90 * MINUTE }],
    ["6h", { lengthMs: 6 * HOUR }],
    ["1d", { period: "day", lengthMs: 24 * HOUR }],
    ["1w", { period: "week", lengthMs: 7 * 24 * HOUR }],
    ["1mo", { period: "month", lengthMs: 30 * 24 * HOUR }],
    ["3mo", { period: "quarter", lengthMs: 90 * 24 * HOUR }],
    ["1y", { period: "year", lengthMs: 365 * 24 * HOUR }],
  ])("parses %s", (text, expected) => {
    expect(parseInterval(text)).toEqual({ text, ...expected });
  });

  it.each([
    ...["2d", "6d", "7h", "2w", "2mo", "12mo", "2y", "7min", "24h", "1440min", "", "h", "0d", "1.5h", "1D", "1d\n"],
  ])("returns undefined for %p, which has no steps that every range shares", (text) => {
    expect(parseInterval(text)).toBeUndefined();
  });
});

const ZONES = Intl.supportedValuesOf("timeZone");
/** Zones that change clocks over midnight, crossed the date line, or have unusual offsets. */
const ODD_ZONES =
  "UTC America/Havana America/Sao_Paulo Atlantic/Azores America/St_Johns Africa/Cairo Asia/Kathmandu " +
  "Australia/Lord_Howe Pacific/Apia Pacific/Kwajalein Europe/Berlin Europe/Dublin";

function stepsIn(from: string | number, to: string | number, every: string, timezone: string): Step[] {
  const [start, end] = [from, to].map((time) => new Date(time).getTime());
  return [...stepsOf({ from: start ?? 0, to: end ?? 0 }, parseInterval(every) as Interval, timezone)];
}

describe("stepsOf", () => {
  it.each([
    ["2026-12-31", "2026-W53"],
    ["2027-01-03", "2026-W53"],
    ["2027-01-04", "2027-W01"],
    ["2025-12-29", "2026-W01"],
  ])("counts %s to the ISO week %s", (day, week) => {
    expect(stepsIn(`${day}T00:00:00Z`, `${day}T23:59:59.999Z`, "1w", "UTC").map(({ label }) => label)).toEqual([week]);
  });

  it.each([
    ["1d", "2026-10-31", "2026-10-31T22:59:59.999Z"],
    ["1w", "2026-W44", "2026-11-01T22:59:59.999Z"],
    ["1mo", "2026-10", "2026-10-31T22:59:59.999Z"],
    ["3mo", "2026-Q4", "2026-12-31T22:59:59.999Z"],
    ["1y", "2026", "2026-12-31T22:59:59.999Z"],
  ])("shows at a step of %s the close of its period", (every, label, close) => {
    const [step] = stepsIn("2026-10-31T10:00:00Z", "2027-01-01T00:00:00Z", every, "Europe/Berlin");

    expect(step).toMatchObject({ label, at: ms(close), open: false });
  });

  it("marks the step in which the range ends as open, and ends it there", () => {
    const steps = stepsIn("2026-10-24T04:00:00Z", "2026-10-25T03:00:00Z", "1d", "Europe/Berlin");

    expect(steps.map(({ label, at, open }) => [label, instant(at), open])).toEqual([
      ["2026-10-24", "2026-10-24T21:59:59.999Z", false],
      ["2026-10-25", "2026-10-25T03:00:00.000Z", true],
    ]);
  });

  it.each([
    ["2025-03-30", 23],
    ["2025-10-26", 25],
  ])("counts hours from local midnight in elapsed time: %s has %d", (day, hours) => {
    const [from, to] = [`${day}T00:00:00.000`, `${day}T23:59:59.999`].map((text) =>
      instantOfLocal(text, "Europe/Zurich"),
    );

    const steps = stepsIn((from ?? 0) + 1, to ?? 0, "1h", "Europe/Zurich");

    const lengths = steps.map(({ after, at }) => at - after);
    expect(lengths).toEqual([...Array<number>(hours - 1).fill(HOUR), HOUR - 1]);
    expect(steps.every(({ label, at, open }) => label === instant(at) && !open)).toBe(true);
  });

  it.each([
    [
      "a midnight that is skipped",
      "America/Sao_Paulo",
      "2018-11-04",
      "2018-11-03T03:00:00Z",
      "2018-11-05T01:59:59.999Z",
    ],
    [
      "a midnight that occurs twice",
      "America/Havana",
      "2025-11-02",
      "2025-11-02T03:59:59.999Z",
      "2025-11-03T04:59:59.999Z",
    ],
  ])("has one step for a day with %s", (_, timezone, day, from, close) => {
    const steps = stepsIn(from, ms(close), "1d", timezone);

    expect(steps.map(({ label }) => label)).toHaveLength(2);
    expect(steps.at(-1)).toMatchObject({ label: day, at: ms(close), open: false });
  });

  it("has no step for a day that a zone skipped when it crossed the date line", () => {
    const steps = stepsIn("2011-12-29T10:00:00Z", "2011-12-31T09:59:59.999Z", "1d", "Pacific/Apia");

    expect(steps.map(({ label }) => label)).toEqual(["2011-12-29", "2011-12-31"]);
  });

  it("has the same steps whatever the start of the range, in every zone, each the close of its label", () => {
    const anyMs = fc.integer({ min: Date.UTC(1980, 0, 1), max: Date.UTC(2036, 0, 1) });
    const cases = fc.record({
      to: anyMs,
      days: fc.tuple(fc.double({ min: 0, max: 40, noNaN: true }), fc.double({ min: 0, max: 40, noNaN: true })),
      every: fc.constantFrom("45min", "1h", "6h", "1d", "1d", "1d", "1w", "1mo", "3mo", "1y"),
    });
    const check = (timezone: string) => (of: { to: number; days: readonly number[]; every: string }) => {
      const [from = 0, earlier = 0] = of.days.map((days) => of.to - Math.floor(days * 24 * HOUR)).sort((a, b) => b - a);

      const [steps, more] = [stepsIn(from, of.to, of.every, timezone), stepsIn(earlier, of.to, of.every, timezone)];

      expect(more.slice(-steps.length)).toEqual(steps);
      expect(steps.at(-1)?.at).toBe(of.to);
      expect(
        steps.every(({ after, at }, index) => after < at && at >= from && after === (steps[index - 1]?.at ?? after)),
      ).toBe(true);
      for (const { label, after, at, open } of more) {
        if (/T/.test(label)) expect(label).toBe(instant(at));
        if (!/^\d{4}(-\d\d){0,2}$/.test(label)) continue;
        const dates = [after + 1, at, at + 1].map((time) => localTextOf(time, timezone).slice(0, label.length));
        expect([label, ...dates.slice(0, 2), open || (dates[2] ?? "") > label]).toEqual([label, label, label, true]);
      }
    };
    const zones = EXHAUSTIVE ? ZONES : [...ODD_ZONES.split(" "), ...fc.sample(fc.constantFrom(...ZONES), 8)];
    for (const timezone of zones) fc.assert(fc.property(cases, check(timezone)), { numRuns: EXHAUSTIVE ? 20 : 6 });
  }, 600_000);
});

const anyHistory = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), incidentRate: fc.constantFrom(1, 4, 10) });

/** Returns three days of an account with two assets. */
const factsOf = (history: { seed: number; incidentRate: number }) =>
  makeFacts({ ...history, from: START, hours: 72, assets: [2] });

/** A step and the slot of its snapshot. */
/** Of a lateness limit of an hour. */
const WINDOW = { beforeMs: MINUTE, afterMs: 75 * MINUTE };

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
    ...{ periodMs, window: WINDOW, windowAt: () => WINDOW, maxAgeMs },
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
      maxAgeMs: () => maxAge,
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

  it("returns a snapshot captured at or before its slot", async () => {
    const records = [0, -MINUTE, 0].map((offset, hour) => taken(START + hour * HOUR, offset));
    const facts = factsWith(...records);
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

    for await (const _ of series(source, facts.accounts[0]?.accountId ?? "", steps, {
      ...{ periodMs: HOUR, window: WINDOW, windowAt: () => WINDOW, maxAgeMs: () => HOUR },
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
