import { Annotations, ArnFormat, Duration, RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { deploymentName } from "../config/deployment-name.ts";
import { ConfigError } from "../config/validate.ts";

export interface AlarmTopicProps {
  readonly emails: readonly string[];
  /** Prefix of the alarm names. Other alarms cannot publish to the topic. */
  readonly alarmPrefix: string;
}

/**
 * The SNS topic of all alarms. It has a customer managed key, because the policy of the AWS managed key for SNS does not
 * allow CloudWatch: alarms would be lost silently. It has a policy that allows CloudWatch to publish, because the policy
 * that requires TLS replaces the default one. Sources:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    const name = deploymentName(this);
    // Encrypts only messages in transit, so retaining the key would cost money without benefit.
    const key = new Key(this, "Key", {
      description: `Encrypts alarm messages of ${name}`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(7),
    });
    this.topic = new Topic(this, "Topic", {
      // The sender's name in e-mails; at most 100 characters.
      displayName: name.slice(0, 100),
      masterKey: key,
      enforceSSL: true,
    });
    key.addToResourcePolicy(this.#allowAlarms(props, ["kms:Decrypt", "kms:GenerateDataKey*"], "*"));
    this.topic.addToResourcePolicy(this.#allowAlarms(props, ["sns:Publish"], this.topic.topicArn));
    for (const email of props.emails) this.topic.addSubscription(new EmailSubscription(email));
    if (props.emails.length === 0) {
      Annotations.of(this).addWarningV2(
        "cdp-balance-snapshots:no-alarm-emails",
        'Nobody receives the alarms. Configure alarmEmails, subscribe to the topic in another way, or set "alarms" to ' +
          '"none, because …".',
      );
    }
  }

  /** @param resource ARN of the topic; in a key's policy `*`, which means that key */
  #allowAlarms({ alarmPrefix }: AlarmTopicProps, actions: string[], resource: string): PolicyStatement {
    const stack = Stack.of(this);
    const alarms = stack.formatArn({
      service: "cloudwatch",
      resource: "alarm",
      resourceName: `${alarmPrefix}*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new PolicyStatement({
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions,
      resources: [resource],
      conditions: { StringEquals: { "aws:SourceAccount": stack.account }, ArnLike: { "aws:SourceArn": alarms } },
    });
  }
}

/**
 * Returns an existing topic, whose policies have to allow CloudWatch to publish.
 * @throws {ConfigError} if the topic is in another region than the stack, because an alarm cannot notify it
 */
export function existingTopic(scope: Construct, arn: string): ITopic {
  const topic = Topic.fromTopicArn(scope, "Topic", arn);
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region) || topic.env.region === region) return topic;
  throw new ConfigError("The topic of the alarms is", [
    `alarmTopicArn: given ${arn}; expected a topic in ${region}, the region of the stack`,
  ]);
}
