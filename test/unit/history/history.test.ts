import type { SlotRange } from "../../../core/domain/history-source.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { asOf } from "../../../core/history/as-of.ts";
import { History } from "../../../core/history/history.ts";
import {
  type Facts,
  type FailedRunFact,
  HOUR,
  MINUTE,
  makeFacts,
  type RecordFact,
  type ScheduleFact,
} from "../../support/history-facts.ts";
import { countingReads, sourceOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT } from "../domain/snapshots.ts";

const START = Date.parse("2025-03-28T00:00:00.000Z");
const at = (time: string) => Date.parse(`2025-03-28T${time}Z`);

function takenAt(slot: number, at: number, trigger: "schedule" | "manual" = "schedule"): RecordFact {
  return { status: "complete", trigger, slot, capturedAt: at, completedAt: at, holdings: new Map() };
}

const taken = (slot: string, captured: string, trigger?: "manual") => takenAt(at(slot), at(captured), trigger);

function failedAt(slot: number, trigger: "schedule" | "manual" = "schedule"): RecordFact {
  return { status: "failed", trigger, slot, code: "api_unavailable", message: "503", attempts: 1, lastTriedAt: slot };
}

const failed = (slot: string, trigger?: "manual") => failedAt(at(slot), trigger);

function factsOf(records: readonly RecordFact[]): Facts {
  const sorted = [...records].sort((a, b) => a.slot - b.slot);
  return { accounts: [{ accountId: ACCOUNT, records: sorted, expected: [] }], schedules: [], from: START, to: START };
}

const windowOf = (latenessLimitMs: number) => () => ({ beforeMs: MINUTE, afterMs: latenessLimitMs + 15 * MINUTE });

// test/unit/history/completion.test.ts compares it with brute force.
describe("asOf", () => {
  it("reads only one period of a history with a manual run every minute", async () => {
    const records = Array.from({ length: 60 }, (_, minute) => {
      const time = `10:${String(minute).padStart(2, "0")}`;
      return taken(`${time}:00`, `${time}:01`, "manual");
    });
    const { source, reads } = countingReads(sourceOf(factsOf(records)));

    await asOf(source, ACCOUNT, at("11:00:00"), windowOf(5 * MINUTE));

    expect(reads()).toBeLessThanOrEqual(22);
  });
});

const HOURLY = { expression: "cron(0 * * * ? *)", timezone: "UTC", since: START };
const DAILY = { expression: "cron(0 0 * * ? *)", timezone: "UTC", latenessLimitMs: 24 * HOUR, since: START };
const nth = (n: number) => START + n * HOUR;

/** Opens the history of hourly slots, the last one at 10:00. */
function historyOf(
  schedules: readonly ScheduleFact[],
  now: number,
  more: readonly RecordFact[] = [],
  failedRuns: readonly FailedRunFact[] = [],
) {
  const records = Array.from({ length: 11 }, (_, hour) => takenAt(nth(hour), nth(hour)));
  const facts = factsOf([...records, ...more]);
  const accounts = facts.accounts.map((account) => ({ ...account, failedRuns }));
  return History.load(sourceOf({ ...facts, accounts, schedules }), now);
}

