import { describe, expect, it } from "@jest/globals";
import {
  type EvaluationWindow,
  failureWindow,
  silenceWindow,
  staleAfterSeconds,
} from "../../../infra/observability/evaluation-windows.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns the length of a window in seconds. */
const lengthOf = (window: EvaluationWindow | undefined): number | undefined =>
  window && window.period.toSeconds() * window.evaluationPeriods;

const SCHEDULES = [
  "rate(1 minute)",
  "rate(5 minutes)",
  "rate(15 minutes)",
  "rate(1 hour)",
  "rate(12 hours)",
  "rate(1 day)",
  "rate(3 days)",
  "cron(0 18 ? * MON-FRI *)",
];

describe("evaluation windows", () => {
  it.each(SCHEDULES)("are within CloudWatch's limits for %s", (schedule) => {
    for (const window of [failureWindow(schedule), silenceWindow(schedule, "Europe/Berlin")]) {
      expect(lengthOf(window)).toBeLessThanOrEqual(7 * DAY);
      if ((window?.period.toSeconds() ?? 0) < HOUR) expect(lengthOf(window)).toBeLessThanOrEqual(DAY);
      expect((window?.period.toSeconds() ?? 0) % MINUTE).toBe(0);
    }
  });
});

describe("silenceWindow", () => {
  it.each([
    ["rate(1 minute)", "UTC", 10 * MINUTE],
    ["rate(5 minutes)", "UTC", 15 * MINUTE],
    ["rate(15 minutes)", "UTC", 45 * MINUTE],
    ["rate(1 hour)", "UTC", 2 * HOUR + 15 * MINUTE],
    ["rate(1 hour)", "Europe/Berlin", 2 * HOUR + 15 * MINUTE],
    ["cron(0 * * * ? *)", "Europe/Berlin", 3 * HOUR + 15 * MINUTE],
    ["rate(11 hours)", "UTC", 22 * HOUR + 15 * MINUTE],
    // Windows longer than a day consist of whole hours.
    ["rate(12 hours)", "UTC", 25 * HOUR],
    ["rate(1 day)", "UTC", 2 * DAY + HOUR],
    ["cron(0 18 ? * MON-FRI *)", "Europe/Berlin", 4 * DAY + 2 * HOUR],
    ["rate(3 days)", "UTC", 6 * DAY + HOUR],
  ])("of %s in %s is the longest two periods and the duration of a run", (schedule, timezone, seconds) => {
    expect(lengthOf(silenceWindow(schedule, timezone))).toBe(seconds);
  });

  it.each(["rate(4 days)", "cron(0 18 ? * FRI *)", "cron(0 0 1 * ? *)", "cron(0 0 L * ? *)"])(
    "is undefined for %s, because an alarm cannot evaluate more than 7 days",
    (schedule) => {
      expect(silenceWindow(schedule, "UTC")).toBeUndefined();
    },
  );
});

describe("failureWindow", () => {
  it.each([
    ["rate(1 minute)", 10 * MINUTE],
    ["rate(15 minutes)", 30 * MINUTE],
    ["rate(1 hour)", 75 * MINUTE],
    ["rate(1 day)", DAY],
    ["rate(30 days)", DAY],
  ])("of %s spans one run and the next, but at most a day", (schedule, seconds) => {
    expect(lengthOf(failureWindow(schedule))).toBe(seconds);
  });
});

describe("staleAfterSeconds", () => {
  it.each([
    ["rate(1 hour)", 105 * MINUTE],
    ["cron(0 18 ? * MON-FRI *)", 3.5 * DAY],
    ["cron(0 0 L * ? *)", 62 * DAY],
  ])("of %s is a little less than two periods, and at most 62 days", (schedule, seconds) => {
    expect(staleAfterSeconds(schedule)).toBe(seconds);
  });
});
