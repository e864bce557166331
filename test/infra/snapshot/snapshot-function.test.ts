import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { ENV } from "../../../core/names/environment.ts";
import { accountId } from "../configurations.ts";
import { synth, synthUncached } from "../synth.ts";
import {
  attribute,
  environmentOf,
  functionProperties,
  functionRoleId,
  only,
  propertiesOf,
  statementsOf,
} from "../template.ts";

const { template } = synth();
const tableId = only(template, "AWS::DynamoDB::GlobalTable");
const secretId = only(template, "AWS::SecretsManager::Secret");
const queueId = only(template, "AWS::SQS::Queue");
const logGroupId = only(template, "AWS::Logs::LogGroup", "Snapshot");

describe("the function", () => {
  it("runs on Node 24 and arm64 with 512 MB, a timeout of 15 minutes and no reserved concurrency", () => {
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
    expect(functionProperties(template).TracingConfig).toEqual({ Mode: "Active" });
  });

  it("logs JSON to its own log group, with a retention of a year", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      LoggingConfig: { LogFormat: "JSON", LogGroup: { Ref: logGroupId } },
    });
    expect(propertiesOf(template, "AWS::Logs::LogGroup", logGroupId).RetentionInDays).toBe(365);
  });

  it("has exactly these permissions", () => {
    expect(statementsOf(template, functionRoleId(template))).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        // The ARN of a log group ends in ":*", which matches its streams.
        Resource: attribute(logGroupId),
      },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: attribute(queueId) },
      // X-Ray does not support resources.
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

  it("receives only the required variables by default", () => {
    expect(environmentOf(template)).toEqual({
      POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots",
      [ENV.tableName]: { Ref: tableId },
      [ENV.apiKeySecretId]: { Ref: secretId },
      [ENV.latenessLimitSeconds]: "3600",
      [ENV.schedule]: "rate(1 hour)",
      [ENV.scheduleTimezone]: "UTC",
    });
  });

  it("receives the configured values as variables", () => {
    const { template: configured } = synth({
      accountsOwner: "entity,customer",
      accountsType: "prime",
      apiBaseUrl: "https://example.com/platform",
      pageSize: "50",
      noticeMovedPercent: "20",
      explainedMoves: "usdc=pays suppliers every day,eth=is being sold",
      accountsAtOnce: "8",
      readsPerTenSeconds: "300",
    });

    expect(environmentOf(configured)).toMatchObject({
      [ENV.accountsOwner]: "entity,customer",
      [ENV.accountsType]: "prime",
      [ENV.apiBaseUrl]: "https://example.com/platform",
      [ENV.pageSize]: "50",
      [ENV.noticeMovedPercent]: "20",
      [ENV.noticeExplained]: "usdc,eth",
      [ENV.accountsAtOnce]: "8",
      [ENV.readsPerTenSeconds]: "300",
    });
  });

  it("reads 5,000 accounts from a readable file in a layer, because they exceed the 4 KB of an environment", () => {
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

  it("has a layer whose hash depends on the accounts only", () => {
    const hash = (accounts: string) => {
      const { template: listed } = synthUncached({ accounts });
      return assetHash(listed);
    };

    expect(hash(accountId(1))).toBe(hash(accountId(1)));
    expect(hash(accountId(1))).not.toBe(hash(accountId(2)));
  });

  const assetHash = (of: Template): string =>
    propertiesOf(of, "AWS::Lambda::LayerVersion").Content.S3Key.replace(".zip", "");
});
