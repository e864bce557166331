import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { HistorySource } from "../../../core/domain/history.ts";
import { series } from "../../../core/history/series.ts";
import type { Step } from "../../../core/history/steps.ts";
import { type Facts, HOUR, MINUTE, makeFacts } from "../../support/history-facts.ts";
import { evenSteps, instant, lastCapturedIn } from "../../support/history-naive.ts";
import { sourceOf } from "../../support/history-table.ts";

const START = Date.parse("2025-03-28T00:00:00.000Z");

const anyHistory = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), trouble: fc.constantFrom(1, 4, 10) });

/** Three days of an account with two assets. */
const factsOf = (history: { seed: number; trouble: number }) =>
  makeFacts({ ...history, from: START, hours: 72, assets: [2] });

type Shown = readonly [step: string, slot: string | undefined];

async function shownBy(source: HistorySource, facts: Facts, steps: readonly Step[], periodMs: number) {
  const shown: Shown[] = [];
  for await (const { step, snapshot } of series(source, facts.accounts[0]?.accountId ?? "", steps, periodMs)) {
    shown.push([instant(step.at), snapshot?.slot]);
  }
  return shown;
}

function naively(facts: Facts, steps: readonly Step[]): Shown[] {
  return steps.map(({ after, at }) => {
    const found = lastCapturedIn(facts.accounts[0]?.records ?? [], after, at);
    return [instant(at), found && instant(found.slot)];
  });
}

/** Notes which way a series was read. */
function watching(source: HistorySource): { source: HistorySource; ways: Set<"sparse" | "dense"> } {
  const ways = new Set<"sparse" | "dense">();
  return {
    ways,
    source: {
      ...source,
      recordsBack: (...args) => {
        ways.add("sparse");
        return source.recordsBack(...args);
      },
      records: (...args) => {
        ways.add("dense");
        return source.records(...args);
      },
    },
  };
}

