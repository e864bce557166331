import { describe, expect, it } from "@jest/globals";
import { eventWindow, silenceWindow, tooOldSeconds, type Window } from "../../../infra/observability/alarm-windows.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const lengthOf = (window: Window | undefined): number | undefined =>
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

describe("the alarms' windows", () => {
  it.each(SCHEDULES)("keep CloudWatch's limits under %s", (schedule) => {
    for (const window of [eventWindow(schedule), silenceWindow(schedule, "Europe/Berlin")]) {
      expect(lengthOf(window)).toBeLessThanOrEqual(7 * DAY);
      if ((window?.period.toSeconds() ?? 0) < HOUR) expect(lengthOf(window)).toBeLessThanOrEqual(DAY);
      expect((window?.period.toSeconds() ?? 0) % MINUTE).toBe(0);
    }
  });

  it.each([
    ["rate(1 minute)", "UTC", 10 * MINUTE],
    ["rate(5 minutes)", "UTC", 15 * MINUTE],
    ["rate(15 minutes)", "UTC", 45 * MINUTE],
    ["rate(1 hour)", "UTC", 2 * HOUR + 15 * MINUTE],
    ["rate(1 hour)", "Europe/Berlin", 2 * HOUR + 15 * MINUTE],
    ["cron(0 * * * ? *)", "Europe/Berlin", 3 * HOUR + 15 * MINUTE],
    ["rate(11 hours)", "UTC", 22 * HOUR + 15 * MINUTE],
    // Longer than a day: whole hours.
    ["rate(12 hours)", "UTC", 25 * HOUR],
    ["rate(1 day)", "UTC", 2 * DAY + HOUR],
    ["cron(0 18 ? * MON-FRI *)", "Europe/Berlin", 4 * DAY + 2 * HOUR],
    ["rate(3 days)", "UTC", 6 * DAY + HOUR],
  ])("wait two periods of %s in %s, and what a run may take, for a complete run", (schedule, timezone, seconds) => {
    expect(lengthOf(silenceWindow(schedule, timezone))).toBe(seconds);
  });

  it.each(["rate(4 days)", "cron(0 18 ? * FRI *)", "cron(0 0 1 * ? *)", "cron(0 0 L * ? *)"])(
    "cannot be had for %s, which is beyond what an alarm can look back",
    (schedule) => {
      expect(silenceWindow(schedule, "UTC")).toBeUndefined();
    },
  );

  it.each([
    ["rate(1 minute)", 10 * MINUTE],
    ["rate(15 minutes)", 30 * MINUTE],
    ["rate(1 hour)", 75 * MINUTE],
    ["rate(1 day)", DAY],
    ["rate(30 days)", DAY],
  ])("reach from one run of %s to the next for what happened, but no further than a day", (schedule, seconds) => {
    expect(lengthOf(eventWindow(schedule))).toBe(seconds);
  });

  it.each([
    ["rate(1 hour)", 105 * MINUTE],
    ["cron(0 18 ? * MON-FRI *)", 3.5 * DAY],
    ["cron(0 0 L * ? *)", 62 * DAY],
  ])("take a snapshot for too old under %s when two slots were missed", (schedule, seconds) => {
    expect(tooOldSeconds(schedule)).toBe(seconds);
  });
});
