import { Duration } from "aws-cdk-lib";
import { twoPeriodsSeconds } from "../../core/schedule/schedule-gaps.ts";
import { schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How far an alarm looks back: so many periods of its metric. */
export interface Window {
  readonly period: Duration;
  readonly evaluationPeriods: number;
}

/**
 * A run may take as long as the function may, 15 minutes, and tells its metrics at its end; metrics come a few minutes
 * later. A schedule that runs more often than that is not given more time than one period, nor less than metrics need.
 */
const slack = (period: number) => Math.max(5 * MINUTE, Math.min(period, 15 * MINUTE));

/**
 * How long an alarm on something that happened looks back: from one run to the next, so that it stays where it is as
 * long as each run fails, and goes back when one did not. At most a day: after that, another mail is a reminder.
 */
export function eventWindow(schedule: string): Window {
  const period = schedulePeriodSeconds(schedule);
  return windowOf(Math.min(period + slack(period), DAY)) as Window;
}

/** How long there must have been no run of a daily schedule: two hours more than the day, for its retries and its metrics. */
export const DAILY_WINDOW: Window = { period: Duration.hours(1), evaluationPeriods: 26 };

/**
 * How long there must have been no complete run before the alarm on it: two periods of the schedule at their longest,
 * as over a weekend. `undefined` where that is longer than an alarm can look back, that is for schedules with more
 * than about three days and eleven hours between two slots.
 */
export function silenceWindow(schedule: string, timezone: string): Window | undefined {
  // In the night when clocks go back, two slots are an hour further apart than the clock says.
  const clockChange = schedule.startsWith("cron") && timezone !== "UTC" ? HOUR : 0;
  return windowOf(twoPeriodsSeconds(schedule) + slack(schedulePeriodSeconds(schedule)) + clockChange);
}

/**
 * From which age on, in seconds, an account's last complete snapshot is too old: it missed two slots in a row. An
 * eighth is taken off, for an age counts from the capture, which may be minutes after its slot. Two months are too old
 * under any schedule; only a run that fails for the account comes so far.
 */
export function tooOldSeconds(schedule: string): number {
  return Math.min((twoPeriodsSeconds(schedule) * 7) / 8, 62 * DAY);
}

/**
 * CloudWatch's limits: the periods of an alarm are 7 days together at most, and one day if a period is shorter than an
 * hour. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (Period)
 */
function windowOf(seconds: number): Window | undefined {
  if (seconds > 7 * DAY) return undefined;
  const period = seconds <= DAY ? 5 * MINUTE : HOUR;
  return { period: Duration.seconds(period), evaluationPeriods: Math.ceil(seconds / period) };
}
