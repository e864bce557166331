import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { HistorySource } from "../../../core/domain/history.ts";
import { asOf } from "../../../core/history/as-of.ts";
import { type Facts, HOUR, MINUTE, makeFacts, type RecordFact } from "../../support/history-facts.ts";
import { asOfFacts, completeOf, instant } from "../../support/history-naive.ts";
import { sourceOf } from "../../support/history-table.ts";
import { ACCOUNT } from "../domain/snapshots.ts";

const START = Date.parse("2025-03-28T00:00:00.000Z");
const at = (time: string) => Date.parse(`2025-03-28T${time}Z`);

/** Three days of an account with two assets. */
const threeDays = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), trouble: fc.constantFrom(1, 3, 8) });
const daysOf = (history: { seed: number; trouble: number }) =>
  makeFacts({ ...history, from: START, hours: 72, assets: [2] });

function taken(slot: string, captured: string, trigger: "schedule" | "manual" = "schedule"): RecordFact {
  return { status: "complete", trigger, slot: at(slot), capturedAt: at(captured), holdings: new Map() };
}

function failed(slot: string, trigger: "schedule" | "manual" = "schedule"): RecordFact {
  const told = { code: "api_unavailable", message: "503", attempts: 1 };
  return { status: "failed", trigger, slot: at(slot), ...told, lastTriedAt: at(slot) };
}

function factsOf(records: readonly RecordFact[]): Facts {
  const sorted = [...records].sort((a, b) => a.slot - b.slot);
  return { accounts: [{ accountId: ACCOUNT, records: sorted, expected: [] }], schedules: [], from: START, to: START };
}

/** The capture that answers for a moment. */
async function captured(records: readonly RecordFact[], moment: string, periodMs = HOUR): Promise<string | undefined> {
  const snapshot = await asOf(sourceOf(factsOf(records)), ACCOUNT, at(moment), periodMs);
  return snapshot?.capturedAt.slice(11, 19);
}

/** Each moment at which the answer may turn, and those a millisecond beside it. */
function momentsOf({ accounts }: Facts): number[] {
  const records = accounts[0]?.records ?? [];
  const turns = [...completeOf(records).map(({ capturedAt }) => capturedAt), ...records.map(({ slot }) => slot)];
  return turns.flatMap((turn) => [turn - 1, turn, turn + 1, turn + 17 * MINUTE]);
}

async function expectNaiveAnswers(facts: Facts, periodMs: number): Promise<void> {
  const [account] = facts.accounts;
  const source = sourceOf(facts);
  for (const moment of momentsOf(facts)) {
    const snapshot = await asOf(source, account?.accountId ?? "", moment, periodMs);
    const expected = asOfFacts(account?.records ?? [], moment);
    expect([instant(moment), snapshot?.slot, snapshot?.capturedAt]).toEqual([
      instant(moment),
      expected && instant(expected.slot),
      expected && instant(expected.capturedAt),
    ]);
  }
}

