import { Duration, RemovalPolicy, Stack, TimeZone } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleGroup,
  ScheduleTargetInput,
  TimeWindow,
} from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
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
  /** Where an event goes that could not be delivered. */
  readonly deadLetterQueue: IQueue;
}

/**
 * The schedule, in a group of its own. It tells the function the slot: every delivery and every retry of it carries
 * the same scheduled time, so that a slot is taken once. What cannot be delivered in time becomes a dead letter.
 */
export class SnapshotSchedule extends Construct {
  readonly schedule: Schedule;
  readonly group: ScheduleGroup;
  /** What EventBridge Scheduler does it as. */
  readonly role: Role;

  constructor(scope: Construct, id: string, props: SnapshotScheduleProps) {
    super(scope, id);
    // It has a fixed name: left behind, as is the default, it would keep the stack from ever being deployed again.
    this.group = new ScheduleGroup(this, "Group", { removalPolicy: RemovalPolicy.DESTROY });
    this.role = new Role(this, "Role", {
      // For schedules of this group alone: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: {
            "aws:SourceAccount": Stack.of(this).account,
            "aws:SourceArn": this.group.scheduleGroupArn,
          },
        },
      }),
    });
    // By hand, for what the target would grant itself takes in every version of the function (`:*`).
    this.role.addToPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [props.target.functionArn] }),
    );
    this.role.addToPolicy(
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [props.deadLetterQueue.queueArn] }),
    );

    this.schedule = new Schedule(this, "Schedule", {
      description: "Balance snapshots of Coinbase accounts",
      scheduleGroup: this.group,
      schedule: ScheduleExpression.expression(props.expression, TimeZone.of(props.timezone)),
      // A window would make every snapshot late by a random time.
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(props.target, {
        role: this.role.withoutPolicyUpdates(),
        deadLetterQueue: props.deadLetterQueue,
        input: ScheduleTargetInput.fromObject({
          scheduledTime: ContextAttribute.scheduledTime,
        }),
        maxEventAge:
          props.latenessLimit.toSeconds() < LONGEST_EVENT_AGE.toSeconds() ? props.latenessLimit : LONGEST_EVENT_AGE,
      }),
    });
    // It names the group in plain text, which tells CloudFormation nothing of the order.
    this.schedule.node.addDependency(this.group);
  }
}
