import { describe, expect, it } from "@jest/globals";
import { ENV } from "../../../core/names/environment.ts";
import { synth } from "../synth.ts";
import { attribute, environmentOf, functionId, only, scheduleRoleId, statementsOf } from "../template.ts";

const { template } = synth();
const queueId = only(template, "AWS::SQS::Queue");
const fnId = functionId(template);

describe("the schedule", () => {
  it("tells the function its slot, at no other time than its own", () => {
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
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

  it("may invoke this function, leave dead letters, and nothing else", () => {
    expect(statementsOf(template, scheduleRoleId(template))).toEqual([
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: attribute(fnId) },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: attribute(queueId) },
    ]);
  });

  it("takes an expression with a time zone", () => {
    const { template: daily } = synth({
      schedule: "cron(0 18 ? * MON-FRI *)",
      timezone: "Europe/Berlin",
    });

    daily.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpression: "cron(0 18 ? * MON-FRI *)",
      ScheduleExpressionTimezone: "Europe/Berlin",
    });
  });

  // An event that is older than the limit is refused, so nobody need deliver it; AWS bounds how old it may be.
  it.each([
    [{}, { limit: 3_600, lambda: 3_600, scheduler: 3_600 }],
    [{ latenessMinutes: 1 }, { limit: 60, lambda: 60, scheduler: 60 }],
    [{ schedule: "rate(12 hours)" }, { limit: 43_200, lambda: 21_600, scheduler: 43_200 }],
    [{ schedule: "rate(2 days)" }, { limit: 172_800, lambda: 21_600, scheduler: 86_400 }],
  ])("with %j delivers until the slot is too late", (context, { limit, lambda, scheduler }) => {
    const { template: scheduled } = synth(context);

    expect(environmentOf(scheduled)[ENV.latenessLimitSeconds]).toBe(String(limit));
    scheduled.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumEventAgeInSeconds: lambda,
      MaximumRetryAttempts: 2,
    });
    scheduled.hasResourceProperties("AWS::Scheduler::Schedule", {
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: scheduler } },
    });
  });
});
