import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { schedulePeriodSeconds } from "../../../core/schedule/schedule-period.ts";

describe("schedulePeriodSeconds", () => {
  it.each([
    ["rate(1 minute)", 60],
    ["rate(1 hour)", 3_600],
    ["rate(1 day)", 86_400],
    ["cron(* * * * ? *)", 60],
    ["cron(*/25 * * * ? *)", 600],
    ["cron(0/7 0-12/6 * * ? *)", 420],
    ["cron(0 0 * * ? *)", 86_400],
    ["cron(30 8-18/2 ? * MON-FRI *)", 7_200],
    ["cron(0 18 ? * FRI-MON *)", 86_400],
    ["cron(0 18 L * ? *)", 86_400],
    ["cron(0 18 L-3,15W * ? *)", 86_400],
    ["cron(0 18 ? JAN,jul 6L,2#1 2026-2030/2)", 86_400],
    ["cron(0 18 1-7/2 */3 ? *)", 86_400],
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
