import { Annotations, Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { METRICS } from "../lambda/metrics.ts";
import { AlarmTopic } from "./alarm-topic.ts";
import { DAILY_WINDOW, eventWindow, silenceWindow, tooOldSeconds, type Window } from "./alarm-windows.ts";
import { jobMetric } from "./job-metrics.ts";

/** What is watched, and who is told. */
export interface AlarmsProps {
  readonly emails: readonly string[];
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

/** An alarm before its time is over tells that there will soon be runs that do not end in time. */
const NEAR_TIMEOUT = 0.8;

/** A gauge that is reported each minute: nothing to wait for. */
const AT_ONCE: Window = { period: Duration.minutes(5), evaluationPeriods: 1 };

/** One alarm. Its name is also that of its section in docs/runbook.md. */
interface Watch {
  readonly name: string;
  /** What happened, in a sentence; the section is added. */
  readonly what: string;
  readonly metric: (period: Duration) => IMetric;
  /** The alarm goes off from here on. Default: 1. */
  readonly from?: number;
  /** Default: `eventWindow`. */
  readonly window?: Window;
}

/** Every alarm of the stack, told to one topic when it goes off and when it is over. */
export class Alarms extends Construct {
  readonly topic: ITopic;
  readonly alarms: Alarm[] = [];
  readonly #prefix: string;
  readonly #eventWindow: Window;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#prefix = `${Stack.of(this).stackName}-`;
    this.#eventWindow = eventWindow(props.schedule);
    this.topic = new AlarmTopic(this, "Topic", { emails: props.emails, alarmPrefix: this.#prefix }).topic;
    this.#watchSnapshots(props);
    this.#watchSilence(props);
    this.#watchFunction(props.fn);
    this.#watchSchedule(props);
    if (props.anchor !== undefined) this.#watchAnchor(props.anchor);
  }

  #watchSnapshots({ serviceName, schedule, notices }: AlarmsProps): void {
    const highest = (name: keyof typeof METRICS) => (period: Duration) =>
      jobMetric(serviceName, name, { period, statistic: Stats.MAXIMUM });
    this.#onEvent({
      name: "account-failed",
      what: "At least one account has no snapshot for a slot.",
      metric: highest("accountsFailed"),
    });
    this.#onEvent({
      name: "key-refused",
      what: "The CDP API key's secret is missing or unusable, or the API refused the key (401 or 403).",
      metric: highest("keyFailures"),
    });
    this.#onEvent({
      name: "snapshot-too-old",
      what: "At least one account missed two slots in a row: its last complete snapshot is too old.",
      metric: highest("oldestCompleteAge"),
      from: tooOldSeconds(schedule),
    });
    this.#onEvent({
      name: "trouble",
      what: "Something went wrong that cost no snapshot, and has to be known.",
      metric: highest("troubles"),
    });
    if (!notices) return;
    this.#onEvent({
      name: "notice",
      what: "A snapshot differs much from the one before: an asset vanished, a quantity moved, or a total covers less.",
      metric: highest("notices"),
    });
  }

  /**
   * Alarms on failures do not go off when nothing runs; this one does. The metric's gaps are filled with zeros: where
   * data is missing, CloudWatch decides by older data as long as it has some in its "evaluation range", which is longer
   * than the window, by an amount that is nowhere told, so that "missing is breaching" alone comes some periods late.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
   */
  #watchSilence({ serviceName, schedule, timezone }: AlarmsProps): void {
    const window = silenceWindow(schedule, timezone);
    if (window === undefined) {
      Annotations.of(this).addWarningV2(
        "cdp-balance-snapshots:schedule-beyond-alarms",
        `No alarm can look back over two periods of ${schedule}: 7 days are the most. Failures raise alarms, but if the ` +
          "schedule is switched off or deleted, nothing does. Take a snapshot every three days or more often.",
      );
      return;
    }
    this.#onSilence({
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
    });
  }

  #watchFunction(fn: LambdaFunction): void {
    const { timeout = Duration.seconds(3) } = fn;
    this.#onEvent({
      name: "function-failed",
      what: "A run ended in an error: accounts failed, or it failed before any account had its turn.",
      metric: (period) => fn.metricErrors({ period }),
    });
    this.#onEvent({
      name: "function-throttled",
      what: "Lambda did not start a run: the account's concurrency is used up.",
      metric: (period) => fn.metricThrottles({ period }),
    });
    this.#onEvent({
      name: "near-timeout",
      what: `A run took more than ${NEAR_TIMEOUT * 100} % of the function's ${timeout.toHumanString()}.`,
      metric: (period) => fn.metricDuration({ period, statistic: Stats.MAXIMUM }),
      from: NEAR_TIMEOUT * timeout.toMilliseconds(),
    });
  }

  #watchSchedule({ fn, scheduleGroup, deadLetterQueue }: AlarmsProps): void {
    this.#onEvent({
      name: "schedule-failed",
      what: "EventBridge Scheduler could not hand an event to the function. It tries again until the slot is too old.",
      metric: (period) => scheduleGroup.metricTargetErrors({ period }),
    });
    this.#onEvent({
      name: "dead-letters",
      what: "An event could not be handled and waits in the dead-letter queue.",
      metric: (period) =>
        deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      window: AT_ONCE,
    });
    this.#onEvent({
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
    });
  }

  #watchAnchor(anchor: LambdaFunction): void {
    this.#onEvent({
      name: "anchor-failed",
      what: "The heads of the chains could not be kept at an attempt.",
      metric: (period) => anchor.metricErrors({ period }),
      window: eventWindow("rate(1 day)"),
    });
    this.#onSilence({
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
    });
  }

  /** Once in the window is enough, and nothing happens where there is no data. */
  #onEvent(watch: Watch): void {
    this.#alarm(watch, { below: false, datapointsToAlarm: 1, treatMissingData: TreatMissingData.NOT_BREACHING });
  }

  /** Not once in all of the window, and where there is no data, it did not happen either. */
  #onSilence(watch: Watch & { readonly window: Window }): void {
    const datapointsToAlarm = watch.window.evaluationPeriods;
    this.#alarm(watch, { below: true, datapointsToAlarm, treatMissingData: TreatMissingData.BREACHING });
  }

  #alarm(
    { name, what, metric, from = 1, window = this.#eventWindow }: Watch,
    { below, ...when }: { below: boolean; datapointsToAlarm: number; treatMissingData: TreatMissingData },
  ): void {
    const alarm = new Alarm(this, name, {
      alarmName: `${this.#prefix}${name}`,
      alarmDescription: `${what} What to do: docs/runbook.md#${name}`,
      metric: metric(window.period),
      evaluationPeriods: window.evaluationPeriods,
      threshold: from,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      ...when,
    });
    const tell = new SnsAction(this.topic);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
    this.alarms.push(alarm);
  }
}
