import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { ENV } from "../../../core/names/environment.ts";
import { accountId } from "../configurations.ts";
import { synth, synthAnew } from "../synth.ts";
import { attribute, environmentOf, functionRoleId, only, propertiesOf, statementsOf } from "../template.ts";

const { template } = synth();
const tableId = only(template, "AWS::DynamoDB::GlobalTable");
const secretId = only(template, "AWS::SecretsManager::Secret");
const queueId = only(template, "AWS::SQS::Queue");
const logGroupId = only(template, "AWS::Logs::LogGroup", "Snapshot");

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
      const { template: listed } = synthAnew({ accounts });
      return assetHash(listed);
    };

    expect(hash(accountId(1))).toBe(hash(accountId(1)));
    expect(hash(accountId(1))).not.toBe(hash(accountId(2)));
  });

  const assetHash = (of: Template): string =>
    propertiesOf(of, "AWS::Lambda::LayerVersion").Content.S3Key.replace(".zip", "");
});
