import { Match } from "aws-cdk-lib/assertions";
import { ENV } from "../../core/names/environment.ts";
import { EXPIRES_AT, TABLE_KEYS } from "../../core/names/table-keys.ts";
import { describe, expect, it } from "../support/jest.ts";
import { OTHER_OPTIONS } from "./configurations.ts";
import { synth } from "./synth.ts";
import {
  allow,
  attribute,
  denyPlainHttp,
  environmentOf,
  functionId,
  functionProperties,
  functionRoleId,
  only,
  propertiesOf,
  scheduleRoleId,
  statementsOf,
} from "./template.ts";

const TABLE = "AWS::DynamoDB::GlobalTable";
const SECRET = "AWS::SecretsManager::Secret";
const SCHEDULE = "AWS::Scheduler::Schedule";

const { template } = synth();
const SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/cdp-key-a1B2c3";
const { template: configured } = synth({
  secretName: SECRET_ARN,
  retentionDays: "400",
  schedule: "cron(0 18 ? * MON-FRI *)",
  timezone: "Europe/Berlin",
  accountsOwner: "entity,customer",
  accountsType: "prime",
  apiBaseUrl: "https://example.com/platform",
  pageSize: "50",
  noticeMovedPercent: "20",
  explainedMoves: "usdc=pays suppliers every day,eth=is being sold",
  accountsAtOnce: "8",
  readsPerTenSeconds: "300",
});
const tableId = only(template, TABLE);
const secretId = only(template, SECRET);
const queueId = only(template, "AWS::SQS::Queue");
const groupId = only(template, "AWS::Scheduler::ScheduleGroup");
const logGroupId = only(template, "AWS::Logs::LogGroup", "Snapshot");
const fnId = functionId(template);

describe("the table", () => {
  it("has the account and the slot as its keys, both strings", () => {
    template.hasResourceProperties(TABLE, {
      KeySchema: [
        { AttributeName: TABLE_KEYS.partition, KeyType: "HASH" },
        { AttributeName: TABLE_KEYS.sort, KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: TABLE_KEYS.partition, AttributeType: "S" },
        { AttributeName: TABLE_KEYS.sort, AttributeType: "S" },
      ],
    });
  });

  it("cannot be deleted, can be restored, is encrypted, denies requests without TLS, and has no fixed name", () => {
    template.hasResourceProperties(TABLE, {
      Replicas: [
        { DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      ],
      BillingMode: "PAY_PER_REQUEST",
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      TableName: Match.absent(),
    });
    const [replica] = propertiesOf(template, TABLE).Replicas;
    expect(replica.ResourcePolicy.PolicyDocument.Statement).toEqual([denyPlainHttp("dynamodb", "*")]);
  });

  it("keeps items forever by default, and has a time to live with retentionDays", () => {
    template.hasResourceProperties(TABLE, { TimeToLiveSpecification: Match.absent() });
    configured.hasResourceProperties(TABLE, { TimeToLiveSpecification: { AttributeName: EXPIRES_AT, Enabled: true } });
  });
});

describe("the secret", () => {
  it("is created without a value, because a random value would look like a key", () => {
    template.hasResourceProperties(SECRET, { GenerateSecretString: Match.absent(), SecretString: Match.absent() });
  });

  it("can be an existing one, by its name", () => {
    const { template: named } = synth(OTHER_OPTIONS);

    named.resourceCountIs(SECRET, 0);
    expect(environmentOf(named)[ENV.apiKeySecretId]).toBe("prod/cdp-key");
  });

  it("can be an existing one, by its exact ARN", () => {
    configured.resourceCountIs(SECRET, 0);
    expect(environmentOf(configured)[ENV.apiKeySecretId]).toBe(SECRET_ARN);
    expect(statementsOf(configured, functionRoleId(configured))).toContainEqual(
      allow("secretsmanager:GetSecretValue", SECRET_ARN),
    );
  });
});

describe("the function", () => {
  it("runs on Node 24 and arm64 with 1,024 MB, a timeout of 15 minutes and no reserved concurrency", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      Timeout: 900,
      MemorySize: 1024,
      ReservedConcurrentExecutions: Match.absent(),
      Layers: Match.absent(),
    });
  });

  it("is traced, and logs JSON to its own log group with a retention of a year", () => {
    expect(functionProperties(template)).toMatchObject({
      TracingConfig: { Mode: "Active" },
      LoggingConfig: { LogFormat: "JSON", LogGroup: { Ref: logGroupId } },
    });
    expect(propertiesOf(template, "AWS::Logs::LogGroup", logGroupId).RetentionInDays).toBe(365);
  });

  it("receives only the required variables by default", () => {
    expect(environmentOf(template)).toEqual({
      POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots",
      [ENV.tableName]: { Ref: tableId },
      [ENV.apiKeySecretId]: { Ref: secretId },
      [ENV.latenessLimitSeconds]: "3600",
      [ENV.schedule]: "cron(0 * * * ? *)",
      [ENV.scheduleTimezone]: "UTC",
    });
  });

  it("receives the configured values as variables", () => {
    expect(environmentOf(configured)).toMatchObject({
      [ENV.retentionDays]: "400",
      [ENV.schedule]: "cron(0 18 ? * MON-FRI *)",
      [ENV.scheduleTimezone]: "Europe/Berlin",
      [ENV.accountsOwner]: "entity,customer",
      [ENV.accountsType]: "prime",
      [ENV.apiBaseUrl]: "https://example.com/platform",
      [ENV.pageSize]: "50",
      [ENV.noticeMovedPercent]: "20",
      [ENV.accountsAtOnce]: "8",
      [ENV.readsPerTenSeconds]: "300",
    });
  });
});

