import fc from "fast-check";
import { StoreError } from "../../../core/domain/errors.ts";
import { schedulePeriodSeconds, twoPeriodsSeconds } from "../../../core/schedule/schedule-period.ts";
import { longestPeriod, slotRule } from "../../../core/schedule/slot-rule.ts";
import { anyCron } from "../../fuzz/schedules.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { localTextOf } from "../../support/history-naive.ts";
import { describe, expect, it } from "../../support/jest.ts";

const MINUTE_MS = 60_000;
const HOUR = 3_600;
const DAY = 24 * HOUR;
const ms = (text: string) => Date.parse(text);

describe("schedulePeriodSeconds", () => {
  it.each([
    ["cron(* * * * ? *)", "UTC", 60],
    ["cron(0 0 * * ? *)", "UTC", DAY],
    ["cron(0 18 L * ? *)", "UTC", 28 * DAY],
    ["cron(0 18 ? * 6L *)", "UTC", 28 * DAY],
    ["cron(0 18 1 1 ? 2026)", "UTC", Number.POSITIVE_INFINITY],
    // The day on which the clocks are set forward.
    ["cron(0 8 * * ? *)", "Europe/Berlin", 23 * HOUR],
    ["cron(0 * * * ? *)", "Europe/Berlin", HOUR],
  ])("of %s in %s is %d", (expression, timezone, seconds) => {
    expect(schedulePeriodSeconds(expression, timezone)).toBe(seconds);
  });

  it.each([
    ["hourly", "not cron("],
    ["", "not cron("],
    ["cron(0 0 1-15W * ? *)", 'day of month "1-15W"'],
    ["at(2026-11-23T10:00:00)", "one-time"],
    ["cron(0 * * * *)", "six fields"],
    ["cron(0 * * * * *)", "exactly one"],
    ["cron(60 * * * ? *)", 'minutes "60"'],
    ["cron(0, * * * ? *)", 'minutes ""'],
    ["cron(0 22-2 * * ? *)", 'hours "22-2"'],
    ["cron(0 0 32 * ? *)", 'day of month "32"'],
    ["cron(0 0 ? * MON#6 *)", 'day of week "MON#6"'],
    ["cron(0 0 ? * 2#1,6#3 *)", 'day of week "2#1" is not valid; L, W and # cannot be in a list'],
    ["cron(0 0 L,15 * ? *)", 'day of month "L" is not valid; L, W and # cannot be in a list'],
    ["cron(0 0 30 2 ? *)", "no day matches"],
    ["cron(0 0 1 1 ? 2023)", "no day matches"],
  ])("rejects %s", (expression, why) => {
    expect(() => schedulePeriodSeconds(expression, "UTC")).toThrow(why);
  });

  it.each([
    ["rate(1 minute)", "use cron(* * * * ? *)"],
    ["rate(1 hour)", "use cron(0 * * * ? *)"],
    ["rate(1 day)", "use cron(0 0 * * ? *)"],
    ["rate(7 days)", "use cron(0 0 ? * MON *)"],
    ["rate(7 minutes)", "the nearest is cron(0/6 * * * ? *)"],
    ["rate(90 minutes)", "the nearest is cron(0 * * * ? *)"],
    ["rate(30 days)", "the nearest is cron(0 0 1 * ? *)"],
    ["rate(1 week)", "use a cron expression, such as cron(0 * * * ? *)"],
    [" Rate( 1 Hour ) ", "use cron(0 * * * ? *)"],
  ])("suggests what to use instead of %s", (expression, suggestion) => {
    const suggested = /cron\(.*\)/.exec(suggestion)?.[0] ?? "";

    expect(() => schedulePeriodSeconds(expression, "UTC")).toThrow(suggestion);
    expect(schedulePeriodSeconds(suggested, "UTC")).toBeGreaterThan(0);
  });
});

