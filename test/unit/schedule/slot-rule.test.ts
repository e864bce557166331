import { describe, expect, it } from "@jest/globals";
import { longestPeriod, slotRule } from "../../../core/schedule/slot-rule.ts";

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
  const [hour, day] = [3_600_000, 86_400_000];
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
