import { describe, expect, it } from "@jest/globals";
import { Stack } from "aws-cdk-lib";
import { Annotations, Match, type Template } from "aws-cdk-lib/assertions";
import { contextWith, NO_ALARMS } from "../configurations.ts";
import { synth } from "../synth.ts";
import { attribute, functionId, join, only, propertiesOf, pseudo } from "../template.ts";

const ALARM = "AWS::CloudWatch::Alarm";

const { template } = synth();
const topicId = only(template, "AWS::SNS::Topic");
const { [only(template, "AWS::Scheduler::ScheduleGroup")]: group } = template.findResources(
  "AWS::Scheduler::ScheduleGroup",
);

/** All alarms by name, without the stack's. */
function alarmsOf(of: Template, stackName = "cdp-balance-snapshots") {
  const entries = Object.values(of.findResources(ALARM)).map(({ Properties: { Tags: _, AlarmName, ...rest } }) => {
    expect(AlarmName).toMatch(new RegExp(`^${stackName}-`));
    return [AlarmName.slice(stackName.length + 1), rest];
  });
  return Object.fromEntries(entries);
}

const alarms = alarmsOf(template);

const JOB = { Namespace: "CdpBalanceSnapshots", Dimensions: [{ Name: "service", Value: "cdp-balance-snapshots" }] };
const LAMBDA = {
  Namespace: "AWS/Lambda",
  Dimensions: [{ Name: "FunctionName", Value: { Ref: functionId(template) } }],
};
const SCHEDULER = {
  Namespace: "AWS/Scheduler",
  Dimensions: [{ Name: "ScheduleGroup", Value: group?.["Properties"].Name }],
};
const QUEUE = {
  Namespace: "AWS/SQS",
  Dimensions: [{ Name: "QueueName", Value: attribute(only(template, "AWS::SQS::Queue"), "QueueName") }],
};

/** Of 75 minutes, one data point is enough, and none is well. */
const ONCE = {
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  Threshold: 1,
  EvaluationPeriods: 15,
  DatapointsToAlarm: 1,
  TreatMissingData: "notBreaching",
};
const of = (source: object, MetricName: string, Statistic: string, more = {}) => ({
  ...ONCE,
  ...source,
  MetricName,
  Statistic,
  Period: 300,
  ...more,
});
/** A metric in an expression. */
const part = (Id: string, { Namespace, Dimensions }: typeof JOB | typeof LAMBDA, MetricName: string) => ({
  Id,
  MetricStat: { Metric: { Namespace, Dimensions, MetricName }, Period: 300, Stat: "Sum" },
  ReturnData: false,
});
const expression = (Expression: string) => expect.objectContaining({ Expression, ReturnData: true });

describe("the alarms of an hourly schedule", () => {
  it.each([
    ["account-failed", of(JOB, "AccountsFailed", "Maximum")],
    ["key-refused", of(JOB, "KeyFailures", "Maximum")],
    ["snapshot-too-old", of(JOB, "OldestCompleteAge", "Maximum", { Threshold: 6300 })],
    ["warning", of(JOB, "Warnings", "Maximum")],
    [
      "no-complete-run",
      {
        ComparisonOperator: "LessThanThreshold",
        Threshold: 1,
        // 2 hours and 15 minutes, all of them without a complete run; and what is missing is no complete run.
        EvaluationPeriods: 27,
        DatapointsToAlarm: 27,
        TreatMissingData: "breaching",
        Metrics: [expression("FILL(runs, 0)"), part("runs", JOB, "CompleteRuns")],
      },
    ],
    ["function-failed", of(LAMBDA, "Errors", "Sum")],
    ["function-throttled", of(LAMBDA, "Throttles", "Sum")],
    ["near-timeout", of(LAMBDA, "Duration", "Maximum", { Threshold: 720_000 })],
    ["schedule-failed", of(SCHEDULER, "TargetErrorCount", "Sum")],
    ["dead-letters", of(QUEUE, "ApproximateNumberOfMessagesVisible", "Maximum", { EvaluationPeriods: 1 })],
    [
      "dead-letters-lost",
      {
        ...ONCE,
        Metrics: [
          expression("FILL(byFunction, 0) + FILL(bySchedule, 0)"),
          part("byFunction", LAMBDA, "DeadLetterErrors"),
          part("bySchedule", SCHEDULER, "InvocationsFailedToBeSentToDeadLetterCount"),
        ],
      },
    ],
  ])("%s goes off when it has to, and tells the topic, then and when it is over", (name, expected) => {
    expect(alarms[name]).toEqual({
      ...expected,
      AlarmDescription: expect.any(String),
      AlarmActions: [{ Ref: topicId }],
      OKActions: [{ Ref: topicId }],
    });
  });

  it("are these eleven", () => {
    expect(Object.keys(alarms)).toHaveLength(11);
  });

  it("have one on notices where it is asked for", () => {
    const { notice, ...others } = alarmsOf(synth({ noticeAlarm: "true" }).template);

    expect(notice).toMatchObject(of(JOB, "Notices", "Maximum"));
    expect(Object.keys(others)).toEqual(Object.keys(alarms));
  });

  it("follow the schedule", () => {
    const daily = alarmsOf(synth({ schedule: "cron(0 18 ? * MON-FRI *)", timezone: "Europe/Berlin" }).template);

    // From Friday's to Tuesday's slot, an hour for the change of clocks, and what a run may take.
    expect(daily["no-complete-run"]).toMatchObject({ EvaluationPeriods: 98, DatapointsToAlarm: 98 });
    expect(daily["no-complete-run"].Metrics[1].MetricStat.Period).toBe(3600);
    expect(daily["account-failed"]).toMatchObject({ EvaluationPeriods: 288, Period: 300 });
    expect(daily["snapshot-too-old"].Threshold).toBe(302_400);
  });

  it("carry the stage, and so do their metrics", () => {
    const staged = alarmsOf(synth({ stage: "dev" }).template, "cdp-balance-snapshots-dev");

    expect(staged["account-failed"].Dimensions).toEqual([{ Name: "service", Value: "cdp-balance-snapshots-dev" }]);
  });
});