describe("twoPeriodsSeconds", () => {
  it.each([
    ["cron(0 * * * ? *)", "UTC", 2 * HOUR],
    // 2:00 occurs twice in autumn, but has one slot.
    ["cron(0 * * * ? *)", "Europe/Berlin", 3 * HOUR],
    // 2:30 does not exist on one day in spring.
    ["cron(30 2 * * ? *)", "Europe/Berlin", 3 * DAY - HOUR],
    // 0:50, 1:00, 1:50: the two gaps are 10 and 50 minutes, in either order.
    ["cron(0,50 * * * ? *)", "UTC", HOUR],
    // Friday, Monday, Tuesday.
    ["cron(0 18 ? * MON-FRI *)", "UTC", 4 * DAY],
    // Friday 18:00, Monday 8:00 and 10:00 are further apart than Friday 16:00, 18:00 and Monday 8:00.
    ["cron(0 8-18/2 ? * MON-FRI *)", "UTC", 2 * DAY + 16 * HOUR],
    // Monday, Friday, Saturday: a range that wraps around the week.
    ["cron(0 18 ? * FRI-MON *)", "UTC", 5 * DAY],
    // July and August are 62 days long.
    ["cron(0 18 1 * ? *)", "UTC", 62 * DAY],
    ["cron(0 18 1 1 ? 2026)", "UTC", Number.POSITIVE_INFINITY],
  ])("of %s in %s is %d", (expression, timezone, seconds) => {
    expect(twoPeriodsSeconds(expression, timezone)).toBe(seconds);
  });
});

it.each([
  ["cron(30 0,2 * * ? *)", "America/New_York"],
  ["cron(15,45 1-3 ? * SUN,WED *)", "Australia/Lord_Howe"],
  ["cron(30 0 ? * 6L *)", "Africa/Cairo"],
  ["cron(0 0 15W MAR-NOV ? *)", "Europe/Berlin"],
])("the periods of %s in %s are those of its slots", (expression, timezone) => {
  const slots = [...slotRule({ expression, timezone }).between(ms("2024-01-02T00:00Z"), ms("2050-01-01T00:00Z"))];
  const distances = (n: number) => slots.slice(n).map((slot, at) => (slot - (slots[at] ?? 0)) / 1000);

  expect(schedulePeriodSeconds(expression, timezone)).toBe(Math.min(...distances(1)));
  expect(twoPeriodsSeconds(expression, timezone)).toBe(distances(2).reduce((a, b) => Math.max(a, b)));
});

/** Moments at which clocks are set forward or back, by half an hour, an hour or a day; and a time zone without any. */
const CLOCK_CHANGES = [
  ["Europe/Berlin", "2026-03-29T01:00Z"],
  ["Europe/Berlin", "2026-10-25T01:00Z"],
  ["America/New_York", "2027-03-14T07:00Z"],
  ["America/New_York", "2026-11-01T06:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T15:00Z"],
  ["Australia/Lord_Howe", "2026-10-03T15:30Z"],
  // At midnight.
  ["Africa/Cairo", "2026-04-23T22:00Z"],
  ["Africa/Cairo", "2026-10-29T21:00Z"],
  ["Pacific/Apia", "2011-12-30T10:00Z"],
  ["Asia/Kathmandu", "2028-02-29T18:00Z"],
] as const;

/** Returns the local time of every minute of four days, written as if the time zone were UTC, the first time it occurs. */
function localMinutes(timezone: string, middle: number): { instant: number; local: Date }[] {
  const seen = new Set<string>();
  return Array.from({ length: 4 * 1_440 }, (_, n) => middle + (n - 2 * 1_440) * MINUTE_MS).flatMap((instant) => {
    const text = localTextOf(instant, timezone);
    if (seen.has(text)) return [];
    seen.add(text);
    return { instant, local: new Date(`${text}Z`) };
  });
}

