import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { METRICS } from "../../core/names/metrics.ts";
import { DAILY_WINDOW, eventWindow, silenceWindow, tooOldSeconds, type Window } from "./alarm-windows.ts";
import { jobMetric } from "./job-metrics.ts";

/** The parts of the stack that are watched. */
export interface MonitoredResources {
  /** The function's `POWERTOOLS_SERVICE_NAME`. */
  readonly serviceName: string;
  readonly schedule: string;
  readonly timezone: string;
  readonly fn: LambdaFunction;
  readonly scheduleGroup: IScheduleGroup;
  readonly deadLetterQueue: IQueue;
  /** Whether notices raise an alarm. */
  readonly notices: boolean;
  /** The function that keeps the heads of the chains once a day, if there is one. */
  readonly anchor?: LambdaFunction | undefined;
}

/** What an alarm is on. Its name is also that of its section in docs/runbook.md. */
export interface AlarmDefinition {
  readonly name: string;
  /** What happened, in a sentence; the section is added. */
  readonly what: string;
  readonly metric: (period: Duration) => IMetric;
  /** The alarm goes off from here on. Default: 1. */
  readonly from?: number;
  /** Default: `eventWindow` of the schedule. */
  readonly window?: Window;
  /** The alarm is on what does not happen: not once in all of the window. */
  readonly silence?: true;
}

/** An alarm before its time is over tells that there will soon be runs that do not end in time. */
const NEAR_TIMEOUT = 0.8;

/** A gauge that is reported each minute: nothing to wait for. */
const AT_ONCE: Window = { period: Duration.minutes(5), evaluationPeriods: 1 };

/** Every alarm that the stack has. */
export function alarmDefinitions(parts: MonitoredResources): AlarmDefinition[] {
  return [
    ...ofSnapshots(parts),
    ...ofFunction(parts.fn),
    ...ofSchedule(parts),
    ...(parts.anchor === undefined ? [] : ofAnchor(parts.anchor)),
  ];
}

function ofSnapshots({ serviceName, schedule, timezone, notices }: MonitoredResources): AlarmDefinition[] {
  const highest = (name: keyof typeof METRICS) => (period: Duration) =>
    jobMetric(serviceName, name, { period, statistic: Stats.MAXIMUM });
  const notice: AlarmDefinition = {
    name: "notice",
    what: "A snapshot differs much from the one before: an asset vanished, a quantity moved, or a total covers less.",
    metric: highest("notices"),
  };
  const window = silenceWindow(schedule, timezone);
  return [
    {
      name: "account-failed",
      what: "At least one account has no snapshot for a slot.",
      metric: highest("accountsFailed"),
    },
    {
      name: "key-refused",
      what: "The CDP API key's secret is missing or unusable, or the API refused the key (401 or 403).",
      metric: highest("keyFailures"),
    },
    {
      name: "snapshot-too-old",
      what: "At least one account missed two slots in a row: its last complete snapshot is too old.",
      metric: highest("oldestCompleteAge"),
      from: tooOldSeconds(schedule),
    },
    {
      name: "warning",
      what: "Something failed that cost no snapshot but needs attention. The log has the details.",
      metric: highest("warnings"),
    },
    ...(notices ? [notice] : []),
    ...(window === undefined ? [] : [noCompleteRun(serviceName, window)]),
  ];
}

/**
 * Alarms on failures do not go off when nothing runs; this one does. The metric's gaps are filled with zeros: where
 * data is missing, CloudWatch decides by older data as long as it has some in its "evaluation range", which is longer
 * than the window, by an amount that is nowhere told, so that "missing is breaching" alone comes some periods late.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
function noCompleteRun(serviceName: string, window: Window): AlarmDefinition {
  return {
    name: "no-complete-run",
    what: "For two periods of the schedule no scheduled run has completed all accounts; maybe nothing runs at all.",
    metric: (period) =>
      new MathExpression({
        expression: "FILL(runs, 0)",
        usingMetrics: { runs: jobMetric(serviceName, "completeRuns", { statistic: Stats.SUM }) },
        label: "Complete runs",
        period,
      }),
    window,
    silence: true,
  };
}

function ofFunction(fn: LambdaFunction): AlarmDefinition[] {
  const { timeout = Duration.seconds(3) } = fn;
  return [
    {
      name: "function-failed",
      what: "A run ended in an error: accounts failed, or it failed before any account had its turn.",
      metric: (period) => fn.metricErrors({ period }),
    },
    {
      name: "function-throttled",
      what: "Lambda did not start a run: the account's concurrency is used up.",
      metric: (period) => fn.metricThrottles({ period }),
    },
    {
      name: "near-timeout",
      what: `A run took more than ${NEAR_TIMEOUT * 100} % of the function's ${timeout.toHumanString()}.`,
      metric: (period) => fn.metricDuration({ period, statistic: Stats.MAXIMUM }),
      from: NEAR_TIMEOUT * timeout.toMilliseconds(),
    },
  ];
}

function ofSchedule({ fn, scheduleGroup, deadLetterQueue }: MonitoredResources): AlarmDefinition[] {
  return [
    {
      name: "schedule-failed",
      what: "EventBridge Scheduler could not hand an event to the function. It tries again until the slot is too old.",
      metric: (period) => scheduleGroup.metricTargetErrors({ period }),
    },
    {
      name: "dead-letters",
      what: "An event could not be handled and waits in the dead-letter queue.",
      metric: (period) =>
        deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      window: AT_ONCE,
    },
    {
      name: "dead-letters-lost",
      what: "An event could not be handled, nor put into the dead-letter queue: its slot is known to the logs alone.",
      metric: (period) =>
        new MathExpression({
          expression: "FILL(byFunction, 0) + FILL(bySchedule, 0)",
          usingMetrics: {
            byFunction: fn.metric("DeadLetterErrors", { statistic: Stats.SUM }),
            bySchedule: scheduleGroup.metricFailedToBeSentToDLQ(),
          },
          label: "Events lost",
          period,
        }),
    },
  ];
}

function ofAnchor(anchor: LambdaFunction): AlarmDefinition[] {
  return [
    {
      name: "anchor-failed",
      what: "The heads of the chains could not be kept at an attempt.",
      metric: (period) => anchor.metricErrors({ period }),
      window: eventWindow("rate(1 day)"),
    },
    {
      name: "anchor-missed",
      what: "For a day no head of a chain was kept; maybe nothing runs at all.",
      metric: (period) =>
        new MathExpression({
          expression: "FILL(started, 0) - FILL(failed, 0)",
          usingMetrics: { started: anchor.metricInvocations(), failed: anchor.metricErrors() },
          label: "Heads kept",
          period,
        }),
      window: DAILY_WINDOW,
      silence: true,
    },
  ];
}
