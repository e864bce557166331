import fc from "fast-check";
import { schedulePeriodSeconds, twoPeriodsSeconds } from "../../../core/schedule/schedule-period.ts";
import { longestPeriod, slotRule } from "../../../core/schedule/slot-rule.ts";
import { describe, expect, it } from "../../support/jest.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;

describe("schedulePeriodSeconds", () => {
  it.each([
    ["rate(1 minute)", 60],
    ["rate(1 hour)", HOUR],
    ["rate(1 day)", DAY],
    ["cron(* * * * ? *)", 60],
    ["cron(*/25 * * * ? *)", 600],
    ["cron(0/7 0-12/6 * * ? *)", 420],
    ["cron(0 0 * * ? *)", DAY],
    ["cron(30 8-18/2 ? * MON-FRI *)", 2 * HOUR],
    ["cron(0 18 ? * FRI-MON *)", DAY],
    ["cron(0 18 L * ? *)", DAY],
    ["cron(0 18 L-3,15W * ? *)", DAY],
    ["cron(0 18 ? JAN,jul 6L,2#1 2026-2030/2)", DAY],
    ["cron(0 18 1-7/2 */3 ? *)", DAY],
  ])("of %s is %d", (expression, seconds) => {
    expect(schedulePeriodSeconds(expression)).toBe(seconds);
  });

  it.each([
    ["rate(1 hours)", "write rate(1 hour)"],
    ["rate(2 hour)", "write rate(2 hours)"],
    ["hourly", "neither"],
    ["", "neither"],
    ["at(2026-11-23T10:00:00)", "one-time"],
    ["cron(0 * * * *)", "six fields"],
    ["cron(0 * * * * *)", "exactly one"],
    ["cron(0 * ? * ? *)", "exactly one"],
    ["cron(60 * * * ? *)", 'minutes "60"'],
    ["cron(*/0 * * * ? *)", 'minutes "*/0"'],
    ["cron(1/2/3 * * * ? *)", 'minutes "1/2/3"'],
    ["cron(0, * * * ? *)", 'minutes ""'],
    ["cron(L * * * ? *)", 'minutes "L"'],
    ["cron(0 24 * * ? *)", 'hours "24"'],
    ["cron(0 22-2 * * ? *)", 'hours "22-2"'],
    ["cron(0 0 32 * ? *)", 'day of month "32"'],
    ["cron(0 0 1 FOO ? *)", 'month "FOO"'],
    ["cron(0 0 ? * 8 *)", 'day of week "8"'],
    ["cron(0 0 ? * MON#6 *)", 'day of week "MON#6"'],
    ["cron(0 0 ? * 15W *)", 'day of week "15W"'],
    ["cron(0 0 1 * ? 1969)", 'year "1969"'],
  ])("rejects %s", (expression, why) => {
    expect(() => schedulePeriodSeconds(expression)).toThrow(why);
  });

  it("is the shortest gap in a simulation of two days", () => {
    const some = (max: number) =>
      fc.uniqueArray(fc.integer({ min: 0, max }), {
        minLength: 1,
        maxLength: 6,
      });
    fc.assert(
      fc.property(some(59), some(23), (minutes, hours) => {
        const seen = Array.from({ length: 2 * 1_440 }, (_, at) => at).filter(
          (at) => minutes.includes(at % 60) && hours.includes(Math.floor(at / 60) % 24),
        );
        const shortest = Math.min(...seen.slice(1).map((at, i) => at - (seen[i] ?? 0)));

        expect(schedulePeriodSeconds(`cron(${minutes} ${hours} * * ? *)`)).toBe(shortest * 60);
      }),
    );
  });
});

