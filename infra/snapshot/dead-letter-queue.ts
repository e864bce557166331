import { Duration, Validations } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

/** Properties of the dead-letter queue. */
export interface DeadLetterQueueProps {
  /** Default: the key that SQS manages. */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * The queue of events that could not be processed: those that the schedule could not deliver, and those on which the
 * function failed at every attempt. Both store the event itself as the message body and the reason in the message
 * attributes, so redriving is the same for both: invoke the function with the body.
 *
 * The function uses Lambda's dead-letter queue rather than a failure destination, because a destination wraps the
 * event into a record that the function does not accept. Sources:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 *
 * SQS's own redrive only moves messages to another queue, and the function has no queue as its source:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 *
 * The function refuses a redriven event whose slot exceeds the lateness limit. Messages are kept for 14 days, the
 * maximum, because they explain a gap.
 */
export class DeadLetterQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps = {}) {
    super(scope, id);
    this.queue = new Queue(this, "Queue", {
      ...(props.encryptionKey === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: props.encryptionKey }),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.queue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This queue is a dead-letter queue. The rule recognizes those of other queues only",
    });
  }
}
