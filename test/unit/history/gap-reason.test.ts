import type { HistorySource, ScheduleVersion, SlotRange } from "../../../core/domain/history-source.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { scheduledSlots } from "../../../core/history/scheduled-slots.ts";
import { sourceOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, snapshotWith } from "../domain/snapshots.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-11-23T00:00:00.000Z");
const nth = (hour: number) => slotAt(START + hour * HOUR);
const HOURLY: ScheduleVersion = {
  ...{ expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: HOUR },
  since: nth(0),
};

/** Returns a line per slot of six hours without any record, given what the hash chain contains. */
async function linesOf(
  chained: ReadonlyMap<string, string | undefined>,
  now: string,
  records?: HistorySource["records"],
): Promise<string[]> {
  const source: HistorySource = {
    ...sourceOf({ accounts: [], schedules: [], from: START, to: START }),
    chainedSlots: async () => chained,
    ...(records && { records }),
  };
  const range = { from: START, to: START + 5 * HOUR, now: Date.parse(now) };
  const lines: string[] = [];
  for await (const slot of scheduledSlots(source, ACCOUNT, [HOURLY], nth(0), range, [])) {
    lines.push(slot.complete ? "complete" : slot.reason.code);
  }
  return lines;
}

describe("the reason of a slot without a record", () => {
  it("is that the job did not run, if the hash chain has no snapshot of it", async () => {
    expect(await linesOf(new Map(), nth(6))).toEqual(Array.from({ length: 6 }, () => "not_run"));
  });

  it("may have expired, if the next snapshot in the chain has", async () => {
    expect(await linesOf(new Map([[nth(9), nth(100)]]), nth(150))).toEqual(
      Array.from({ length: 6 }, () => "record_expired"),
    );
  });

  it("is none if a retry has stored the snapshot meanwhile", async () => {
    const chained = new Map([[nth(2), undefined]]);
    const stored = async function* (_: string, { from, to }: SlotRange) {
      const snapshot = snapshotWith({}, { slot: nth(2) });
      if (from === to) yield { status: "complete", slot: nth(2), snapshot } as const;
    };

    const codes = ["not_run", "not_run", "complete", "not_run", "not_run", "not_run"];
    expect(await linesOf(chained, nth(6), stored)).toEqual(codes);
  });

  it("distinguishes a snapshot that has expired, a record that may have expired, and a snapshot that was removed", async () => {
    const chained = new Map([
      [nth(0), nth(100)],
      [nth(2), nth(102)],
      [nth(3), nth(200)],
    ]);

    expect(await linesOf(chained, nth(150))).toEqual([
      "complete",
      "record_expired",
      "complete",
      "snapshot_removed",
      "not_run",
      "not_run",
    ]);
  });
});
