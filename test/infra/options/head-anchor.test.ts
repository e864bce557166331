import { readFileSync } from "node:fs";
import { dirname, join as joinPath, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { ANCHOR_ENV } from "../../../core/names/anchor-environment.ts";
import { embeddedEnvironment } from "../../../local/dynamodb.ts";
import { startFunction } from "../../../local/function.ts";
import { type StandInS3, startS3 } from "../../support/s3.ts";
import { type Written, writeTwoAccounts } from "../../unit/integrity/history.ts";
import { EVERY_OPTION } from "../configurations.ts";
import { violations } from "../specification.ts";
import { synth, synthAnew } from "../synth.ts";
import { attribute, join, only, propertiesOf, statementsOf } from "../template.ts";

const BUCKET = "AWS::S3::Bucket";
const { template, app } = synth({ ...EVERY_OPTION, anchor: "compliance", anchorRetentionDays: 3660 });

const anchorId = (of: Template) => only(of, "AWS::Lambda::Function", ANCHOR_ENV.bucketName);
const anchorOf = (of: Template) => propertiesOf(of, "AWS::Lambda::Function", ANCHOR_ENV.bucketName);
const roleId = (of: Template): string => anchorOf(of).Role["Fn::GetAtt"][0];

describe("the heads' bucket", () => {
  it("is there only where it is configured, and so is all that goes with it", () => {
    const { template: without } = synth();

    expect(JSON.stringify(without.toJSON())).not.toMatch(/anchor/i);
    without.resourceCountIs(BUCKET, 0);
  });

  it.each([
    [{ anchor: "compliance" }, "COMPLIANCE", 365],
    [{ anchor: "governance", anchorRetentionDays: "30" }, "GOVERNANCE", 30],
  ])("with %j locks each object from the moment it is put", (flags, Mode, Days) => {
    synth(flags).template.hasResourceProperties(BUCKET, {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Mode, Days } } },
      VersioningConfiguration: { Status: "Enabled" },
    });
  });

  it("outlives its stack, is closed to the public, and answers over TLS alone", () => {
    const id = only(template, BUCKET);

    template.hasResource(BUCKET, { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    template.hasResourceProperties(BUCKET, {
      BucketName: Match.absent(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(propertiesOf(template, "AWS::S3::BucketPolicy").PolicyDocument.Statement).toEqual([
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "s3:*",
        Resource: [attribute(id), join([attribute(id), "/*"])],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("can be read when the own key is gone: it is encrypted by S3's", () => {
    template.hasResourceProperties(BUCKET, {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    });
  });

  it("is named in an output", () => {
    expect(template.findOutputs("AnchorBucket")["AnchorBucket"]?.["Value"]).toEqual({ Ref: only(template, BUCKET) });
  });
});

describe("the function that keeps the heads", () => {
  const bucket = attribute(only(template, BUCKET));
  const table = attribute(only(template, "AWS::DynamoDB::GlobalTable"));

  it("may log, read the table and put heads, and with an own key use it through DynamoDB: nothing else", () => {
    const { template: plain } = synth({ anchor: "compliance" });
    const expected = (of: Template) => [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: attribute(only(of, "AWS::Logs::LogGroup", "Anchor")),
      },
      { Effect: "Allow", Action: "dynamodb:Query", Resource: table },
      { Effect: "Allow", Action: "s3:PutObject", Resource: join([bucket, "/heads/*"]) },
    ];

    expect(statementsOf(plain, roleId(plain))).toEqual(expected(plain));
    const [, , , ofKey, ...others] = statementsOf(template, roleId(template));
    expect(others).toEqual([]);
    expect(ofKey).toMatchObject({ Resource: EVERY_OPTION.kmsKeyArn });
    expect(JSON.stringify(ofKey?.Condition)).toMatch(/kms:ViaService.+"dynamodb\./);
  });

  it("calls nothing that it may not, and nothing that it is not given", () => {
    const calls = [...sources(fileURLToPath(new URL("../../../lambda/anchor/handler.ts", import.meta.url))).values()]
      .flatMap((text) => [...text.matchAll(/new (\w+)Command\(/g)])
      .map(([, call]) => call);

    expect([...new Set(calls)].sort()).toEqual(["PutObject", "Query"]);
  });

  it("is alone with the bucket: the job's role has no word of it", () => {
    const others = Object.entries(template.findResources("AWS::IAM::Policy")).filter(
      ([, { Properties }]) => !JSON.stringify(Properties.Roles).includes(`"${roleId(template)}"`),
    );

    expect(others.length).toBeGreaterThan(3);
    expect(JSON.stringify(others)).not.toMatch(/s3:|Anchor.*Bucket/);
  });

  it("is told the table and the bucket, and nothing of the job", () => {
    expect(anchorOf(template).Environment.Variables).toEqual({
      POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots-dev",
      [ANCHOR_ENV.tableName]: { Ref: only(template, "AWS::DynamoDB::GlobalTable") },
      [ANCHOR_ENV.bucketName]: { Ref: only(template, BUCKET) },
    });
  });

  it("logs JSON to a group of its own, encrypted by the own key", () => {
    const logs = only(template, "AWS::Logs::LogGroup", "Anchor");

    expect(anchorOf(template).LoggingConfig).toEqual({ LogFormat: "JSON", LogGroup: { Ref: logs } });
    expect(propertiesOf(template, "AWS::Logs::LogGroup", "Anchor")).toMatchObject({
      KmsKeyId: EVERY_OPTION.kmsKeyArn,
      RetentionInDays: 365,
    });
  });

  it("runs once a day, by a schedule that may invoke it and nothing else", () => {
    const schedule = propertiesOf(template, "AWS::Scheduler::Schedule", anchorId(template));

    expect(schedule).toMatchObject({
      ScheduleExpression: "cron(41 2 * * ? *)",
      ScheduleExpressionTimezone: "Etc/UTC",
      State: "ENABLED",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: attribute(anchorId(template)) },
    });
    expect(statementsOf(template, schedule.Target.RoleArn["Fn::GetAtt"][0])).toEqual([
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: attribute(anchorId(template)) },
    ]);
  });
});

describe("the alarms on the heads", () => {
  const alarm = (name: string) => propertiesOf(template, "AWS::CloudWatch::Alarm", `-${name}"`);
  const Dimensions = [{ Name: "FunctionName", Value: { Ref: anchorId(template) } }];

  it("go off when keeping them failed", () => {
    expect(alarm("anchor-failed")).toMatchObject({
      ...{ Namespace: "AWS/Lambda", MetricName: "Errors", Dimensions, Statistic: "Sum", Threshold: 1 },
      ...{
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        DatapointsToAlarm: 1,
        TreatMissingData: "notBreaching",
      },
      ...{ Period: 300, EvaluationPeriods: 288 },
    });
  });

  it("go off when a day was missed, for whatever reason", () => {
    expect(alarm("anchor-missed")).toMatchObject({
      ...{ Threshold: 1, ComparisonOperator: "LessThanThreshold", TreatMissingData: "breaching" },
      ...{ EvaluationPeriods: 26, DatapointsToAlarm: 26 },
    });
    const metrics = Object.fromEntries(
      alarm("anchor-missed").Metrics.map(({ Id, ...rest }: { Id: string }) => [Id, rest]),
    );
    const stat = (MetricName: string) =>
      expect.objectContaining({
        Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions },
        Period: 3600,
        Stat: "Sum",
      });
    expect(metrics).toMatchObject({
      started: { MetricStat: stat("Invocations"), ReturnData: false },
      failed: { MetricStat: stat("Errors"), ReturnData: false },
      expr_1: { Expression: "FILL(started, 0) - FILL(failed, 0)" },
    });
  });

  it("tell the topic, and where the runbook has what to do", () => {
    const runbook = readFileSync(new URL("../../../docs/runbook.md", import.meta.url), "utf8");

    for (const name of ["anchor-failed", "anchor-missed"]) {
      const { AlarmDescription, AlarmActions } = alarm(name);
      expect(AlarmDescription).toMatch(new RegExp(`^[A-Z].+\\. What to do: docs/runbook\\.md#${name}$`));
      expect(AlarmActions).toEqual([{ Ref: only(template, "AWS::SNS::Topic") }]);
      expect(runbook).toMatch(
        new RegExp(`## ${name}\n\n\\*\\*What it means[\\s\\S]+\\*\\*Look here[\\s\\S]+\\*\\*Do this`),
      );
    }
  });

  it("are not there where nothing raises an alarm", () => {
    const { template: silent } = synth({ anchor: "compliance", alarms: "none, because this is a test" });

    silent.resourceCountIs("AWS::CloudWatch::Alarm", 0);
    silent.resourceCountIs(BUCKET, 1);
  });
});

describe("with every option", () => {
  it("keeps the CloudFormation resource specification, and cdk-nag finds nothing that is not explained", () => {
    const found = new AwsSolutionsChecks().validateScope(app).violations;

    expect(violations(template.toJSON())).toEqual([]);
    expect(found.map(({ ruleName, violatingResources }) => [ruleName, ...violatingResources])).toEqual([]);
  });
});

describe("the bundle that is deployed", () => {
  let written: Written;
  let s3: StandInS3;
  beforeAll(async () => {
    [written, s3] = await Promise.all([writeTwoAccounts(), startS3()]);
  });
  afterAll(() => Promise.all([written.table.close(), s3.close()]));

  it("keeps the heads that there are", async () => {
    const { template: bundled, outdir } = synthAnew({ anchor: "compliance", "aws:cdk:bundling-stacks": ["**"] });
    const { Code, Environment, Handler } = anchorOf(bundled);
    const fn = await startFunction({
      bundle: joinPath(outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js"),
      env: {
        ...Environment.Variables,
        ...embeddedEnvironment(written.table),
        AWS_ENDPOINT_URL_S3: s3.url,
        [ANCHOR_ENV.tableName]: written.table.name,
        [ANCHOR_ENV.bucketName]: "heads-of-mine",
      },
    });

    const { result, error } = await fn.invoke({});
    await fn.stop();

    expect(error).toBeUndefined();
    expect(Handler).toBe("index.handler");
    expect(result).toEqual({ key: expect.stringMatching(/^heads\//), heads: 2 });
    expect(s3.objects).toHaveLength(1);
  });
});

/** The files of the function: the handler, and what it imports, and so on. */
function sources(path: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(path)) return seen;
  const text = readFileSync(path, "utf8");
  seen.set(path, text);
  for (const [, to = ""] of text.matchAll(/from "(\.[^"]+)"/g)) sources(resolve(dirname(path), to), seen);
  return seen;
}
