import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { METRICS } from "../../core/names/metrics.ts";
import { OUTPUTS, outputName } from "../../core/names/outputs.ts";
import { type ApiKeyConfig, longestLateness } from "../config/api-keys.ts";
import type { Config } from "../config/validate.ts";
import { customMetric } from "./custom-metric.ts";
import {
  type EvaluationWindow,
  failureWindow,
  longestRunSeconds,
  MISSED_DAY_WINDOW,
  silenceWindow,
  staleAfterSeconds,
} from "./evaluation-windows.ts";

/** The resources that the alarms monitor. */
export interface MonitoredResources {
  readonly config: Config;
  readonly fn: LambdaFunction;
  /** What runs the slots, with the engine `stepFunctions`. */
  readonly stateMachine?: StateMachine | undefined;
  readonly scheduleGroup: IScheduleGroup;
  readonly deadLetterQueue: IQueue;
  /** The function that stores the chain heads, if the stack has one. */
  readonly anchorFunction?: LambdaFunction | undefined;
}

/** An alarm. docs/runbook.md has a section with its name, without the API key's. */
export interface AlarmDefinition {
  readonly name: string;
  /** The API key that it watches, if there are several: its name begins that of the alarm. */
  readonly key?: string | undefined;
  /** What happened, in a sentence. */
  readonly description: string;
  readonly metric: (period: Duration) => IMetric;
  /** Default: 1. */
  readonly threshold?: number;
  /**
   * `reached`: alarms if one period of the window reaches the threshold. `never-reached`: alarms if no period does.
   * Default: `reached`.
   */
  readonly condition?: "reached" | "never-reached";
  /** Default: the shortest `failureWindow` of the schedules, so that a failure of one key does not hide that of another. */
  readonly window?: EvaluationWindow;
}

/** Fraction of the time that a run has. Beyond it, runs may soon be cut off. */
const NEAR_TIMEOUT = 0.8;

/** For a gauge that AWS reports every minute. */
const SINGLE_PERIOD: EvaluationWindow = { period: Duration.minutes(5), evaluationPeriods: 1 };

export function alarmDefinitions(resources: MonitoredResources): AlarmDefinition[] {
  return [
    ...resources.config.apiKeys.flatMap((key) => snapshotAlarms(resources, key)),
    ...functionAlarms(resources),
    ...(resources.stateMachine === undefined ? [] : executionAlarms(resources.stateMachine, resources.config)),
    ...deliveryAlarms(resources),
    ...(resources.anchorFunction === undefined ? [] : anchorAlarms(resources.anchorFunction)),
  ];
}

function snapshotAlarms({ config, fn }: MonitoredResources, apiKey: ApiKeyConfig): AlarmDefinition[] {
  const { name: key, schedule, timezone, latenessMinutes } = apiKey;
  const maximum = (name: keyof typeof METRICS) => (period: Duration) =>
    customMetric(fn, key, name, { period, statistic: Stats.MAXIMUM });
  const notice: AlarmDefinition = {
    name: "notice",
    description:
      "A snapshot differs significantly from the previous one: an asset vanished, a quantity moved, or coverage fell.",
    metric: maximum("notices"),
  };
  const silence = silenceWindow(schedule, timezone);
  const window = failureWindow(schedule, longestRunSeconds(config.engine, latenessMinutes));
  const definitions = [
    {
      name: "account-failed",
      description: "At least one account has no snapshot for a slot.",
      metric: maximum("accountsFailed"),
    },
    {
      name: "key-refused",
      description:
        `The secret of the CDP API key has no value yet (store it: output ${outputName(OUTPUTS.putKeyCommand, key)}), is ` +
        "missing or unusable, or the API rejected the key (401 or 403).",
      metric: maximum("keyFailures"),
    },
    {
      name: "snapshot-too-old",
      description: "At least one account missed two slots in a row: its last complete snapshot is too old.",
      metric: maximum("oldestCompleteAge"),
      threshold: staleAfterSeconds(schedule, timezone),
    },
    {
      name: "warning",
      description: "Something failed; no snapshot was lost. The log has the details.",
      metric: maximum("warnings"),
    },
    ...(config.noticeAlarm ? [notice] : []),
    ...(silence === undefined ? [] : [noCompleteRun(fn, key, silence)]),
  ];
  return definitions.map((definition) => ({ window, ...definition, key }));
}

