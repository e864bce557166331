import { Duration, Validations } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { CustomerKey } from "../options/customer-key.ts";

/**
 * The queue of events that the schedule could not deliver, and of those on which the function failed at every attempt.
 * Both have the reason in the attributes. The body is Lambda's event, or EventBridge Scheduler's request to the function or to the
 * state machine, which contains the event. The function and an execution accept each of them: redrive with the body. A failure
 * destination would wrap the event into a record, and SQS's redrive only moves messages to a queue:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 * Messages are kept for 14 days, the maximum, because they explain a gap.
 */
export class DeadLetterQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const encryptionKey = CustomerKey.of(this)?.key;
    this.queue = new Queue(this, "Queue", {
      ...(encryptionKey === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.queue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This queue is a dead-letter queue. The rule recognizes those of other queues only",
    });
  }
}