describe("a schedule beyond what an alarm can look back", () => {
  const { template: weekly, app } = synth({ schedule: "cron(0 18 ? * FRI *)" });

  it("has all alarms but the one on silence, and says so", () => {
    const { "no-complete-run": _, ...others } = alarms;

    expect(Object.keys(alarmsOf(weekly)).sort()).toEqual(Object.keys(others).sort());
    expect(warningsOf(app)).toContainEqual(expect.stringMatching(/^No alarm can look back .*every three days/));
  });
});

describe("the topic of alarms", () => {
  it("is encrypted with a key that turns, and goes with its stack", () => {
    const keyId = only(template, "AWS::KMS::Key");

    template.hasResourceProperties("AWS::SNS::Topic", { KmsMasterKeyId: attribute(keyId) });
    template.hasResource("AWS::KMS::Key", {
      Properties: { EnableKeyRotation: true },
      DeletionPolicy: "Delete",
    });
  });

  it("lets this stack's alarms publish and nobody over plain HTTP", () => {
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

  it("has a key that this stack's alarms may use", () => {
    const { Statement: statements } = propertiesOf(template, "AWS::KMS::Key").KeyPolicy;

    // The first gives its account's own policies a say, without which nobody could ever manage the key.
    expect(statements).toHaveLength(2);
    expect(statements[1]).toEqual({
      ...ALARMS_OF_THIS_STACK,
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
    });
  });

  it("has no subscriber by itself, and says that nobody is told", () => {
    template.resourceCountIs("AWS::SNS::Subscription", 0);
    expect(warningsOf(synth().app)).toContainEqual(expect.stringMatching(/^Nobody is told of alarms/));
  });

  it("has those that are configured", () => {
    const { template: mailed, app } = synth({ alarmEmails: "night@example.com, day@example.com" });

    for (const Endpoint of ["night@example.com", "day@example.com"]) {
      mailed.hasResourceProperties("AWS::SNS::Subscription", {
        Protocol: "email",
        Endpoint,
        TopicArn: { Ref: only(mailed, "AWS::SNS::Topic") },
      });
    }
    mailed.resourceCountIs("AWS::SNS::Subscription", 2);
    expect(warningsOf(app)).toEqual([]);
  });

  it("is told of in an output", () => {
    expect(template.findOutputs("AlarmsTo")["AlarmsTo"]?.["Value"]).toEqual({ Ref: topicId });
  });
});

describe("a stack without alarms", () => {
  const { template: silent, app } = synth({ alarms: NO_ALARMS });

  it("has neither alarms nor a topic, and says why in an output", () => {
    for (const type of [ALARM, "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::KMS::Key"]) {
      silent.resourceCountIs(type, 0);
    }
    expect(silent.findOutputs("AlarmsTo")["AlarmsTo"]?.["Value"]).toBe(NO_ALARMS);
    expect(warningsOf(app)).toEqual([]);
  });

  it("is not had by accident", () => {
    expect(contextWith({})).not.toHaveProperty("balanceSnapshots.alarms");
    for (const alarms of ["off", "none", "none, because", "none, because no", false, ""]) {
      expect(() => synth({ alarms })).toThrow('expected "on", or "none, because …"');
    }
  });

  it("has nobody to be told", () => {
    expect(() => synth({ alarms: NO_ALARMS, alarmEmails: "night@example.com" })).toThrow(
      "alarmEmails: given without alarms",
    );
  });
});

const ALARMS_OF_THIS_STACK = {
  Effect: "Allow",
  Principal: { Service: "cloudwatch.amazonaws.com" },
  Condition: {
    StringEquals: { "aws:SourceAccount": pseudo("AccountId") },
    ArnLike: {
      "aws:SourceArn": join([
        "arn:",
        pseudo("Partition"),
        ":cloudwatch:",
        pseudo("Region"),
        ":",
        pseudo("AccountId"),
        ":alarm:cdp-balance-snapshots-*",
      ]),
    },
  },
};

/** What `cdk synth` warns of. */
function warningsOf(app: ReturnType<typeof synth>["app"]): string[] {
  const [stack] = app.node.children.filter((child) => Stack.isStack(child));
  return Annotations.fromStack(stack as Stack)
    .findWarning("*", Match.anyValue())
    .map(({ entry }) => String(entry.data));
}
