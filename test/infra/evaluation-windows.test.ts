import {
  type EvaluationWindow,
  failureWindow,
  longestRunSeconds,
  silenceWindow,
  staleAfterSeconds,
} from "../../infra/observability/evaluation-windows.ts";
import { describe, expect, it } from "../support/jest.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns the length of a window in seconds. */
const lengthOf = (window: EvaluationWindow | undefined): number | undefined =>
  window && window.period.toSeconds() * window.evaluationPeriods;

describe("the windows of the alarms on missing runs and on failures", () => {
  it.each([
    // schedule, time zone, two periods and a run, one run and the next
    ["cron(* * * * ? *)", "UTC", 10 * MINUTE, 10 * MINUTE],
    ["cron(0/15 * * * ? *)", "UTC", 45 * MINUTE, 30 * MINUTE],
    ["cron(0 * * * ? *)", "UTC", 2 * HOUR + 15 * MINUTE, HOUR + 15 * MINUTE],
    ["cron(0 * * * ? *)", "Europe/Berlin", 3 * HOUR + 15 * MINUTE, HOUR + 15 * MINUTE],
    ["cron(0 0 * * ? *)", "UTC", 2 * DAY + HOUR, DAY],
    ["cron(0 8 * * ? *)", "Europe/Berlin", 2 * DAY + 2 * HOUR, DAY],
    ["cron(0 0 ? * MON-FRI *)", "UTC", 4 * DAY + HOUR, DAY],
    // CloudWatch evaluates at most 7 days.
    ["cron(0 0 ? * MON,WED *)", "UTC", undefined, DAY],
    ["cron(0 18 ? * FRI *)", "UTC", undefined, DAY],
  ])("with %s in %s last %s and %s seconds", (schedule, timezone, silence, failure) => {
    const window = silenceWindow(schedule, timezone);

    expect(lengthOf(window)).toBe(silence);
    expect(lengthOf(failureWindow(schedule))).toBe(failure);
    // CloudWatch's limit for shorter periods.
    if (silence !== undefined && silence > DAY) expect(window?.period.toSeconds()).toBe(HOUR);
  });
});

describe("the window of the alarm on missing runs, with runs until the slot is too late", () => {
  it.each([
    // schedule, time zone, lateness limit, two periods and a run
    ["cron(0 * * * ? *)", "UTC", HOUR, 3 * HOUR],
    ["cron(0 * * * ? *)", "UTC", 20 * MINUTE, 2 * HOUR + 20 * MINUTE],
    ["cron(0 0 ? * MON-FRI *)", "UTC", DAY, 5 * DAY],
    ["cron(0 0 ? * MON-WED *)", "UTC", DAY, 7 * DAY],
    // In one week, the clocks go back.
    ["cron(0 0 ? * MON-WED *)", "Europe/Berlin", 23 * HOUR, 7 * DAY],
    ["cron(0 0 ? * MON-WED *)", "Europe/Berlin", DAY, undefined],
  ])("with %s in %s and %s s lasts %s s", (schedule, timezone, lateness, expected) => {
    const longestRun = longestRunSeconds("stepFunctions", lateness / MINUTE);

    expect(lengthOf(silenceWindow(schedule, timezone, longestRun))).toBe(expected);
  });
});

describe("staleAfterSeconds", () => {
  it("is at most 62 days", () => {
    expect(staleAfterSeconds("cron(0 0 L * ? *)", "UTC")).toBe((62 * DAY * 7) / 8);
    expect(staleAfterSeconds("cron(0 0 1 1 ? *)", "UTC")).toBe(62 * DAY);
  });
});
