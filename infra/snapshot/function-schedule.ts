import { type Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import {
  Schedule,
  type ScheduleExpression,
  ScheduleGroup,
  type ScheduleTargetInput,
  TimeWindow,
} from "aws-cdk-lib/aws-scheduler";
import {
  LambdaInvoke,
  type ScheduleTargetBaseProps,
  StepFunctionsStartExecution,
} from "aws-cdk-lib/aws-scheduler-targets";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { IStateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";

export interface FunctionScheduleProps {
  readonly target: IFunction | IStateMachine;
  /** Each is delivered, retried and given up independently of the others. */
  readonly schedules: readonly ScheduleProps[];
  /** Receives events that could not be delivered. Default: they are dropped. */
  readonly deadLetterQueue?: IQueue;
  /** ID of the role's construct. Default: `Role`. */
  readonly roleId?: string;
}

export interface ScheduleProps {
  /** ID of its construct. Default: `Schedule`. */
  readonly id?: string;
  readonly expression: ScheduleExpression;
  readonly description: string;
  /** The scheduler retries a delivery until the event is this old: 60 seconds to a day. */
  readonly maxEventAge: Duration;
  /** The event. Default: the scheduler's own. */
  readonly input?: ScheduleTargetInput;
}

/** Creates schedules in a separate group, so that the group's metrics include no others, and the role of all of them. */
export function scheduleFunction(
  scope: Construct,
  props: FunctionScheduleProps,
): { group: ScheduleGroup; role: Role; schedules: readonly Schedule[] } {
  const { target, schedules, deadLetterQueue, roleId = "Role" } = props;
  // The group has a fixed name. If it were retained, which is the default, the stack could not be deployed again.
  const group = new ScheduleGroup(scope, "Group", { removalPolicy: RemovalPolicy.DESTROY });
  const role = new Role(scope, roleId, {
    // Only schedules of this group: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
      conditions: {
        StringEquals: { "aws:SourceAccount": Stack.of(scope).account, "aws:SourceArn": group.scheduleGroupArn },
      },
    }),
  });
  // Explicit, because the target's own grant would include every version of a function (`:*`).
  const { action, arn, create } = startOf(target);
  role.addToPolicy(new PolicyStatement({ actions: [action], resources: [arn] }));
  if (deadLetterQueue !== undefined) {
    role.addToPolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [deadLetterQueue.queueArn] }));
  }
  const created = schedules.map(({ id = "Schedule", expression, description, maxEventAge, input }) => {
    const schedule = new Schedule(scope, id, {
      description,
      scheduleGroup: group,
      schedule: expression,
      // A flexible window would delay every run by a random time.
      timeWindow: TimeWindow.off(),
      target: create({
        role: role.withoutPolicyUpdates(),
        maxEventAge,
        ...(deadLetterQueue && { deadLetterQueue }),
        ...(input && { input }),
      }),
    });
    // The schedule refers to the group by a literal name, from which CloudFormation infers no dependency. It refers to the
    // role, but not to the role's policy: without it, the first invocations would be denied.
    schedule.node.addDependency(group, role);
    return schedule;
  });
  return { group, role, schedules: created };
}

/** Returns the action that starts a target, its ARN, and how a schedule does it. */
function startOf(target: IFunction | IStateMachine) {
  return "stateMachineArn" in target
    ? {
        action: "states:StartExecution",
        arn: target.stateMachineArn,
        create: (props: ScheduleTargetBaseProps) => new StepFunctionsStartExecution(target, props),
      }
    : {
        action: "lambda:InvokeFunction",
        arn: target.functionArn,
        create: (props: ScheduleTargetBaseProps) => new LambdaInvoke(target, props),
      };
}
