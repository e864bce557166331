import { Stack } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "../support/jest.ts";
import { alarmLines } from "./alarm-lines.ts";
import { EVERY_OPTION, KEYS_OF_SCHEDULES, OTHER_OPTIONS, SEVERAL_KEYS } from "./configurations.ts";
import { synth } from "./synth.ts";
import { attribute, join, only, propertiesOf, pseudo } from "./template.ts";

const ALARM = "AWS::CloudWatch::Alarm";
const TOPIC_TYPES = ["AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SNS::Subscription", "AWS::KMS::Key"];

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
const topicId = only(template, "AWS::SNS::Topic");
const alarms = alarmLines(template);

const SERVICE = "service=cdp-balance-snapshots";
/** One period of a window that reaches the threshold raises the alarm; missing data does not. */
const once = (metric: string, threshold = 1, periods = 15) =>
  `${metric} in 300 s, >= ${threshold}, 1 of ${periods}, missing: notBreaching`;

interface Expected {
  readonly prefix?: string;
  readonly dimensions?: string;
  readonly failurePeriods?: number;
  readonly staleSeconds?: number;
  readonly longMs?: number;
  readonly silence?: string;
}

/** The alarms on the metrics of a key's runs. Missing data counts as no complete run. */
function alarmsOfRuns({
  prefix = "",
  dimensions = SERVICE,
  failurePeriods = 15,
  staleSeconds = 6300,
  longMs = 720_000,
  // 2 hours and 15 minutes.
  silence = "in 300 s, < 1, 27 of 27",
}: Expected): Record<string, string> {
  const maximum = (name: string, threshold = 1) =>
    once(`Maximum of CdpBalanceSnapshots ${name} ${dimensions}`, threshold, failurePeriods);
  return {
    [`${prefix}account-failed`]: maximum("AccountsFailed"),
    [`${prefix}key-refused`]: maximum("KeyFailures"),
    [`${prefix}snapshot-too-old`]: maximum("OldestCompleteAge", staleSeconds),
    [`${prefix}warning`]: maximum("Warnings"),
    [`${prefix}near-timeout`]: maximum("Duration", longMs),
    [`${prefix}no-complete-run`]: `FILL(runs, 0), runs is Sum of CdpBalanceSnapshots CompleteRuns ${dimensions} ${silence}, missing: breaching`,
    ...(prefix !== "" && { [`${prefix}notice`]: maximum("Notices") }),
  };
}

const GROUP = `ScheduleGroup=${propertiesOf(template, "AWS::Scheduler::ScheduleGroup").Name}`;
const FUNCTION = "FunctionName=<SnapshotFunction>";
/** The alarms on function and delivery. */
const OF_RESOURCES = {
  "function-failed": once(`Sum of AWS/Lambda Errors ${FUNCTION}`),
  "function-throttled": once(`Sum of AWS/Lambda Throttles ${FUNCTION}`),
  "schedule-failed": once(`Sum of AWS/Scheduler TargetErrorCount ${GROUP}`),
  "dead-letters": once(
    "Maximum of AWS/SQS ApproximateNumberOfMessagesVisible QueueName=<DeadLettersQueue.QueueName>",
    1,
    1,
  ),
  "function-dead-letters-lost": once(`Sum of AWS/Lambda DeadLetterErrors ${FUNCTION}`),
  "schedule-dead-letters-lost": once(`Sum of AWS/Scheduler InvocationsFailedToBeSentToDeadLetterCount ${GROUP}`),
};