/**
 * Returns the alarm on a stopped schedule: failure alarms stay silent if nothing runs. The expression replaces missing data
 * with zeros: treating missing data as breaching would raise the alarm late, because CloudWatch first evaluates older data
 * points from a longer "evaluation range".
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
function noCompleteRun(fn: LambdaFunction, key: string | undefined, window: EvaluationWindow): AlarmDefinition {
  return {
    name: "no-complete-run",
    description:
      "No scheduled run completed all accounts for two periods of the schedule. The schedule may be stopped.",
    metric: (period) =>
      new MathExpression({
        expression: "FILL(runs, 0)",
        usingMetrics: { runs: customMetric(fn, key, "completeRuns", { statistic: Stats.SUM }) },
        label: "Complete runs",
        period,
      }),
    window,
    condition: "never-reached",
  };
}

function functionAlarms({ fn, stateMachine }: MonitoredResources): AlarmDefinition[] {
  const { timeout = Duration.seconds(3) } = fn;
  const nearTimeout: AlarmDefinition = {
    name: "near-timeout",
    description: `A run took more than ${NEAR_TIMEOUT * 100} % of its timeout of ${timeout.toHumanString()}.`,
    metric: (period) => fn.metricDuration({ period, statistic: Stats.MAXIMUM }),
    threshold: NEAR_TIMEOUT * timeout.toMilliseconds(),
  };
  return [
    {
      name: "function-failed",
      description: "A run ended in an error: accounts failed, or the run failed before it reached any account.",
      metric: (period) => fn.metricErrors({ period }),
    },
    {
      name: "function-throttled",
      description: "Lambda throttled a run, because no concurrency was available.",
      metric: (period) => fn.metricThrottles({ period }),
    },
    // An invocation of a state machine uses all of its time by design.
    ...(stateMachine === undefined ? [nearTimeout] : []),
  ];
}

/**
 * Three alarms on executions that end without success, because AWS emits each metric only when it is not zero: an expression over
 * all might never have data.
 */
function executionAlarms(stateMachine: StateMachine, { apiKeys }: Config): AlarmDefinition[] {
  const limit = Duration.minutes(longestLateness(apiKeys));
  return [
    {
      name: "execution-failed",
      description: "An execution of the state machine failed: at least one account has no snapshot, after every retry.",
      metric: (period) => stateMachine.metricFailed({ period }),
    },
    {
      name: "execution-timed-out",
      description: "An execution of the state machine was stopped, long after its slot was too late.",
      metric: (period) => stateMachine.metricTimedOut({ period }),
    },
    {
      name: "execution-aborted",
      description:
        "Somebody stopped an execution of the state machine. Accounts may have no snapshot, without a record.",
      metric: (period) => stateMachine.metricAborted({ period }),
    },
    {
      name: "execution-throttled",
      description: "Step Functions delayed an execution, because the AWS account has too many state transitions.",
      metric: (period) => stateMachine.metricThrottled({ period }),
    },
    {
      name: "near-timeout",
      description: `An execution took more than ${NEAR_TIMEOUT * 100} % of the ${limit.toHumanString()} after which a slot is refused.`,
      metric: (period) => stateMachine.metricTime({ period, statistic: Stats.MAXIMUM }),
      threshold: NEAR_TIMEOUT * limit.toMilliseconds(),
    },
  ];
}

function deliveryAlarms({ fn, stateMachine, scheduleGroup, deadLetterQueue }: MonitoredResources): AlarmDefinition[] {
  const [start, target] = stateMachine === undefined ? ["invoke", "function"] : ["start", "state machine"];
  return [
    {
      name: "schedule-failed",
      description: `EventBridge Scheduler could not ${start} the ${target}. It retries until the slot is too old.`,
      metric: (period) => scheduleGroup.metricTargetErrors({ period }),
    },
    {
      name: "dead-letters",
      description: "An event could not be processed and is in the dead-letter queue.",
      metric: (period) =>
        deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      window: SINGLE_PERIOD,
    },
    // Two alarms, because AWS emits these metrics only when events are lost: an expression over both might never have data.
    // A state machine waits for the function's answer, so Lambda has no events to lose.
    ...(stateMachine === undefined
      ? [
          {
            name: "function-dead-letters-lost",
            description: "Lambda could not add a failed event to the dead-letter queue. The log shows its slot.",
            metric: (period: Duration) => fn.metric("DeadLetterErrors", { period, statistic: Stats.SUM }),
          },
        ]
      : []),
    {
      name: "schedule-dead-letters-lost",
      description: `EventBridge Scheduler could not add an undeliverable event to the dead-letter queue. The ${target} never received it.`,
      metric: (period) => scheduleGroup.metricFailedToBeSentToDLQ(undefined, { period }),
    },
  ];
}

function anchorAlarms(fn: LambdaFunction): AlarmDefinition[] {
  return [
    {
      name: "anchor-failed",
      description: "An attempt to store the chain heads failed.",
      metric: (period) => fn.metricErrors({ period }),
      window: failureWindow("cron(0 0 * * ? *)"),
    },
    {
      name: "anchor-missed",
      description: "No chain heads were stored for a day. The schedule may be stopped.",
      metric: (period) =>
        new MathExpression({
          expression: "FILL(started, 0) - FILL(failed, 0)",
          usingMetrics: { started: fn.metricInvocations(), failed: fn.metricErrors() },
          label: "Heads stored",
          period,
        }),
      window: MISSED_DAY_WINDOW,
      condition: "never-reached",
    },
  ];
}
