import { Stack } from "aws-cdk-lib";
import { Annotations, Match, type Template } from "aws-cdk-lib/assertions";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION, NO_ALARMS } from "./configurations.ts";
import { synth } from "./synth.ts";
import { attribute, functionId, join, only, propertiesOf, pseudo } from "./template.ts";

const ALARM = "AWS::CloudWatch::Alarm";

const HOUR = 3600;
const DAY = 24 * HOUR;

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
const topicId = only(template, "AWS::SNS::Topic");

/** Returns the properties of all alarms by name, without the prefix. */
function alarmsOf(template: Template, stackName = "cdp-balance-snapshots") {
  const entries = Object.values(template.findResources(ALARM)).map(
    ({ Properties: { Tags: _, AlarmName, ...rest } }) => {
      expect(AlarmName).toMatch(new RegExp(`^${stackName}-`));
      return [AlarmName.slice(stackName.length + 1), rest];
    },
  );
  return Object.fromEntries(entries);
}

const alarms = alarmsOf(template);

const metricSource = (Namespace: string, Name: string, Value: unknown) => ({
  Namespace,
  Dimensions: [{ Name, Value }],
});
const JOB = metricSource("CdpBalanceSnapshots", "service", "cdp-balance-snapshots");
const LAMBDA = metricSource("AWS/Lambda", "FunctionName", { Ref: functionId(template) });
const SCHEDULER = metricSource(
  "AWS/Scheduler",
  "ScheduleGroup",
  propertiesOf(template, "AWS::Scheduler::ScheduleGroup").Name,
);
const QUEUE = metricSource("AWS/SQS", "QueueName", attribute(only(template, "AWS::SQS::Queue"), "QueueName"));

const DEV = [{ Name: "service", Value: "cdp-balance-snapshots-dev" }];

/** One breaching data point in 75 minutes raises the alarm; missing data does not. */
const ONCE = {
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  Threshold: 1,
  EvaluationPeriods: 15,
  DatapointsToAlarm: 1,
  TreatMissingData: "notBreaching",
};
const metric = (source: object, MetricName: string, Statistic: string, more = {}) => ({
  ...ONCE,
  ...source,
  MetricName,
  Statistic,
  Period: 300,
  ...more,
});
/** A metric in an expression. */
const operand = (Id: string, { Namespace, Dimensions }: typeof JOB, MetricName: string, Period = 300) => ({
  Id,
  MetricStat: { Metric: { Namespace, Dimensions, MetricName }, Period, Stat: "Sum" },
  ReturnData: false,
});
const expression = (Expression: string) => expect.objectContaining({ Expression, ReturnData: true });

describe("the alarms of an hourly schedule", () => {
  it.each([
    ["account-failed", metric(JOB, "AccountsFailed", "Maximum")],
    ["key-refused", metric(JOB, "KeyFailures", "Maximum")],
    ["snapshot-too-old", metric(JOB, "OldestCompleteAge", "Maximum", { Threshold: 6300 })],
    ["warning", metric(JOB, "Warnings", "Maximum")],
    [
      "no-complete-run",
      {
        ComparisonOperator: "LessThanThreshold",
        Threshold: 1,
        // 2 hours and 15 minutes without a complete run. Missing data counts as no complete run.
        EvaluationPeriods: 27,
        DatapointsToAlarm: 27,
        TreatMissingData: "breaching",
        Metrics: [expression("FILL(runs, 0)"), operand("runs", JOB, "CompleteRuns")],
      },
    ],
    ["function-failed", metric(LAMBDA, "Errors", "Sum")],
    ["function-throttled", metric(LAMBDA, "Throttles", "Sum")],
    ["near-timeout", metric(JOB, "Duration", "Maximum", { Threshold: 720_000 })],
    ["schedule-failed", metric(SCHEDULER, "TargetErrorCount", "Sum")],
    ["dead-letters", metric(QUEUE, "ApproximateNumberOfMessagesVisible", "Maximum", { EvaluationPeriods: 1 })],
    ["function-dead-letters-lost", metric(LAMBDA, "DeadLetterErrors", "Sum")],
    ["schedule-dead-letters-lost", metric(SCHEDULER, "InvocationsFailedToBeSentToDeadLetterCount", "Sum")],
  ])("include %s, which notifies the topic when it starts, not when it ends", (name, expected) => {
    expect(alarms[name]).toEqual({
      ...expected,
      AlarmDescription: expect.any(String),
      AlarmActions: [{ Ref: topicId }],
    });
  });

  it("are twelve", () => {
    expect(Object.keys(alarms)).toHaveLength(12);
  });

  it("have windows that follow the schedule, and the stage in their names and metrics", () => {
    const { template: weekdays } = synth({
      schedule: "cron(0 18 ? * MON-FRI *)",
      timezone: "Europe/Berlin",
      stage: "dev",
    });
    const daily = alarmsOf(weekdays, "cdp-balance-snapshots-dev");

    // From Friday's slot to Tuesday's, an hour for daylight saving time, and the duration of a run.
    expect(daily["no-complete-run"]).toMatchObject({ EvaluationPeriods: 98, DatapointsToAlarm: 98 });
    expect(daily["no-complete-run"].Metrics[1].MetricStat.Period).toBe(3600);
    expect(daily["account-failed"]).toMatchObject({ EvaluationPeriods: 288, Period: 300 });
    expect(daily["snapshot-too-old"].Threshold).toBe(((4 * DAY + HOUR) * 7) / 8);
    expect(daily["account-failed"].Dimensions).toEqual(DEV);
  });
});

