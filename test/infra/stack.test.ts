import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { ENV } from "../../lambda/environment.ts";
import { TABLE_KEYS } from "../../lambda/store/table.ts";
import { accountId, synth } from "./synth.ts";
import {
  attribute,
  environmentOf,
  functionId,
  functionRoleId,
  join,
  only,
  propertiesOf,
  scheduleRoleId,
  statementsOf,
} from "./template.ts";

// Built once: the template does not change, and most facts are about the default configuration.
const { template } = synth();
const tableId = only(template, "AWS::DynamoDB::GlobalTable");
const secretId = only(template, "AWS::SecretsManager::Secret");
const queueId = only(template, "AWS::SQS::Queue");
const fnId = functionId(template);
const logGroupId = only(template, "AWS::Logs::LogGroup", "Snapshot");

describe("the table", () => {
  it("has the store's keys, both strings", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
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

  it("outlives its stack and every replacement", () => {
    template.hasResource("AWS::DynamoDB::GlobalTable", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
  });

  it("is protected from deletion and recoverable to a point in time", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      Replicas: [
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: {
            PointInTimeRecoveryEnabled: true,
          },
        },
      ],
    });
  });

  it("is paid by request, encrypted with the key that AWS manages, and has no fixed name", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      BillingMode: "PAY_PER_REQUEST",
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      TableName: Match.absent(),
    });
  });
});

