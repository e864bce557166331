import { Duration } from "aws-cdk-lib";
import { MAX_RUN_MS } from "../../core/domain/limits.ts";
import { schedulePeriodSeconds, twoPeriodsSeconds } from "../../core/schedule/schedule-period.ts";
import type { Config } from "../config/validate.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The time over which an alarm evaluates its metric: `evaluationPeriods` consecutive periods. */
export interface EvaluationWindow {
  readonly period: Duration;
  readonly evaluationPeriods: number;
}

/** The longest run of the engine `lambda`: one invocation. */
const ONE_INVOCATION = MAX_RUN_MS / 1000;

/**
 * Returns how long a run may take, in seconds: with the engine `lambda` an invocation, which may begin just before the slot is
 * too late, and with `stepFunctions` until then.
 */
export function longestRunSeconds(engine: Config["engine"], latenessMinutes: number): number {
  return engine === "lambda" ? ONE_INVOCATION : latenessMinutes * MINUTE;
}

/** A run emits its metrics when it ends, at most one period after its slot. Metrics may be delayed by 5 minutes. */
const metricDelay = (period: number, longestRun: number) => Math.max(5 * MINUTE, Math.min(period, longestRun));

/**
 * Returns the window of an alarm on failures: from one run to the next, so that the alarm stays on while every run
 * fails and ends after a run without a failure. At most a day, so that a continuing failure sends a reminder.
 * @param longestRun in seconds; default: one invocation
 */
export function failureWindow(schedule: string, longestRun = ONE_INVOCATION): EvaluationWindow {
  // A period that daylight saving time shortens says nothing about the distance of the other runs.
  const period = schedulePeriodSeconds(schedule, "UTC");
  return windowOf(Math.min(period + metricDelay(period, longestRun), DAY)) as EvaluationWindow;
}

/** Returns the shortest of at least one window. */
export function shortestWindow(windows: readonly EvaluationWindow[]): EvaluationWindow {
  const seconds = ({ period, evaluationPeriods }: EvaluationWindow) => period.toSeconds() * evaluationPeriods;
  return windows.reduce((shortest, next) => (seconds(next) < seconds(shortest) ? next : shortest));
}

/** Window of an alarm on a missing daily run: a day, and two hours for its retries and metrics. */
export const MISSED_DAY_WINDOW: EvaluationWindow = { period: Duration.hours(1), evaluationPeriods: 26 };

/**
 * Returns the window of the alarm on missing complete runs: the longest two periods of the schedule, for example over
 * a weekend, and a run. Returns `undefined` if that exceeds CloudWatch's maximum of 7 days.
 * @param longestRun in seconds; default: one invocation
 */
export function silenceWindow(
  schedule: string,
  timezone: string,
  longestRun = ONE_INVOCATION,
): EvaluationWindow | undefined {
  const delay = metricDelay(schedulePeriodSeconds(schedule, timezone), longestRun);
  return windowOf(twoPeriodsSeconds(schedule, timezone) + delay);
}

/**
 * Returns the age, in seconds, at which an account's last complete snapshot is stale: two slots in a row were missed.
 * It is an eighth less than two periods, because the age counts from the capture, which may be minutes after the slot.
 * 62 days at most: a snapshot of that age is stale under any schedule.
 */
export function staleAfterSeconds(schedule: string, timezone: string): number {
  return Math.min((twoPeriodsSeconds(schedule, timezone) * 7) / 8, 62 * DAY);
}

/**
 * CloudWatch limits a window to 7 days, and to one day if the period is shorter than an hour.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (Period)
 */
function windowOf(seconds: number): EvaluationWindow | undefined {
  if (seconds > 7 * DAY) return undefined;
  const period = seconds <= DAY ? 5 * MINUTE : HOUR;
  return { period: Duration.seconds(period), evaluationPeriods: Math.ceil(seconds / period) };
}
