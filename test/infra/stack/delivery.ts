import { describe, expect, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { synth } from "../synth.ts";
import { attribute, functionProperties, only, propertiesOf, pseudo, scheduleRoleId } from "../template.ts";

const { template } = synth();
const queueId = only(template, "AWS::SQS::Queue");
const groupId = only(template, "AWS::Scheduler::ScheduleGroup");

describe("the schedule's delivery", () => {
  it("is in a group of its own", () => {
    const { Name } = propertiesOf(template, "AWS::Scheduler::ScheduleGroup");

    expect(Name).toContain("cdpbalancesnapshots");
    template.hasResource("AWS::Scheduler::Schedule", { DependsOn: [groupId], Properties: { GroupName: Name } });
  });

  it("is done by a role that only this group's schedules can take on", () => {
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

  it("ends in the dead-letter queue", () => {
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      Target: { DeadLetterConfig: { Arn: attribute(queueId) }, RetryPolicy: { MaximumRetryAttempts: 185 } },
    });
  });
});

describe("a failed event", () => {
  it("ends in the dead-letter queue as it is, not wrapped into a record", () => {
    expect(functionProperties(template).DeadLetterConfig).toEqual({ TargetArn: attribute(queueId) });
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { DestinationConfig: Match.absent() });
  });
});

describe("the dead-letter queue", () => {
  it("keeps a letter as long as SQS can, encrypted", () => {
    template.hasResourceProperties("AWS::SQS::Queue", {
      MessageRetentionPeriod: 14 * 86_400,
      SqsManagedSseEnabled: true,
      FifoQueue: Match.absent(),
    });
  });

  it("refuses whoever comes without TLS, and lets in nobody by its policy", () => {
    expect(propertiesOf(template, "AWS::SQS::QueuePolicy")).toEqual({
      Queues: [{ Ref: queueId }],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: { AWS: "*" },
            Action: "sqs:*",
            Resource: attribute(queueId),
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      },
    });
  });
});