describe("asOf", () => {
  it("is the snapshot that was captured last, at any moment of any history", async () => {
    await fc.assert(
      fc.asyncProperty(threeDays, (history) => expectNaiveAnswers(daysOf(history), HOUR)),
      { numRuns: 15 },
    );
  });

  it("is so, too, where the period that the schedule once had was longer", async () => {
    await fc.assert(
      fc.asyncProperty(threeDays, (history) => expectNaiveAnswers(daysOf(history), 24 * HOUR)),
      { numRuns: 6 },
    );
  });

  it.each([0, HOUR])("is so, too, of an account of which all runs were by hand (period %d)", async (periodMs) => {
    const byHand = (facts: Facts): Facts => ({
      ...facts,
      accounts: facts.accounts.map((account) => ({
        ...account,
        records: account.records.filter(({ trigger }) => trigger === "manual"),
      })),
    });

    await fc.assert(
      fc.asyncProperty(threeDays, (history) => expectNaiveAnswers(byHand(daysOf(history)), periodMs)),
      { numRuns: 25 },
    );
  });

  const hourly = [taken("09:00:00", "09:00:02"), taken("10:00:00", "10:00:02")];

  it.each([
    ["exactly at a capture", "10:00:02.000", "10:00:02"],
    ["a millisecond before it", "10:00:01.999", "09:00:02"],
    ["a millisecond after it", "10:00:02.001", "10:00:02"],
    ["at the slot, which is before its capture", "10:00:00.000", "09:00:02"],
    ["in a gap, long after", "23:59:59.999", "10:00:02"],
    ["a millisecond before the first capture", "09:00:01.999", undefined],
    ["before the first slot", "08:00:00.000", undefined],
  ])("%s", async (_, moment, expected) => {
    const found = await captured(hourly, moment);

    expect(found).toBe(expected);
  });

  it.each([
    ["before the late capture: the run by hand", "10:49:59.999", "10:20:01"],
    ["from the late capture on: the late one, though its slot is the earlier one", "10:50:00.000", "10:50:00"],
    ["from the next slot's capture on", "11:00:02.000", "11:00:02"],
  ])("with a slot that was captured late, after a run by hand, %s", async (_, moment, expected) => {
    const records = [
      ...hourly.slice(0, 1),
      taken("10:00:00", "10:50:00"),
      taken("10:20:00", "10:20:01", "manual"),
      taken("11:00:00", "11:00:02"),
    ];

    const found = await captured(records, moment);

    expect(found).toBe(expected);
  });

  it("looks past runs by hand and failures after it for a slot that was captured late", async () => {
    const records = [
      taken("10:00:00", "10:59:00"),
      taken("10:10:00", "10:10:01", "manual"),
      taken("10:20:00", "10:20:01", "manual"),
      failed("10:30:00", "manual"),
      taken("10:40:00", "10:40:01", "manual"),
      failed("11:00:00"),
    ];

    const found = await captured(records, "11:30:00");

    expect(found).toBe("10:59:00");
  });

  it("looks past a scheduled slot for a run by hand that was still going on when the slot came", async () => {
    const records = [taken("10:50:00", "11:04:59", "manual"), taken("11:00:00", "11:00:01")];

    const found = await captured(records, "11:30:00");

    expect(found).toBe("11:04:59");
  });

  it("looks past any number of failures", async () => {
    const failures = Array.from({ length: 59 }, (_, minute) => failed(`11:${String(minute).padStart(2, "0")}:30`));

    const found = await captured([...hourly, ...failures], "12:00:00");

    expect(found).toBe("10:00:02");
  });

  it("does not see a failure as a snapshot", async () => {
    const found = await captured([failed("09:00:00"), failed("10:00:00")], "11:00:00");

    expect(found).toBeUndefined();
  });

  it("finds a slot of before a redeployment that was captured late, after the new schedule's first slot", async () => {
    // rate(1 hour), deployed anew at 10:05, counts from then; the retry of 09:30 came through at 10:10.
    const records = [taken("08:30:00", "08:30:01"), taken("09:30:00", "10:10:00"), taken("10:05:00", "10:05:01")];

    const found = await captured(records, "10:20:00");

    expect(found).toBe("10:10:00");
  });

  it("finds a snapshot that was captured before its slot: the job takes slots of up to a minute ahead of its clock", async () => {
    const records = [taken("09:00:00", "09:00:02"), taken("10:00:00", "09:59:30")];

    const found = await captured(records, "09:59:45");

    expect(found).toBe("09:59:30");
  });

  it("reads two records in the ordinary case, not the whole history", async () => {
    const facts = makeFacts({ seed: 1, from: START, hours: 72, assets: [2], kind: "typical" });
    const [account] = facts.accounts;
    const { source, read } = counting(sourceOf(facts));

    await asOf(source, account?.accountId ?? "", START + 50 * HOUR + 30 * MINUTE, HOUR);

    expect(read()).toBeLessThanOrEqual(2);
  });

  it("reads no further than a period where runs by hand are many", async () => {
    const records = Array.from({ length: 60 }, (_, minute) => {
      const time = `10:${String(minute).padStart(2, "0")}`;
      return taken(`${time}:00`, `${time}:01`, "manual");
    });
    const { source, read } = counting(sourceOf(factsOf(records)));

    await asOf(source, ACCOUNT, at("11:00:00"), 20 * MINUTE);

    expect(read()).toBeLessThanOrEqual(22);
  });
});

/** Counts the records that were taken from a source. */
function counting(source: HistorySource): { source: HistorySource; read: () => number } {
  let count = 0;
  return {
    source: {
      ...source,
      recordsBack: async function* (accountId, to) {
        for await (const record of source.recordsBack(accountId, to)) {
          count++;
          yield record;
        }
      },
    },
    read: () => count,
  };
}