describe("twoPeriodsSeconds", () => {
  it.each([
    ["rate(1 minute)", 120],
    ["rate(7 days)", 14 * DAY],
    ["cron(0 * * * ? *)", 2 * HOUR],
    // 0:50, 1:00, 1:50: the two gaps are 10 and 50 minutes, in either order.
    ["cron(0,50 * * * ? *)", HOUR],
    ["cron(0 9,17 * * ? *)", DAY],
    // Friday, Monday, Tuesday.
    ["cron(0 18 ? * MON-FRI *)", 4 * DAY],
    // Friday 18:00, Monday 8:00 and 10:00 are further apart than Friday 16:00, 18:00 and Monday 8:00.
    ["cron(0 8-18/2 ? * MON-FRI *)", 2 * DAY + 16 * HOUR],
    // Monday, Friday, Saturday: a range that wraps around the week.
    ["cron(0 18 ? * FRI-MON *)", 5 * DAY],
    // July and August are 62 days long.
    ["cron(0 18 1 * ? *)", 62 * DAY],
    ["cron(0 18 ? JAN 2,3 *)", 343 * DAY],
    ["cron(0 18 L,15W,1-28 * ? *)", 5 * DAY],
    ["cron(0 18 L * ? *)", Number.POSITIVE_INFINITY],
    ["cron(0 18 ? * MON#1 *)", Number.POSITIVE_INFINITY],
    ["cron(0 18 1 1 ? 2026)", Number.POSITIVE_INFINITY],
  ])("of %s is at most %d", (expression, seconds) => {
    expect(twoPeriodsSeconds(expression)).toBe(seconds);
  });

  it("rejects an invalid schedule", () => {
    expect(() => twoPeriodsSeconds("hourly")).toThrow("neither");
  });
});

const NOW = Date.parse("2025-03-28T10:20:00.000Z");

describe("slotRule", () => {
  it.each([
    ["rate(1 minute)", 60_000],
    ["rate(12 hours)", 43_200_000],
    [" rate(7 days) ", 604_800_000],
    ["cron(0/30 * * * ? *)", 1_800_000],
    ["cron(0 8 * * ? *)", 86_400_000],
  ])("returns the period of %s", (expression, periodMs) => {
    const rule = slotRule({ expression, timezone: "UTC" });

    expect(rule?.periodMs(NOW)).toBe(periodMs);
  });

  it("returns a shorter period when daylight saving time begins, for a cron in a time zone", () => {
    const rule = slotRule({ expression: "cron(0 8 * * ? *)", timezone: "Europe/Zurich" });

    const period = rule?.periodMs(Date.parse("2025-03-29T12:00:00.000Z"));

    expect(period).toBe(23 * 3_600_000);
  });

  it.each([
    ...["", "hourly", "rate(0 hours)", "rate(-1 hour)", "rate(1.5 hours)", "rate(1 week)", "rate(1 hour"],
    ...["xrate(1 hour)", "at(2025-01-01T00:00:00)", "cron()", "cron(a b c d e f)", "cron(99 * * * ? *)", "0 * * * ? *"],
  ])("returns undefined for %p", (expression) => {
    expect(slotRule({ expression, timezone: "UTC" })).toBeUndefined();
  });

  it("yields only slots strictly between the two times", () => {
    const [ten, twelve] = [Date.parse("2025-03-28T10:00:00.000Z"), Date.parse("2025-03-28T12:00:00.000Z")];
    const slots = ["rate(30 minutes)", "cron(0,30 * * * ? *)"].map((expression) => [
      ...(slotRule({ expression, timezone: "UTC" })?.between(ten, twelve, ten) ?? []),
    ]);

    const expected = ["10:30", "11:00", "11:30"].map((time) => Date.parse(`2025-03-28T${time}:00.000Z`));
    expect(slots).toEqual([expected, expected]);
  });
});

describe("longestPeriod", () => {
  const [hour, day] = [HOUR * 1000, DAY * 1000];
  const version = (expression: string, since: string) => ({
    expression,
    timezone: "UTC",
    since: `${since}T00:00:00.000Z`,
  });
  const schedules = [
    version("rate(6 hours)", "2025-01-01"),
    version("rate(1 day)", "2025-02-01"),
    version("rate(1 hour)", "2025-03-01"),
  ];
  const at = (text: string) => Date.parse(`${text}:00.000Z`);

  it.each([
    ["before the first schedule", "2024-12-01T00:00", "2024-12-02T00:00", 6 * hour],
    ["in the second schedule", "2025-02-10T00:00", "2025-02-11T00:00", day],
    ["in which the second schedule's last slot can still be captured", "2025-03-02T00:00", "2025-03-02T00:00", day],
    ["a minute later", "2025-03-02T00:01", "2025-03-02T00:01", hour],
    ["that spans all schedules", "2025-01-10T00:00", "2025-04-01T00:00", day],
  ])("in a range %s, is the longest period that affects it", (_, from, to, expected) => {
    const period = longestPeriod(schedules, { from: at(from), to: at(to) });

    expect(period).toBe(expected);
  });

  it("is 0 without a schedule", () => {
    expect(longestPeriod([], { from: 0, to: 1 })).toBe(0);
  });
});
