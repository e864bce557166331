import { Duration, Validations } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

/** How dead letters are kept. */
export interface DeadLettersProps {
  /** Default: the key that SQS manages. */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * Where events end that nobody could handle: those the schedule could not deliver, and those on which the function
 * failed at every attempt. One queue for both, for both put the event itself, as the function takes it, into the
 * message's body and the reason into its attributes. So one command does for either: invoke the function with the body.
 * (A letter of the schedule has its slot in the attribute SCHEDULED_TIME besides.)
 *
 * For the function that takes Lambda's dead-letter queue; its failure destination would wrap the event into a record
 * with the request and the response, which the function does not take. Sources:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 *
 * SQS's own redrive moves messages only back to a queue, and there is none in front of the function:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 *
 * A letter can be redriven until its slot is as old as the lateness limit; then the function refuses it. It is kept
 * far longer, as long as SQS can, 14 days: what is in it tells why there is a gap, and a holiday is no reason to lose it.
 */
export class DeadLetters extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: DeadLettersProps = {}) {
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
      reason:
        "This queue is the dead-letter queue, of a schedule and a function, which the rule does not know to be ones",
    });
  }
}
