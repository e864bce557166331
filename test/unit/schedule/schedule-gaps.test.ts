import { describe, expect, it } from "@jest/globals";
import { twoPeriodsSeconds } from "../../../core/schedule/schedule-period.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;

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