describe("History", () => {
  const late = takenAt(nth(3) + MINUTE, nth(11));

  it.each([
    ["a daily schedule finds a capture that is 8 hours late", [DAILY], slotAt(late.slot)],
    ["an hourly schedule does not search that far", [HOURLY], slotAt(nth(10))],
    [
      "a schedule that was replaced after the late slot counts",
      [DAILY, { ...HOURLY, since: nth(4) }],
      slotAt(late.slot),
    ],
    ["a schedule that was replaced days before does not", [DAILY, { ...HOURLY, since: nth(-40) }], slotAt(nth(10))],
  ])("latest: %s", async (_, schedules, expected) => {
    const history = await historyOf(schedules, nth(60), [late]);

    expect((await history.latest(ACCOUNT))?.slot).toBe(expected);
  });

  it("gaps leaves out a slot whose run may be in progress", async () => {
    const gapsAt = async (now: number) => {
      const gaps: string[] = [];
      const history = await historyOf([HOURLY], now);
      for await (const { slot } of history.gaps(ACCOUNT, { from: START, to: now })) gaps.push(slot);
      return gaps;
    };

    expect(await gapsAt(nth(11) + 15 * MINUTE - 1)).toEqual([]);
    expect(await gapsAt(nth(11) + 15 * MINUTE)).toEqual([slotAt(nth(11))]);
  });

  it("gaps waits as long as a run of several invocations may take", async () => {
    const maxRunMs = 75 * MINUTE;
    const isGapAt = async (now: number) => {
      const history = await historyOf([{ ...HOURLY, maxRunMs }], now);
      for await (const { slot } of history.gaps(ACCOUNT, { from: START, to: now })) return slot;
      return undefined;
    };

    expect(await isGapAt(nth(11) + maxRunMs - 1)).toBeUndefined();
    expect(await isGapAt(nth(11) + maxRunMs)).toBe(slotAt(nth(11)));
  });

  it("gaps shows a recorded failure at once, but no failed manual run", async () => {
    const history = await historyOf([HOURLY], nth(11), [failedAt(nth(11)), failedAt(nth(10) + 1, "manual")]);

    const [gaps, all] = [[], []] as [string[], string[]];
    for await (const { slot } of history.gaps(ACCOUNT, { from: START, to: nth(11) })) gaps.push(slot);
    for await (const { slot, complete } of history.scheduledSlots(ACCOUNT, { from: nth(10), to: nth(11) })) {
      if (!complete) all.push(slot);
    }

    expect(gaps).toEqual([slotAt(nth(11))]);
    expect(all).toEqual([slotAt(nth(10) + 1), slotAt(nth(11))]);
  });

  const failedRun = (hour: number, scope: FailedRunFact["scope"] = "all"): FailedRunFact => ({
    ...{ slot: nth(hour), trigger: "schedule", scope, failedAt: nth(hour) },
    ...{ code: `run_${hour}`, message: "The run failed." },
  });

  it.each([
    [
      "the account's own failed attempt, also for the slot of a failed run",
      [failed("11:00:00")],
      [10, 11],
      "api_unavailable",
    ],
    ["the failed run of the newest slot", [failed("11:00:00")], [12, 13], "run_13"],
    ["a failed run after the last complete snapshot", [], [11], "run_11"],
    ["nothing if the newest slot has a complete snapshot", [], [10], undefined],
  ])("lastFailure returns %s", async (_, more, runs, expected) => {
    const history = await historyOf(
      [HOURLY],
      nth(60),
      more,
      runs.map((hour) => failedRun(hour)),
    );

    expect((await history.lastFailure(ACCOUNT))?.code).toBe(expected);
  });

  it("lastFailure ignores a failed run of other accounts", async () => {
    const runs = [failedRun(11, [ACCOUNT, "account_2"]), failedRun(12, ["account_2"])];
    const history = await historyOf([HOURLY], nth(60), [], runs);

    expect((await history.lastFailure(ACCOUNT))?.code).toBe("run_11");
  });

  it("gaps reads the failed runs of a range once for all accounts", async () => {
    const { accounts, schedules, from, to } = makeFacts({ seed: 3, from: START, hours: 60, assets: [2, 2, 2] });
    const source = sourceOf({ accounts, schedules, from, to });
    const ranges: object[] = [];
    const failedRuns = (range: SlotRange) => {
      ranges.push(range);
      return source.failedRuns(range);
    };
    const history = await History.load({ ...source, failedRuns }, to);

    const codes = new Set<string | undefined>();
    for (const { accountId } of accounts) {
      for await (const { reason } of history.gaps(accountId, { from, to })) codes.add(reason.code);
    }

    expect(codes).toContain("key_not_json");
    expect(ranges).toEqual([{ from, to }]);
  });

  it("ageOfPenultimateSlotMs follows the schedule in force, and is infinite without one", async () => {
    const history = await historyOf([HOURLY, { ...DAILY, since: nth(5) }], nth(60));
    const manual = await historyOf([], nth(60));

    expect([START - HOUR, nth(4), nth(6)].map((at) => history.ageOfPenultimateSlotMs(ACCOUNT, at) / HOUR)).toEqual([
      1, 1, 30,
    ]);
    expect(manual.ageOfPenultimateSlotMs(ACCOUNT, nth(6))).toBe(Number.POSITIVE_INFINITY);
  });

  it("intervalMs is the schedule's period, or the median between manual runs", async () => {
    const range = { from: START, to: nth(60) };
    const [scheduled, manual] = [await historyOf([DAILY], nth(60)), await historyOf([], nth(60))];

    expect(await scheduled.intervalMs([ACCOUNT], range)).toBe(24 * HOUR);
    expect(await manual.intervalMs([ACCOUNT], range)).toBe(HOUR);
  });

  it("firstSlot throws for an unknown account", async () => {
    const history = await historyOf([HOURLY], nth(60));

    expect(history.firstSlot(ACCOUNT)).toBe(slotAt(START));
    expect(() => history.firstSlot("account_2")).toThrow("unknown account account_2");
  });
});
