import { Duration, TimeZone } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Construct } from "constructs";

/** EventBridge Scheduler tries for at most a day: `MaximumEventAgeInSeconds`, 60 to 86400. */
const LONGEST_EVENT_AGE = Duration.days(1);

/** When the function runs. */
export interface SnapshotScheduleProps {
  readonly target: IFunction;
  /** `rate(…)` or `cron(…)`. */
  readonly expression: string;
  /** IANA time zone of a `cron(…)`. */
  readonly timezone: string;
  /** Deliveries are tried again until the slot is so old. */
  readonly latenessLimit: Duration;
}

/**
 * The schedule. It tells the function the slot: every delivery and every retry of it carries the same scheduled
 * time, so that a slot is taken once. The role that CDK makes for it may invoke this function and nothing else.
 */
export class SnapshotSchedule extends Construct {
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, props: SnapshotScheduleProps) {
    super(scope, id);
    this.schedule = new Schedule(this, "Schedule", {
      description: "Balance snapshots of Coinbase accounts",
      schedule: ScheduleExpression.expression(props.expression, TimeZone.of(props.timezone)),
      // A window would make every snapshot late by a random time.
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(props.target, {
        input: ScheduleTargetInput.fromObject({
          scheduledTime: ContextAttribute.scheduledTime,
        }),
        maxEventAge:
          props.latenessLimit.toSeconds() < LONGEST_EVENT_AGE.toSeconds() ? props.latenessLimit : LONGEST_EVENT_AGE,
      }),
    });
  }
}
