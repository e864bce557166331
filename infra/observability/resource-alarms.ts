import { Duration } from "aws-cdk-lib";
import { MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { AlarmDefinition } from "./alarm-definition.ts";
import { type EvaluationWindow, failureWindow, MISSED_DAY_WINDOW } from "./evaluation-windows.ts";

/** The resources that the alarms monitor. */
export interface MonitoredResources {
  readonly fn: LambdaFunction;
  /** What runs the slots, with the engine `stepFunctions`. */
  readonly stateMachine?: StateMachine | undefined;
  readonly scheduleGroup: IScheduleGroup;
  readonly deadLetterQueue: IQueue;
  /** The function that stores the chain heads, if the stack has one. */
  readonly anchorFunction?: LambdaFunction | undefined;
}

/** For a gauge that AWS reports every minute. */
const SINGLE_PERIOD: EvaluationWindow = { period: Duration.minutes(5), evaluationPeriods: 1 };

/** Returns the alarms on what the API keys share: functions, executions and deliveries. */
export function resourceAlarms(resources: MonitoredResources): AlarmDefinition[] {
  return [
    ...functionAlarms(resources.fn),
    ...(resources.stateMachine === undefined ? [] : executionAlarms(resources.stateMachine)),
    ...deliveryAlarms(resources),
    ...(resources.anchorFunction === undefined ? [] : anchorAlarms(resources.anchorFunction)),
  ];
}

function functionAlarms(fn: LambdaFunction): AlarmDefinition[] {
  return [
    {
      name: "function-failed",
      description: "An invocation ended in an error: accounts failed, or it failed before it reached any account.",
      metric: (period) => fn.metricErrors({ period }),
    },
    {
      name: "function-throttled",
      description: "Lambda throttled an invocation, because no concurrency was available.",
      metric: (period) => fn.metricThrottles({ period }),
    },
  ];
}

/**
 * Executions that end without success have three alarms, because AWS emits each metric only when it is not zero: an expression over
 * all might never have data.
 */
function executionAlarms(stateMachine: StateMachine): AlarmDefinition[] {
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
      description: "An event could not be delivered or processed. It is in the dead-letter queue.",
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
