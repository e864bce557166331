import { describe, expect, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { ENV } from "../../../core/names/environment.ts";
import { synth } from "../synth.ts";
import {
  attribute,
  denyPlainHttp,
  environmentOf,
  functionId,
  functionProperties,
  only,
  propertiesOf,
  pseudo,
  scheduleRoleId,
  statementsOf,
} from "../template.ts";

const SCHEDULE = "AWS::Scheduler::Schedule";
const { template } = synth();
const queueId = only(template, "AWS::SQS::Queue");
const groupId = only(template, "AWS::Scheduler::ScheduleGroup");
const fnId = functionId(template);

describe("the schedule", () => {
  it("invokes the function with the slot, without a flexible time window", () => {
    template.hasResourceProperties(SCHEDULE, {
      ScheduleExpression: "rate(1 hour)",
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      State: "ENABLED",
      Target: {
        Arn: attribute(fnId),
        Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
      },
    });
  });

  it("accepts a cron expression with a time zone", () => {
    const { template: daily } = synth({ schedule: "cron(0 18 ? * MON-FRI *)", timezone: "Europe/Berlin" });

    daily.hasResourceProperties(SCHEDULE, {
      ScheduleExpression: "cron(0 18 ? * MON-FRI *)",
      ScheduleExpressionTimezone: "Europe/Berlin",
    });
  });

  it("is in its own group, on which it depends", () => {
    const { Name } = propertiesOf(template, "AWS::Scheduler::ScheduleGroup");

    expect(Name).toContain("cdpbalancesnapshots");
    template.hasResource(SCHEDULE, { DependsOn: [groupId], Properties: { GroupName: Name } });
  });

  it("has a role that only schedules of this group can assume", () => {
    const { [scheduleRoleId(template)]: role } = template.findResources("AWS::IAM::Role");

    expect(role?.["Properties"].AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: "scheduler.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": pseudo("AccountId"), "aws:SourceArn": attribute(groupId) } },
      },
    ]);
  });

  it("has a role that can invoke the function and send dead letters, nothing else", () => {
    expect(statementsOf(template, scheduleRoleId(template))).toEqual([
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: attribute(fnId) },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: attribute(queueId) },
    ]);
  });

  // The function refuses older events. AWS limits the age to 6 hours (Lambda) and a day (EventBridge Scheduler).
  it.each([
    [{}, { limit: 3_600, lambda: 3_600, scheduler: 3_600 }],
    [{ latenessMinutes: 1 }, { limit: 60, lambda: 60, scheduler: 60 }],
    [{ schedule: "rate(12 hours)" }, { limit: 43_200, lambda: 21_600, scheduler: 43_200 }],
    [{ schedule: "rate(2 days)" }, { limit: 172_800, lambda: 21_600, scheduler: 86_400 }],
  ])("with %j is retried until the slot is too late", (context, { limit, lambda, scheduler }) => {
    const { template: scheduled } = synth(context);

    expect(environmentOf(scheduled)[ENV.latenessLimitSeconds]).toBe(String(limit));
    scheduled.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumEventAgeInSeconds: lambda,
      MaximumRetryAttempts: 2,
    });
    scheduled.hasResourceProperties(SCHEDULE, {
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: scheduler } },
    });
  });
});

describe("the dead-letter queue", () => {
  it("receives events that the schedule could not deliver", () => {
    template.hasResourceProperties(SCHEDULE, {
      Target: { DeadLetterConfig: { Arn: attribute(queueId) }, RetryPolicy: { MaximumRetryAttempts: 185 } },
    });
  });

  it("receives events on which the function failed, not wrapped into a record", () => {
    expect(functionProperties(template).DeadLetterConfig).toEqual({ TargetArn: attribute(queueId) });
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { DestinationConfig: Match.absent() });
  });

  it("keeps messages for 14 days, encrypted", () => {
    template.hasResourceProperties("AWS::SQS::Queue", {
      MessageRetentionPeriod: 14 * 86_400,
      SqsManagedSseEnabled: true,
      FifoQueue: Match.absent(),
    });
  });

  it("denies requests without TLS, and its policy allows nobody", () => {
    const { Queues, PolicyDocument } = propertiesOf(template, "AWS::SQS::QueuePolicy");

    expect(Queues).toEqual([{ Ref: queueId }]);
    expect(PolicyDocument.Statement).toEqual([denyPlainHttp("sqs", attribute(queueId))]);
  });
});
