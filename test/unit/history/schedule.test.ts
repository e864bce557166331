import { describe, expect, it } from "@jest/globals";
import { slotRule } from "../../../lambda/history/schedule.ts";

const NOW = Date.parse("2025-03-28T10:20:00.000Z");

describe("slotRule", () => {
  it.each([
    ["rate(1 minute)", 60_000],
    ["rate(15 minutes)", 900_000],
    ["rate(1 hour)", 3_600_000],
    ["rate(12 hours)", 43_200_000],
    ["rate(1 day)", 86_400_000],
    [" rate(7 days) ", 604_800_000],
    ["cron(0 * * * ? *)", 3_600_000],
    ["cron(0/30 * * * ? *)", 1_800_000],
    ["cron(0 8 * * ? *)", 86_400_000],
  ])("knows the period of %s", (expression, periodMs) => {
    const rule = slotRule({ expression, timezone: "UTC" });

    expect(rule?.periodMs(NOW)).toBe(periodMs);
  });

  it("knows that a day of 24 hours is no day of the wall, for a cron in a time zone", () => {
    const rule = slotRule({ expression: "cron(0 8 * * ? *)", timezone: "Europe/Zurich" });

    const period = rule?.periodMs(Date.parse("2025-03-29T00:00:00.000Z"));

    expect(period).toBe(23 * 3_600_000);
  });

  it.each([
    "",
    "hourly",
    "rate(0 hours)",
    "rate(-1 hour)",
    "rate(1.5 hours)",
    "rate(1 week)",
    "rate(1 hour",
    "xrate(1 hour)",
    "at(2025-01-01T00:00:00)",
    "cron()",
    "cron(a b c d e f)",
    "cron(99 * * * ? *)",
    "0 * * * ? *",
  ])("has none for %p", (expression) => {
    const rule = slotRule({ expression, timezone: "UTC" });

    expect(rule).toBeUndefined();
  });

  it("has only slots strictly between the two moments", () => {
    const [ten, twelve] = [Date.parse("2025-03-28T10:00:00.000Z"), Date.parse("2025-03-28T12:00:00.000Z")];
    const slots = ["rate(30 minutes)", "cron(0,30 * * * ? *)"].map((expression) => [
      ...(slotRule({ expression, timezone: "UTC" })?.between(ten, twelve, ten) ?? []),
    ]);

    const expected = ["10:30", "11:00", "11:30"].map((time) => Date.parse(`2025-03-28T${time}:00.000Z`));
    expect(slots).toEqual([expected, expected]);
  });
});
