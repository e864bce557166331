import { describe, expect, it } from "@jest/globals";
import { slotAt } from "../../../core/domain/slot.ts";
import { History } from "../../../core/history/history.ts";
import { type Facts, HOUR, MINUTE, type RecordFact, type ScheduleFact } from "../../support/history-facts.ts";
import { sourceOf } from "../../support/history-table.ts";
import { accountWith } from "./slot-lines.ts";

const START = Date.parse("2025-03-28T00:00:00.000Z");
const HOURLY = { expression: "rate(1 hour)", timezone: "UTC", since: START };
const DAILY = { expression: "rate(1 day)", timezone: "UTC", since: START };
const nth = (n: number) => START + n * HOUR;

/** Opens the history of hourly slots, the last one at 10:00. */
function historyOf(schedules: readonly ScheduleFact[], now: number, more: readonly RecordFact[] = []) {
  const account = accountWith(Array.from({ length: 11 }, (_, hour) => nth(hour)));
  const records = [...account.records, ...more].sort((a, b) => a.slot - b.slot);
  const facts: Facts = { accounts: [{ ...account, records }], schedules, from: START, to: now };
  return History.load(sourceOf(facts), now);
}

describe("History", () => {
  const late: RecordFact = {
    ...{ status: "complete", trigger: "schedule", slot: nth(3) + MINUTE, capturedAt: nth(11), holdings: new Map() },
  };

  it.each([
    ["a daily schedule finds a capture that is 8 hours late", [DAILY], slotAt(late.slot)],
    ["an hourly schedule does not search that far", [HOURLY], slotAt(nth(10))],
    ["a schedule that is no longer in force does not count", [DAILY, { ...HOURLY, since: nth(4) }], slotAt(nth(10))],
  ])("latest: %s", async (_, schedules, expected) => {
    const history = await historyOf(schedules, nth(60), [late]);

    expect((await history.latest("account_1"))?.slot).toBe(expected);
  });

  it("gaps leaves out a slot whose run may be in progress", async () => {
    const gapsAt = async (now: number) => {
      const gaps: string[] = [];
      const history = await historyOf([HOURLY], now);
      for await (const { slot } of history.gaps("account_1", { from: START, to: now })) gaps.push(slot);
      return gaps;
    };

    expect(await gapsAt(nth(11) + 15 * MINUTE - 1)).toEqual([]);
    expect(await gapsAt(nth(11) + 15 * MINUTE)).toEqual([slotAt(nth(11))]);
  });

  it("ageOfPenultimateSlotMs follows the schedule in force, and is infinite without one", async () => {
    const history = await historyOf([HOURLY, { ...DAILY, since: nth(5) }], nth(60));
    const manual = await historyOf([], nth(60));

    expect([START - HOUR, nth(4), nth(6)].map((at) => history.ageOfPenultimateSlotMs(at) / HOUR)).toEqual([2, 2, 48]);
    expect(manual.ageOfPenultimateSlotMs(nth(6))).toBe(Number.POSITIVE_INFINITY);
  });

  it("intervalMs is the schedule's period, or the median between manual runs", async () => {
    const range = { from: START, to: nth(60) };
    const [scheduled, manual] = [await historyOf([DAILY], nth(60)), await historyOf([], nth(60))];

    expect(await scheduled.intervalMs("account_1", range)).toBe(24 * HOUR);
    expect(await manual.intervalMs("account_1", range)).toBe(HOUR);
  });

  it("firstSlot throws for an unknown account", async () => {
    const history = await historyOf([HOURLY], nth(60));

    expect(history.firstSlot("account_1")).toBe(slotAt(START));
    expect(() => history.firstSlot("account_2")).toThrow("unknown account account_2");
  });
});
