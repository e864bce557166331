import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { asOf } from "../../../core/history/as-of.ts";
import { type Facts, HOUR, MINUTE, makeFacts, manualOnly, type RecordFact } from "../../support/history-facts.ts";
import { asOfFacts, completeOf, instant } from "../../support/history-naive.ts";
import { countingReads, sourceOf } from "../../support/history-table.ts";
import { ACCOUNT } from "../domain/snapshots.ts";

const START = Date.parse("2025-03-28T00:00:00.000Z");
const at = (time: string) => Date.parse(`2025-03-28T${time}Z`);

function taken(slot: string, captured: string, trigger: "schedule" | "manual" = "schedule"): RecordFact {
  return { status: "complete", trigger, slot: at(slot), capturedAt: at(captured), holdings: new Map() };
}

function failed(slot: string, trigger: "schedule" | "manual" = "schedule"): RecordFact {
  const attempt = { code: "api_unavailable", message: "503", attempts: 1, lastTriedAt: at(slot) };
  return { status: "failed", trigger, slot: at(slot), ...attempt };
}

function factsOf(records: readonly RecordFact[]): Facts {
  const sorted = [...records].sort((a, b) => a.slot - b.slot);
  return { accounts: [{ accountId: ACCOUNT, records: sorted, expected: [] }], schedules: [], from: START, to: START };
}

/** Returns the time of the capture that answers for a moment. */
async function capturedAsOf(records: readonly RecordFact[], moment: string): Promise<string | undefined> {
  const snapshot = await asOf(sourceOf(factsOf(records)), ACCOUNT, at(moment), HOUR);
  return snapshot?.capturedAt.slice(11, 19);
}

/** Returns each moment at which the answer can change, and its neighbours. */
function momentsOf(records: readonly RecordFact[]): number[] {
  const changes = [...completeOf(records).map(({ capturedAt }) => capturedAt), ...records.map(({ slot }) => slot)];
  return changes.flatMap((change) => [change - 1, change, change + 1]);
}

describe("asOf", () => {
  it.each([
    { name: "an hourly schedule", periodMs: HOUR, only: (facts: Facts) => facts },
    { name: "manual runs and a schedule", periodMs: HOUR, only: manualOnly },
    { name: "manual runs without a schedule", periodMs: 0, only: manualOnly },
  ])("returns the last capture at any moment of any history of $name", async ({ periodMs, only }) => {
    const histories = fc.record({
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      incidentRate: fc.constantFrom(1, 3, 8),
    });
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const facts = only(makeFacts({ ...history, from: START, hours: 72, assets: [2] }));
        const { accountId, records } = facts.accounts[0] as Facts["accounts"][0];
        const source = sourceOf(facts);
        for (const moment of momentsOf(records)) {
          const snapshot = await asOf(source, accountId, moment, periodMs);

          const expected = asOfFacts(records, moment);
          expect([moment, snapshot?.slot]).toEqual([moment, expected && instant(expected.slot)]);
        }
      }),
      { numRuns: 5 },
    );
  });

  const hourly = [taken("09:00:00", "09:00:02"), taken("10:00:00", "10:00:02")];
  const lateAfterManual = [
    taken("09:00:00", "09:00:02"),
    taken("10:00:00", "10:50:00"),
    taken("10:20:00", "10:20:01", "manual"),
    taken("11:00:00", "11:00:02"),
  ];
  const lateBehindOthers = [
    taken("10:00:00", "10:59:00"),
    taken("10:10:00", "10:10:01", "manual"),
    failed("10:30:00", "manual"),
    taken("10:40:00", "10:40:01", "manual"),
    failed("11:00:00"),
  ];
  // rate(1 hour) was redeployed at 10:05 and counts from then. The retry of 09:30 succeeded at 10:10.
  const lateBeforeRedeployment = [taken("09:30:00", "10:10:00"), taken("10:05:00", "10:05:01")];
  const manyFailures = Array.from({ length: 59 }, (_, minute) => failed(`11:${String(minute).padStart(2, "0")}:30`));
  const slowManualRun = [taken("10:50:00", "11:04:59", "manual"), taken("11:00:00", "11:00:01")];

  it.each([
    ["the snapshot, exactly at its capture", hourly, "10:00:02.000", "10:00:02"],
    ["the previous snapshot, at a slot that was captured later", hourly, "10:00:00.000", "09:00:02"],
    ["nothing, if every attempt failed", [failed("09:00:00"), failed("10:00:00")], "11:00:00", undefined],
    ["the manual run, before the capture of an earlier slot", lateAfterManual, "10:49:59.999", "10:20:01"],
    ["the late slot, from its capture on", lateAfterManual, "10:50:00.000", "10:50:00"],
    ["a late slot behind manual runs and failures", lateBehindOthers, "11:30:00", "10:59:00"],
    ["a manual run that ended after the next slot", slowManualRun, "11:30:00", "11:04:59"],
    ["the last snapshot behind any number of failures", [...hourly, ...manyFailures], "12:00:00", "10:00:02"],
    ["a late slot from before a redeployment", lateBeforeRedeployment, "10:20:00", "10:10:00"],
    ["a snapshot captured before its slot", [taken("10:00:00", "09:59:30")], "09:59:45", "09:59:30"],
  ])("returns %s", async (_, records, moment, expected) => {
    expect(await capturedAsOf(records, moment)).toBe(expected);
  });

  it("reads only one period of a history with a manual run every minute", async () => {
    const records = Array.from({ length: 60 }, (_, minute) => {
      const time = `10:${String(minute).padStart(2, "0")}`;
      return taken(`${time}:00`, `${time}:01`, "manual");
    });
    const { source, reads } = countingReads(sourceOf(factsOf(records)));

    await asOf(source, ACCOUNT, at("11:00:00"), 20 * MINUTE);

    expect(reads()).toBeLessThanOrEqual(22);
  });
});