describe("the schedule", () => {
  it("invokes the function with the slot, without a flexible time window, in any time zone", () => {
    configured.hasResourceProperties(SCHEDULE, {
      ScheduleExpression: "cron(0 18 ? * MON-FRI *)",
      ScheduleExpressionTimezone: "Europe/Berlin",
    });
    template.hasResourceProperties(SCHEDULE, {
      ScheduleExpression: "cron(0 * * * ? *)",
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      State: "ENABLED",
      Target: { Arn: attribute(fnId), Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}' },
    });
  });

  it("is in its own group, and is created after the group and the permissions of its role", () => {
    const { Name } = propertiesOf(template, "AWS::Scheduler::ScheduleGroup");
    const roleId = scheduleRoleId(template);
    const policyId = only(template, "AWS::IAM::Policy", `{"Ref":"${roleId}"}`);

    expect(Name).toContain("cdpbalancesnapshots");
    template.hasResource(SCHEDULE, {
      DependsOn: [groupId, policyId, roleId],
      Properties: { GroupName: Name },
    });
  });

  // The function refuses older events. AWS limits the age to 6 hours (Lambda) and a day (EventBridge Scheduler).
  it.each([
    [{}, { limit: 3_600, lambda: 3_600, scheduler: 3_600 }],
    [
      { schedule: "cron(0 0 ? * MON,WED,FRI *)", latenessMinutes: 2880 },
      { limit: 172_800, lambda: 21_600, scheduler: 86_400 },
    ],
  ])("with %j is retried until the slot is too late", (context, { limit, lambda, scheduler }) => {
    const { template: scheduled } = synth(context);

    expect(environmentOf(scheduled)[ENV.latenessLimitSeconds]).toBe(String(limit));
    scheduled.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumEventAgeInSeconds: lambda,
      MaximumRetryAttempts: 2,
    });
    scheduled.hasResourceProperties(SCHEDULE, { Target: { RetryPolicy: { MaximumEventAgeInSeconds: scheduler } } });
  });
});

describe("the dead-letter queue", () => {
  it("receives events that the schedule could not deliver, and those on which the function failed", () => {
    template.hasResourceProperties(SCHEDULE, {
      Target: { DeadLetterConfig: { Arn: attribute(queueId) }, RetryPolicy: { MaximumRetryAttempts: 185 } },
    });
    expect(functionProperties(template).DeadLetterConfig).toEqual({ TargetArn: attribute(queueId) });
    // A destination would wrap the event into a record.
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { DestinationConfig: Match.absent() });
  });

  it("keeps messages for 14 days, encrypted, denies requests without TLS, and allows nobody", () => {
    template.hasResourceProperties("AWS::SQS::Queue", {
      MessageRetentionPeriod: 14 * 86_400,
      SqsManagedSseEnabled: true,
      FifoQueue: Match.absent(),
    });
    const { Queues, PolicyDocument } = propertiesOf(template, "AWS::SQS::QueuePolicy");
    expect(Queues).toEqual([{ Ref: queueId }]);
    expect(PolicyDocument.Statement).toEqual([denyPlainHttp("sqs", attribute(queueId))]);
  });
});