describe("the alarms of options", () => {
  const anchorId = only(full, "AWS::Lambda::Function", ANCHOR_ENV.bucketName);
  const anchor = metricSource("AWS/Lambda", "FunctionName", { Ref: anchorId });

  it("include one on notices, one on failed attempts of the anchor, and one on a day without a stored head", () => {
    const more = Object.entries(alarmsOf(full, "cdp-balance-snapshots-dev")).filter(([name]) => !(name in alarms));

    expect(Object.fromEntries(more)).toEqual({
      notice: expect.objectContaining({ ...metric(JOB, "Notices", "Maximum"), Dimensions: DEV }),
      "anchor-failed": expect.objectContaining(metric(anchor, "Errors", "Sum", { EvaluationPeriods: 288 })),
      "anchor-missed": expect.objectContaining({
        ComparisonOperator: "LessThanThreshold",
        Threshold: 1,
        EvaluationPeriods: 26,
        DatapointsToAlarm: 26,
        TreatMissingData: "breaching",
        Metrics: [
          expression("FILL(started, 0) - FILL(failed, 0)"),
          operand("started", anchor, "Invocations", 3600),
          operand("failed", anchor, "Errors", 3600),
        ],
      }),
    });
  });
});

const { template: weekly, app: weeklyApp } = synth({
  schedule: "cron(0 18 ? * FRI *)",
  alarmEmails: "night@example.com, day@example.com",
});

describe("a schedule whose two periods exceed 7 days", () => {
  it("has no alarm on missing complete runs, and warns about it", () => {
    const { "no-complete-run": _, ...others } = alarms;

    expect(Object.keys(alarmsOf(weekly)).sort()).toEqual(Object.keys(others).sort());
    expect(warningsOf(weeklyApp)).toEqual([expect.stringMatching(/exceed the 7 days .*every three days/)]);
  });
});

describe("the alarm topic", () => {
  it("is encrypted with a rotated key, which this stack's alarms can use and which is deleted with the stack", () => {
    template.hasResourceProperties("AWS::SNS::Topic", {
      KmsMasterKeyId: attribute(only(template, "AWS::KMS::Key")),
    });
    template.hasResource("AWS::KMS::Key", { Properties: { EnableKeyRotation: true }, DeletionPolicy: "Delete" });
    const { Statement: statements } = propertiesOf(template, "AWS::KMS::Key").KeyPolicy;
    // The first statement enables the account's IAM policies, without which nobody could manage the key.
    expect(statements).toHaveLength(2);
    expect(statements[1]).toEqual({
      ...ALARMS_OF_THIS_STACK,
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
    });
  });

  it("allows this stack's alarms to publish, and denies requests without TLS", () => {
    const { Statement: statements } = propertiesOf(template, "AWS::SNS::TopicPolicy").PolicyDocument;

    expect(statements).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
      expect.objectContaining({ ...ALARMS_OF_THIS_STACK, Action: "sns:Publish", Resource: { Ref: topicId } }),
    ]);
  });

  it("has the configured subscribers, and warns if there are none", () => {
    const topic = { Ref: only(weekly, "AWS::SNS::Topic") };
    const subscriptions = Object.values(weekly.findResources("AWS::SNS::Subscription"));

    expect(subscriptions.map(({ Properties }) => Properties)).toEqual([
      { Protocol: "email", Endpoint: "night@example.com", TopicArn: topic },
      { Protocol: "email", Endpoint: "day@example.com", TopicArn: topic },
    ]);
    template.resourceCountIs("AWS::SNS::Subscription", 0);
    expect(warningsOf(synth().app)).toContainEqual(expect.stringMatching(/^Nobody receives the alarms/));
  });
});

