import { Annotations, ArnFormat, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct, type IConstruct } from "constructs";

/** Who is told. */
export interface AlarmTopicProps {
  readonly emails: readonly string[];
  /** What the names of the alarms begin with; other alarms may not publish here. */
  readonly alarmPrefix: string;
}

/**
 * The topic of all alarms, encrypted, over TLS only.
 *
 * With a key of its own: CloudWatch may not use the one that AWS manages for SNS, nor can that one's policy be changed,
 * so that alarms would go nowhere, without a word. And with a policy that lets CloudWatch publish, for a topic that
 * has any policy of its own has lost the default one, which did. Sources:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    // It keeps nothing but mails on their way: a key that outlives its stack would only cost.
    const key = new Key(this, "Key", {
      description: `Encrypts the alarms of ${stackName} on their way`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(7),
    });
    this.topic = new Topic(this, "Topic", {
      // The sender's name in the mails; 100 characters at most.
      displayName: stackName.slice(0, 100),
      masterKey: key,
      enforceSSL: true,
    });
    key.addToResourcePolicy(this.#allowAlarms(props, ["kms:Decrypt", "kms:GenerateDataKey*"], "*"));
    this.topic.addToResourcePolicy(this.#allowAlarms(props, ["sns:Publish"], this.topic.topicArn));
    for (const email of props.emails) this.topic.addSubscription(new EmailSubscription(email));
    if (props.emails.length === 0) warnOfSilence(this);
  }

  /** @param resource of a key's policy `*`, which is that key */
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

function warnOfSilence(scope: IConstruct): void {
  Annotations.of(scope).addWarningV2(
    "cdp-balance-snapshots:no-alarm-emails",
    'Nobody is told of alarms. Give alarmEmails, or subscribe to the topic by other means, or write down "alarms": "none, because …".',
  );
}