describe("series", () => {
  it("shows at each step the last capture since the step before, through all records and step by step alike", async () => {
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
        const sparse = watching(sourceOf(facts));
        const dense = watching(sourceOf(facts));

        const stepByStep = await shownBy(sparse.source, facts, steps, HOUR);
        // A period that is taken to be longer has it read all.
        const throughAll = await shownBy(dense.source, facts, steps, length / 4);

        expect([...sparse.ways, ...dense.ways]).toEqual(["sparse", "dense"]);
        expect(stepByStep).toEqual(naively(facts, steps));
        expect(throughAll).toEqual(naively(facts, steps));
      }),
      { numRuns: 30 },
    );
  });

  it("does so for steps as near as minutes, of which most are gaps", async () => {
    const cases = fc.record({ history: anyHistory, length: fc.integer({ min: 5 * MINUTE, max: 4 * HOUR }) });
    await fc.assert(
      fc.asyncProperty(cases, async ({ history, length }) => {
        const facts = factsOf(history);
        const steps = evenSteps(START + 10 * HOUR, START + 30 * HOUR, length);

        const shown = await shownBy(sourceOf(facts), facts, steps, HOUR);

        expect(shown).toEqual(naively(facts, steps));
      }),
      { numRuns: 30 },
    );
  });

  it("does so for steps that fall on captures and a millisecond beside them", async () => {
    const cases = fc.record({ history: anyHistory, beside: fc.constantFrom(-1, 0, 1) });
    await fc.assert(
      fc.asyncProperty(cases, async ({ history, beside }) => {
        const facts = factsOf(history);
        const captures = (facts.accounts[0]?.records ?? [])
          .flatMap((record) => (record.status === "complete" ? [record.capturedAt + beside] : []))
          .sort((a, b) => a - b);
        const steps = captures.slice(1).map((at, before) => ({ after: captures[before] ?? 0, at }));

        const shown = await shownBy(sourceOf(facts), facts, steps, HOUR);

        expect(shown).toEqual(naively(facts, steps));
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["step by step", HOUR],
    ["through all", 2 * HOUR],
  ])("has a gap, never a copy, for each step of an outage, %s", async (_, periodMs) => {
    const facts = makeFacts({ seed: 4, from: START, hours: 420, assets: [2] });
    const steps = evenSteps(START, facts.to, 6 * HOUR);

    const shown = await shownBy(sourceOf(facts), facts, steps, periodMs);

    const slots = shown.flatMap(([, slot]) => slot ?? []);
    expect(shown).toEqual(naively(facts, steps));
    expect(new Set(slots).size).toBe(slots.length);
    expect(shown.filter(([, slot]) => slot === undefined).length).toBeGreaterThanOrEqual(5);
  });

  it("shows runs by hand alone, without any schedule", async () => {
    const all = makeFacts({ seed: 9, from: START, hours: 72, assets: [2], trouble: 8 });
    const facts: Facts = {
      ...all,
      accounts: all.accounts.map((account) => ({
        ...account,
        records: account.records.filter(({ trigger }) => trigger === "manual"),
      })),
    };
    const steps = evenSteps(START, facts.to, 2 * HOUR);

    const shown = await shownBy(sourceOf(facts), facts, steps, 0);

    expect(shown).toEqual(naively(facts, steps));
    expect(shown.filter(([, slot]) => slot !== undefined).length).toBeGreaterThan(3);
  });

  it("has nothing for no steps, and one point for one", async () => {
    const facts = makeFacts({ seed: 1, from: START, hours: 72, assets: [2], kind: "typical" });

    const none = await shownBy(sourceOf(facts), facts, [], HOUR);
    const one = await shownBy(sourceOf(facts), facts, [{ after: START, at: START + 24 * HOUR }], HOUR);

    expect(none).toEqual([]);
    expect(one).toEqual([["2025-03-29T00:00:00.000Z", "2025-03-28T23:00:00.000Z"]]);
  });

  it("shows at a step what was captured at that very millisecond, which is its slot, too", async () => {
    const records = [0, 1, 2].map((hour) => {
      const slot = START + hour * HOUR;
      return { status: "complete", trigger: "schedule", slot, capturedAt: slot, holdings: new Map() } as const;
    });
    const facts: Facts = {
      accounts: [{ accountId: "account_1", records, expected: [] }],
      schedules: [],
      from: START,
      to: START + 2 * HOUR,
    };
    const steps = evenSteps(START, facts.to, HOUR);

    const shown = await shownBy(sourceOf(facts), facts, steps, HOUR);

    expect(shown).toEqual(steps.map(({ at }) => [instant(at), instant(at)]));
  });

  it("shows a snapshot that was captured a minute before its slot at the step of its capture", async () => {
    const [first, second] = ["09:00:00", "10:00:00"].map((time) => Date.parse(`2025-03-28T${time}Z`)) as [
      number,
      number,
    ];
    const taken = (slot: number, capturedAt: number) =>
      ({ status: "complete", trigger: "schedule", slot, capturedAt, holdings: new Map() }) as const;
    const records = [taken(first, first + 1000), taken(second, second - 60_000)];
    const facts: Facts = {
      accounts: [{ accountId: "account_1", records, expected: [] }],
      schedules: [],
      from: first,
      to: second,
    };
    const steps = evenSteps(first + 1000, second + HOUR, HOUR - 61_000);

    const shown = await shownBy(sourceOf(facts), facts, steps, HOUR);

    expect(shown).toEqual(naively(facts, steps));
  });

  it("starts no more looks than a few ahead of whoever reads, and none after they stop", async () => {
    const facts = makeFacts({ seed: 1, from: START, hours: 400, assets: [2], kind: "typical" });
    let looks = 0;
    const source: HistorySource = {
      ...sourceOf(facts),
      recordsBack: (accountId, to) => {
        looks++;
        return sourceOf(facts).recordsBack(accountId, to);
      },
    };
    const steps = evenSteps(START, facts.to, 6 * HOUR);
    let seen = 0;

    for await (const _ of series(source, facts.accounts[0]?.accountId ?? "", steps, HOUR)) {
      seen++;
      expect(looks - seen).toBeLessThanOrEqual(16);
      if (seen === 5) break;
    }
    const atBreak = looks;
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(looks).toBe(atBreak);
    expect(looks).toBeLessThan(steps.length / 2);
  });
});