describe("slotRule", () => {
  const windows = CLOCK_CHANGES.map(([timezone, at]) => ({ timezone, minutes: localMinutes(timezone, ms(at)) }));

  it("has the slots of an enumeration of all minutes, of any cron expression, also when the clocks change", () => {
    let count = 0;
    fc.assert(
      fc.property(anyCron, fc.constantFrom(...windows), ({ text, matches }, { timezone, minutes }) => {
        const [from, to] = [minutes[0]?.instant ?? 0, minutes.at(-1)?.instant ?? 0];
        const expected = minutes.filter(({ local }) => matches(local)).map(({ instant }) => instant);

        const rule = slotRule({ expression: text, timezone });
        const slots = [...rule.between(from - 1, to + 1)];
        const backwards: number[] = [];
        for (const slot of rule.upTo(to)) {
          if (slot < from) break;
          backwards.push(slot);
        }

        expect(slots).toEqual(expected);
        expect(backwards.reverse()).toEqual(expected);
        count += slots.length;
      }),
      { numRuns: EXHAUSTIVE ? 2_000 : 60 },
    );
    expect(count).toBeGreaterThan(100);
  });

  const NOW = ms("2025-03-28T10:20:00.000Z");

  it("returns the period at any time, also when the clocks change", () => {
    const hourly = "cron(0 * * * ? *)";
    for (const { timezone, minutes } of windows.slice(0, 2)) {
      const slots = minutes.filter(({ local }) => local.getUTCMinutes() === 0).map(({ instant }) => instant);
      const rule = slotRule({ expression: hourly, timezone });
      for (const [at, slot] of slots.slice(1, -1).entries()) {
        const [last = 0, next = 0] = [slots[at], slots[at + 2]];

        expect([timezone, slot, rule.periodMs(slot)]).toEqual([timezone, slot, next - slot]);
        expect(rule.ageOfPenultimateSlotMs(next - 1)).toBe(next - 1 - last);
      }
    }
  });

  it("yields only slots strictly between the two times", () => {
    const rule = slotRule({ expression: "cron(0,30 * * * ? *)", timezone: "UTC" });

    const slots = [...rule.between(ms("2025-03-28T10:00:00Z"), ms("2025-03-28T12:00:00Z"))];

    expect(slots).toEqual(["10:30", "11:00", "11:30"].map((time) => ms(`2025-03-28T${time}:00Z`)));
  });

  it.each([
    ["cron(0/30 * * * ? *)", 1_800_000],
    ["cron(0 8 * * ? *)", 86_400_000],
    // The last two slots, and the first two, of a schedule that has ended, or has not begun.
    ["cron(0 0/6 * * ? 2024)", 21_600_000],
    ["cron(0 0 1 1 ? 2024)", 0],
  ])("returns the period of %s", (expression, periodMs) => {
    expect(slotRule({ expression, timezone: "UTC" }).periodMs(NOW)).toBe(periodMs);
  });

  it.each(["hourly", "rate(1 hour)", "cron(0 * * * *)"])(
    "reports the stored text of %p, why it is not valid, and what to do",
    (expression) => {
      let thrown: unknown;
      try {
        slotRule({ expression, timezone: "UTC" });
      } catch (error) {
        thrown = error;
      }

      expect(thrown).toBeInstanceOf(StoreError);
      expect(thrown).toMatchObject({
        code: "schedule_invalid",
        message: expect.stringContaining(`"${expression}" is not valid, so its slots are unknown: `),
        suggestedFix: expect.stringMatching(/--schedule and --timezone/),
      });
    },
  );
});

describe("longestPeriod", () => {
  const [hour, day] = [HOUR * 1000, DAY * 1000];
  const version = (expression: string, since: string) => ({
    expression,
    timezone: "UTC",
    latenessLimitMs: HOUR * 1000,
    since: `${since}T00:00:00.000Z`,
  });
  const schedules = [
    version("cron(0 0/6 * * ? *)", "2025-01-01"),
    version("cron(0 0 * * ? *)", "2025-02-01"),
    version("cron(0 * * * ? *)", "2025-03-01"),
  ];
  const at = (text: string) => Date.parse(`${text}:00.000Z`);

  it.each([
    ["before the first schedule", "2024-12-01T00:00", "2024-12-02T00:00", 6 * hour],
    ["in the second schedule", "2025-02-10T00:00", "2025-02-11T00:00", day],
    ["in which the second schedule's last slot can still be captured", "2025-03-02T00:00", "2025-03-02T00:00", day],
    ["that spans all schedules", "2025-01-10T00:00", "2025-04-01T00:00", day],
  ])("in a range %s, is the longest period that affects it", (_, from, to, expected) => {
    const period = longestPeriod(schedules, { from: at(from), to: at(to) });

    expect(period).toBe(expected);
  });
});