describe("an existing topic", () => {
  const alarmTopicArn = "arn:aws:sns:eu-west-1:210987654321:chat-ops";
  const { template: shared, app } = synth({ alarmTopicArn });

  it("is notified by every alarm, in place of a topic with its key and subscriptions", () => {
    shared.allResourcesProperties(ALARM, { AlarmActions: [alarmTopicArn] });
    for (const type of ["AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SNS::Subscription", "AWS::KMS::Key"]) {
      shared.resourceCountIs(type, 0);
    }
    shared.hasOutput("AlarmTopic", { Value: alarmTopicArn });
    expect(warningsOf(app)).toEqual([]);
  });
});

describe("a slot that is too late within five minutes", () => {
  const emails = { alarmEmails: "night@example.com" };

  it("warns", () => {
    const { app } = synth({ ...emails, schedule: "cron(0/4 * * * ? *)" });

    expect(warningsOf(app)).toEqual([
      expect.stringMatching(
        /^A slot of cron\(0\/4 \* \* \* \? \*\) is too late after 4 min, which leaves time for 1 of the 2 retries/,
      ),
    ]);
    expect(warningsOf(app)[0]).toContain("docs/configuration.md#schedules-under-five-minutes");
  });

  it("warns of each key, and of nothing at five minutes", () => {
    const keys = {
      a: { schedule: "cron(* * * * ? *)" },
      b: { latenessMinutes: 2 },
      c: { schedule: "cron(0,57 * * * ? *)" },
      d: { schedule: "cron(0/5 * * * ? *)" },
      e: { schedule: "cron(0 0 1 * ? *)" },
    };

    expect(warningsOf(synth({ ...emails, keys }).app).sort()).toEqual([
      expect.stringContaining("(keys.a) is too late after 1 min, which leaves time for 0 of the 2 retries"),
      expect.stringContaining("(keys.b) is too late after 2 min, which leaves time for 0 of the 2 retries"),
      expect.stringContaining("(keys.c) is too late after 3 min, which leaves time for 1 of the 2 retries"),
      expect.stringMatching(/^Two periods of .* \(keys\.e\) and a run exceed the 7 days/),
    ]);
  });
});

describe("a stack without alarms", () => {
  const { template: silent, app } = synth({ alarms: NO_ALARMS });

  it("has neither alarms nor a topic", () => {
    for (const type of [ALARM, "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::KMS::Key"]) {
      silent.resourceCountIs(type, 0);
    }
    expect(warningsOf(app)).toEqual([]);
  });
});

const ALARMS_OF_THIS_STACK = {
  Effect: "Allow",
  Principal: { Service: "cloudwatch.amazonaws.com" },
  Condition: {
    StringEquals: { "aws:SourceAccount": pseudo("AccountId") },
    ArnLike: {
      "aws:SourceArn": join([
        ...["arn:", pseudo("Partition"), ":cloudwatch:", pseudo("Region"), ":", pseudo("AccountId")],
        ":alarm:cdp-balance-snapshots-*",
      ]),
    },
  },
};

/** Returns the warnings of `cdk synth`. */
function warningsOf(app: ReturnType<typeof synth>["app"]): string[] {
  const [stack] = app.node.children.filter((child) => Stack.isStack(child));
  return Annotations.fromStack(stack as Stack)
    .findWarning("*", Match.anyValue())
    .map(({ entry }) => String(entry.data));
}