describe("the alarms", () => {
  it("of an hourly schedule are on its runs, on the function and on delivery", () => {
    expect(alarms).toEqual({ ...alarmsOfRuns({}), ...OF_RESOURCES });
  });

  it("notify the topic when they start, not when they end", () => {
    for (const { Properties } of Object.values(template.findResources(ALARM))) {
      expect(Properties.AlarmActions).toEqual([{ Ref: topicId }]);
      expect(Properties).not.toHaveProperty("OKActions");
      expect(Properties).not.toHaveProperty("InsufficientDataActions");
    }
  });

  it("of options are on notices, on failed attempts of the anchor, and on a day without a stored head", () => {
    const more = Object.entries(alarmLines(full, "cdp-balance-snapshots-dev")).filter(([name]) => !(name in alarms));

    const anchor = "FunctionName=<AnchorFunction>";
    expect(Object.fromEntries(more)).toEqual({
      notice: once(`Maximum of CdpBalanceSnapshots Notices ${SERVICE}-dev`),
      "anchor-failed": once(`Sum of AWS/Lambda Errors ${anchor}`, 1, 288),
      "anchor-missed":
        `FILL(started, 0) - FILL(failed, 0), started is Sum of AWS/Lambda Invocations ${anchor} in 3600 s, ` +
        `failed is Sum of AWS/Lambda Errors ${anchor} in 3600 s, < 1, 26 of 26, missing: breaching`,
    });
  });

  it("of several keys are those on runs for each key by its schedule, and the others once", () => {
    // From Friday's slot to Tuesday's, an hour for daylight saving time, and the duration of a run.
    const weekdays = {
      ...{ failurePeriods: 288, staleSeconds: ((4 * 86_400 + 3600) * 7) / 8 },
      silence: "in 3600 s, < 1, 98 of 98",
    };

    expect(alarmLines(synth(SEVERAL_KEYS).template)).toEqual({
      ...alarmsOfRuns({ prefix: "emea-", dimensions: `key=emea ${SERVICE}`, ...weekdays }),
      ...alarmsOfRuns({ prefix: "us-", dimensions: `key=us ${SERVICE}` }),
      ...OF_RESOURCES,
    });
  });

  it("of the engine stepFunctions are also on executions, and wait until a run has to end", () => {
    const longRuns = { failurePeriods: 24, longMs: 2_880_000, silence: "in 300 s, < 1, 36 of 36" };
    const { "function-dead-letters-lost": _, ...ofResources } = OF_RESOURCES;
    const ofLongRuns = Object.entries(ofResources).map(([name, line]) => [name, line.replace("1 of 15", "1 of 24")]);
    const execution = (metric: string) =>
      once(`Sum of AWS/States ${metric} StateMachineArn=<ExecutionsStateMachine>`, 1, 24);

    expect(alarmLines(synth({ engine: "stepFunctions" }).template)).toEqual({
      ...alarmsOfRuns(longRuns),
      ...Object.fromEntries(ofLongRuns),
      "execution-failed": execution("ExecutionsFailed"),
      "execution-timed-out": execution("ExecutionsTimedOut"),
      "execution-aborted": execution("ExecutionsAborted"),
      "execution-throttled": execution("ExecutionThrottled"),
    });
  });

  // 80 % of an invocation, unless the slot is too late before.
  it.each([
    ["lambda", 4, 12, 12],
    ["stepFunctions", 4, 48, 19.2 * 60],
  ])("with the engine %s warn in time that a run of a key gets too long", (engine, frequent, hourly, daily) => {
    const found = Object.entries(alarmLines(synth({ engine, keys: KEYS_OF_SCHEDULES }).template));

    const minutes = (key: string) =>
      Number(found.find(([name]) => name === `${key}-near-timeout`)?.[1].match(/>= (\d+)/)?.[1]) / 60_000;
    expect(["frequent", "hourly", "daily"].map(minutes)).toEqual([frequent, hourly, daily]);
  });
});

const { template: weekly, app: weeklyApp } = synth({
  schedule: "cron(0 18 ? * FRI *)",
  alarmEmails: "night@example.com, day@example.com",
});

describe("a schedule whose two periods exceed 7 days", () => {
  it("has no alarm on missing complete runs, and warns about it", () => {
    const { "no-complete-run": _, ...others } = alarms;

    expect(Object.keys(alarmLines(weekly)).sort()).toEqual(Object.keys(others).sort());
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
    for (const type of TOPIC_TYPES) shared.resourceCountIs(type, 0);
    shared.hasOutput("AlarmTopic", { Value: alarmTopicArn });
    expect(warningsOf(app)).toEqual([]);
  });
});

describe("a slot that is too late within five minutes", () => {
  it("has a warning for each key, and none at five minutes", () => {
    const keys = {
      a: { schedule: "cron(* * * * ? *)" },
      b: { latenessMinutes: 2 },
      c: { schedule: "cron(0,57 * * * ? *)" },
      d: { schedule: "cron(0/5 * * * ? *)" },
      e: { schedule: "cron(0 0 1 * ? *)" },
    };

    expect(warningsOf(synth({ alarmEmails: "night@example.com", keys }).app).sort()).toEqual([
      expect.stringMatching(
        /^A slot of cron\(\* .* \(keys\.a\) is too late after 1 min, .* 0 of the 2 retries.*docs\/configuration\.md#schedules-under-five-minutes/,
      ),
      expect.stringContaining("(keys.b) is too late after 2 min, which leaves time for 0 of the 2 retries"),
      expect.stringContaining("(keys.c) is too late after 3 min, which leaves time for 1 of the 2 retries"),
      expect.stringMatching(/^Two periods of .* \(keys\.e\) and a run exceed the 7 days/),
    ]);
  });
});

describe("a stack without alarms", () => {
  const { template: silent, app } = synth(OTHER_OPTIONS);

  it("has neither alarms nor a topic", () => {
    for (const type of [ALARM, ...TOPIC_TYPES]) silent.resourceCountIs(type, 0);
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
