import { Template } from "aws-cdk-lib/assertions";
import { createStack } from "../infra/create-stack.ts";
import { attribute, environmentOf, functionId, functionProperties, only, propertiesOf } from "../infra/template.ts";
import { newFolder } from "../support/new-folder.ts";
import { Alarms, type Datum } from "./alarms.ts";

/** What the synthesized stack configures: the function, its asynchronous invocation, and its alarms. */
export interface Deployment {
  readonly alarms: Alarms;
  /** The function's environment variables, without those that only a deployment can resolve. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** How often Lambda retries after an error. */
  readonly retries: number;
  /** Lambda drops events that are older. */
  readonly eventAgeMs: number;
  /** Returns a value of a metric that AWS itself emits. */
  datum(metric: AwsMetric, value: number, at: number): Datum;
}

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html,
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
const AWS_METRICS = {
  Errors: "AWS/Lambda",
  Throttles: "AWS/Lambda",
  Duration: "AWS/Lambda",
  DeadLetterErrors: "AWS/Lambda",
  TargetErrorCount: "AWS/Scheduler",
  InvocationsFailedToBeSentToDeadLetterCount: "AWS/Scheduler",
  ApproximateNumberOfMessagesVisible: "AWS/SQS",
} as const;

export type AwsMetric = keyof typeof AWS_METRICS;

/** Synthesizes the stack with its defaults. */
export function readDeployment(): Deployment {
  const template = Template.fromStack(createStack({}, newFolder()).stack);
  const { Timeout } = functionProperties(template);
  const async = propertiesOf(template, "AWS::Lambda::EventInvokeConfig");
  const dimensions: Record<string, Record<string, unknown>> = {
    "AWS/Lambda": { FunctionName: { Ref: functionId(template) } },
    "AWS/Scheduler": { ScheduleGroup: propertiesOf(template, "AWS::Scheduler::ScheduleGroup").Name },
    "AWS/SQS": { QueueName: attribute(only(template, "AWS::SQS::Queue"), "QueueName") },
  };
  return {
    alarms: new Alarms(template, stackName(template)),
    env: Object.fromEntries(
      Object.entries(environmentOf(template)).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string",
      ),
    ),
    timeoutMs: Timeout * 1000,
    retries: async.MaximumRetryAttempts,
    eventAgeMs: async.MaximumEventAgeInSeconds * 1000,
    datum: (name, value, at) => {
      const namespace = AWS_METRICS[name];
      return { namespace, name, dimensions: dimensions[namespace] ?? {}, value, at };
    },
  };
}

/** Returns the stack's name, which is also the service name in the logs. */
function stackName(template: Template): string {
  return String(environmentOf(template)["POWERTOOLS_SERVICE_NAME"]);
}
