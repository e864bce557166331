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

/** EventBridge Scheduler retries for at most a day: `MaximumEventAgeInSeconds`, 60 to 86400. */
const MAX_EVENT_AGE = Duration.days(1);

/** Properties of the schedule. */
export interface SnapshotScheduleProps {
  readonly target: IFunction;
  /** `rate(…)` or `cron(…)`. */
  readonly expression: string;
  /** IANA time zone of a `cron(…)`. */
  readonly timezone: string;
  /** The scheduler retries a delivery until its slot is this old. */
  readonly latenessLimit: Duration;
  /** Receives events that could not be delivered. */
  readonly deadLetterQueue: IQueue;
}

/**
 * The schedule that invokes the function. Its event contains the slot: every delivery and retry carries the same
 * scheduled time, so a slot is recorded once. An event that cannot be delivered in time becomes a dead letter.
 */
export class SnapshotSchedule extends Construct {
  readonly schedule: Schedule;
  readonly group: ScheduleGroup;
  /** The role with which EventBridge Scheduler invokes the function. */
  readonly role: Role;

  constructor(scope: Construct, id: string, props: SnapshotScheduleProps) {
    super(scope, id);
    // The group has a fixed name. If it were retained, which is the default, the stack could not be deployed again.
    this.group = new ScheduleGroup(this, "Group", { removalPolicy: RemovalPolicy.DESTROY });
    this.role = new Role(this, "Role", {
      // Only schedules of this group: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: {
            "aws:SourceAccount": Stack.of(this).account,
            "aws:SourceArn": this.group.scheduleGroupArn,
          },
        },
      }),
    });
    // Explicit, because the target's own grant would include every version of the function (`:*`).
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
      // A flexible window would delay every snapshot by a random time.
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(props.target, {
        role: this.role.withoutPolicyUpdates(),
        deadLetterQueue: props.deadLetterQueue,
        input: ScheduleTargetInput.fromObject({
          scheduledTime: ContextAttribute.scheduledTime,
        }),
        maxEventAge: props.latenessLimit.toSeconds() < MAX_EVENT_AGE.toSeconds() ? props.latenessLimit : MAX_EVENT_AGE,
      }),
    });
    // The schedule refers to the group by a literal name, from which CloudFormation infers no dependency.
    this.schedule.node.addDependency(this.group);
  }
}
