import { Annotations, ArnFormat, Aspects, Duration, RemovalPolicy, Stack, Stage } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { type CfnTopicPolicy, type ITopic, Topic, TopicPolicy } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { deploymentName } from "../config/deployment-name.ts";

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
    key.addToResourcePolicy(allowAlarms(this, props.alarmPrefix, KEY_ACTIONS, "*"));
    this.topic.addToResourcePolicy(allowAlarms(this, props.alarmPrefix, PUBLISH, this.topic.topicArn));
    for (const email of props.emails) this.topic.addSubscription(new EmailSubscription(email));
    if (props.emails.length === 0) {
      Annotations.of(this).addWarningV2(
        "cdp-balance-snapshots:no-alarm-emails",
        'Nobody receives the alarms. Configure alarmEmails, subscribe to the topic in another way, or set "alarms" to ' +
          '"none, because …".',
      );
    }
  }
}

/**
 * Allows the alarms to publish to a topic of the application. A topic without a policy, which allows them by default, gets none: a
 * policy would replace the default, also for others. Of an imported topic, CDK changes nothing.
 */
export function allowExistingTopic(topic: ITopic, alarms: Construct, alarmPrefix: string): void {
  topic.masterKey?.addToResourcePolicy(allowAlarms(alarms, alarmPrefix, KEY_ACTIONS, "*"));
  const statement = allowAlarms(alarms, alarmPrefix, PUBLISH, topic.topicArn);
  // An Aspect, because the application may create the policy later, and beside the topic.
  Aspects.of(Stage.of(topic) ?? topic).add({
    visit: (node) => {
      if (node instanceof TopicPolicy && isPolicyOf(node, topic)) node.document.addStatements(statement);
    },
  });
}

const isPolicyOf = ({ node }: TopicPolicy, topic: ITopic) =>
  (node.defaultChild as CfnTopicPolicy).topics.includes(topic.topicArn);

const KEY_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey*"];
const PUBLISH = ["sns:Publish"];

/**
 * Returns a statement that allows the alarms whose names have a prefix.
 * @param resource ARN of the topic; in a key's policy `*`, which means that key
 */
function allowAlarms(scope: Construct, alarmPrefix: string, actions: string[], resource: string): PolicyStatement {
  const stack = Stack.of(scope);
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