describe("the secret", () => {
  it("is made without a value, so that no random text is taken for a key", () => {
    template.hasResourceProperties("AWS::SecretsManager::Secret", {
      GenerateSecretString: Match.absent(),
      SecretString: Match.absent(),
    });
  });

  it("outlives its stack", () => {
    template.hasResource("AWS::SecretsManager::Secret", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
  });

  it("may be one that exists, by its name", () => {
    const { template: byName } = synth({ secretName: "prod/cdp-key" });

    byName.resourceCountIs("AWS::SecretsManager::Secret", 0);
    expect(environmentOf(byName)[ENV.apiKeySecretId]).toBe("prod/cdp-key");
    expect(secretStatement(byName)).toEqual({
      Effect: "Allow",
      Action: "secretsmanager:GetSecretValue",
      Resource: {
        "Fn::Join": [
          "",
          [
            "arn:",
            { Ref: "AWS::Partition" },
            ":secretsmanager:",
            { Ref: "AWS::Region" },
            ":",
            { Ref: "AWS::AccountId" },
            ":secret:prod/cdp-key-??????",
          ],
        ],
      },
    });
  });

  it("may be one that exists, by its ARN, exactly", () => {
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/cdp-key-a1B2c3";
    const { template: byArn } = synth({ secretName: arn });

    byArn.resourceCountIs("AWS::SecretsManager::Secret", 0);
    expect(environmentOf(byArn)[ENV.apiKeySecretId]).toBe(arn);
    expect(secretStatement(byArn)?.Resource).toBe(arn);
  });

  const secretStatement = (of: Template) =>
    statementsOf(of, functionRoleId(of)).find(({ Action }) => Action === "secretsmanager:GetSecretValue");
});

describe("the function", () => {
  it("runs on Node 24 and arm64, for at most 15 minutes, with 512 MB and no reserved concurrency", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      Timeout: 900,
      MemorySize: 512,
      ReservedConcurrentExecutions: Match.absent(),
      Layers: Match.absent(),
    });
  });

  it("is traced", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      TracingConfig: { Mode: "Active" },
      DeadLetterConfig: Match.anyValue(),
    });
  });

  it("has every log of the stack end some day", () => {
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: Match.anyValue() });
  });

  it("logs JSON to a group of its own that keeps a year", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      LoggingConfig: { LogFormat: "JSON", LogGroup: { Ref: logGroupId } },
    });
    expect(propertiesOf(template, "AWS::Logs::LogGroup", logGroupId).RetentionInDays).toBe(365);
  });

  it("may do exactly this", () => {
    expect(statementsOf(template, functionRoleId(template))).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        // The ARN of a log group ends in ":*", which stands for its streams.
        Resource: attribute(logGroupId),
      },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: attribute(queueId) },
      // X-Ray knows no resources.
      { Effect: "Allow", Action: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], Resource: "*" },
      {
        Effect: "Allow",
        Action: ["dynamodb:PutItem", "dynamodb:Query"],
        Resource: attribute(tableId),
      },
      {
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: { Ref: secretId },
      },
    ]);
  });

  it("is told what is required, and leaves the rest to its own defaults", () => {
    expect(environmentOf(template)).toEqual({
      POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots",
      [ENV.tableName]: { Ref: tableId },
      [ENV.apiKeySecretId]: { Ref: secretId },
      [ENV.latenessLimitSeconds]: "3600",
      [ENV.schedule]: "rate(1 hour)",
      [ENV.scheduleTimezone]: "UTC",
    });
  });

  it("is told what is configured", () => {
    const { template: configured } = synth({
      accountsOwner: "entity,customer",
      accountsType: "prime",
      apiBaseUrl: "https://example.com/platform",
      pageSize: "50",
      accountsAtOnce: "8",
      readsPerTenSeconds: "300",
    });

    expect(environmentOf(configured)).toMatchObject({
      [ENV.accountsOwner]: "entity,customer",
      [ENV.accountsType]: "prime",
      [ENV.apiBaseUrl]: "https://example.com/platform",
      [ENV.pageSize]: "50",
      [ENV.accountsAtOnce]: "8",
      [ENV.readsPerTenSeconds]: "300",
    });
  });

  it("finds 5,000 accounts in a file, for they do not fit into the 4 KB of an environment", () => {
    const accounts = Array.from({ length: 5_000 }, (_, i) => accountId(i));

    const { template: listed, outdir } = synth({ accounts });

    const layerId = only(listed, "AWS::Lambda::LayerVersion");
    listed.hasResourceProperties("AWS::Lambda::Function", {
      Layers: [{ Ref: layerId }],
    });
    expect(environmentOf(listed)[ENV.accountsFile]).toBe("/opt/accounts.json");
    expect(JSON.stringify(environmentOf(listed)).length).toBeLessThan(1_000);
    const file = resolve(outdir, `asset.${assetHash(listed)}`, "accounts.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(accounts);
    expect(statSync(file).mode & 0o044).toBe(0o044);
  });

  it("gets another layer for other accounts only", () => {
    const hash = (accounts: string) => {
      const { template: listed } = synth({ accounts });
      return assetHash(listed);
    };

    expect(hash(accountId(1))).toBe(hash(accountId(1)));
    expect(hash(accountId(1))).not.toBe(hash(accountId(2)));
  });

  const assetHash = (of: Template): string =>
    propertiesOf(of, "AWS::Lambda::LayerVersion").Content.S3Key.replace(".zip", "");
});

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

describe("the stack", () => {
  it("names what it made, and the next commands", () => {
    const found = template.findOutputs("*");
    const outputs = Object.fromEntries(Object.entries(found).map(([name, { Value }]) => [name, Value]));
    const region = { Ref: "AWS::Region" };

    expect(outputs).toMatchObject({
      TableName: { Ref: tableId },
      FunctionName: { Ref: fnId },
      SecretId: { Ref: secretId },
      DeadLetterQueueUrl: { Ref: queueId },
      PutKeyCommand: join([
        "aws secretsmanager put-secret-value --region ",
        region,
        " --secret-id ",
        { Ref: secretId },
        " --secret-string file://cdp_api_key.json",
      ]),
      InvokeCommand: join([
        "aws lambda invoke --region ",
        region,
        " --function-name ",
        { Ref: fnId },
        " --payload '{}' --cli-binary-format raw-in-base64-out --cli-read-timeout 0 /dev/stdout",
      ]),
    });
  });

  it("is this", () => {
    const masked = JSON.stringify(template.toJSON()).replace(/[0-9a-f]{64}\.zip/g, "<asset>.zip");

    expect(JSON.parse(masked)).toMatchSnapshot();
  });
});
