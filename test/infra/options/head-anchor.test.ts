import { join as joinPath } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { ANCHOR_ENV } from "../../../core/names/anchor-environment.ts";
import { embeddedEnvironment } from "../../../local/dynamodb/embedded-dynamodb.ts";
import { startFunction } from "../../../local/stand-ins/lambda-function.ts";
import { type StandInS3, startS3 } from "../../support/s3.ts";
import { type Written, writeTwoAccounts } from "../../unit/integrity/history.ts";
import { EVERY_OPTION } from "../configurations.ts";
import { importedFiles } from "../imported-files.ts";
import { synth, synthUncached } from "../synth.ts";
import { attribute, denyPlainHttp, join, only, propertiesOf, statementsOf } from "../template.ts";

const BUCKET = "AWS::S3::Bucket";
/** Bundling takes a minute on a busy machine. */
const BUNDLING_TIMEOUT_MS = 180_000;
const { template } = synth(EVERY_OPTION);

const anchorId = (of: Template) => only(of, "AWS::Lambda::Function", ANCHOR_ENV.bucketName);
const anchorOf = (of: Template) => propertiesOf(of, "AWS::Lambda::Function", ANCHOR_ENV.bucketName);
const roleId = (of: Template): string => anchorOf(of).Role["Fn::GetAtt"][0];

describe("the bucket of chain heads", () => {
  it("does not exist by default, nor does anything else of the anchor", () => {
    const { template: without } = synth();

    expect(JSON.stringify(without.toJSON())).not.toMatch(/anchor/i);
    without.resourceCountIs(BUCKET, 0);
  });

  it.each([
    [{ anchor: "compliance" }, "COMPLIANCE", 365],
    [{ anchor: "governance", anchorRetentionDays: "30" }, "GOVERNANCE", 30],
  ])("with %j has Object Lock with a default retention", (flags, Mode, Days) => {
    synth(flags).template.hasResourceProperties(BUCKET, {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Mode, Days } } },
      VersioningConfiguration: { Status: "Enabled" },
    });
  });

  it("blocks public access and denies requests without TLS", () => {
    const id = only(template, BUCKET);

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
      denyPlainHttp("s3", [attribute(id), join([attribute(id), "/*"])]),
    ]);
  });

  it("is encrypted with the key that S3 manages, even with a customer managed key", () => {
    template.hasResourceProperties(BUCKET, {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    });
  });
});

describe("the anchor function", () => {
  const bucket = attribute(only(template, BUCKET));
  const table = attribute(only(template, "AWS::DynamoDB::GlobalTable"));

  it("can write logs, query the table, put heads, and use a customer managed key through DynamoDB only", () => {
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
    const [, , , keyStatement, ...others] = statementsOf(template, roleId(template));
    expect(others).toEqual([]);
    expect(keyStatement).toMatchObject({ Resource: EVERY_OPTION.kmsKeyArn });
    expect(JSON.stringify(keyStatement?.Condition)).toMatch(/kms:ViaService.+"dynamodb\./);
  });

  it("calls only what its role allows", () => {
    const calls = [
      ...importedFiles(fileURLToPath(new URL("../../../lambda/anchor/handler.ts", import.meta.url))).values(),
    ]
      .flatMap((text) => [...text.matchAll(/new (\w+)Command\(/g)])
      .map(([, call]) => call);

    expect([...new Set(calls)].sort()).toEqual(["PutObject", "Query"]);
  });

  it("is the only one with access to the bucket", () => {
    const others = Object.entries(template.findResources("AWS::IAM::Policy")).filter(
      ([, { Properties }]) => !JSON.stringify(Properties.Roles).includes(`"${roleId(template)}"`),
    );

    expect(others.length).toBeGreaterThan(3);
    expect(JSON.stringify(others)).not.toMatch(/s3:|Anchor.*Bucket/);
  });

  it("receives the table and the bucket as variables, nothing else", () => {
    expect(anchorOf(template).Environment.Variables).toEqual({
      POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots-dev",
      [ANCHOR_ENV.tableName]: { Ref: only(template, "AWS::DynamoDB::GlobalTable") },
      [ANCHOR_ENV.bucketName]: { Ref: only(template, BUCKET) },
    });
  });

  it("logs JSON to its own log group, encrypted with the customer managed key", () => {
    const logs = only(template, "AWS::Logs::LogGroup", "Anchor");

    expect(anchorOf(template).LoggingConfig).toEqual({ LogFormat: "JSON", LogGroup: { Ref: logs } });
    expect(propertiesOf(template, "AWS::Logs::LogGroup", "Anchor")).toMatchObject({
      KmsKeyId: EVERY_OPTION.kmsKeyArn,
      RetentionInDays: 365,
    });
  });

  it("runs once a day, by a schedule whose role can invoke it and nothing else", () => {
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

describe("the alarms on the anchor", () => {
  const alarm = (name: string) => propertiesOf(template, "AWS::CloudWatch::Alarm", `-${name}"`);
  const Dimensions = [{ Name: "FunctionName", Value: { Ref: anchorId(template) } }];

  it("include one on failed attempts", () => {
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

  it("include one on a day without a stored head", () => {
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

  it("do not exist without alarms", () => {
    const { template: silent } = synth({ anchor: "compliance", alarms: "none, because this is a test" });

    silent.resourceCountIs("AWS::CloudWatch::Alarm", 0);
    silent.resourceCountIs(BUCKET, 1);
  });
});

describe("the deployed bundle", () => {
  let written: Written;
  let s3: StandInS3;
  beforeAll(async () => {
    [written, s3] = await Promise.all([writeTwoAccounts(), startS3()]);
  });
  afterAll(() => Promise.all([written.table.close(), s3.close()]));

  it(
    "stores the heads of the table's chains",
    async () => {
      const { template: bundled, outdir } = synthUncached({ anchor: "compliance", "aws:cdk:bundling-stacks": ["**"] });
      const { Code, Environment, Handler } = anchorOf(bundled);
      const fn = await startFunction({
        bundle: joinPath(outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js"),
        env: {
          ...Environment.Variables,
          ...embeddedEnvironment(written.table),
          AWS_ENDPOINT_URL_S3: s3.url,
          [ANCHOR_ENV.tableName]: written.table.name,
          [ANCHOR_ENV.bucketName]: "chain-heads",
        },
      });

      const { result, error } = await fn.invoke({});
      await fn.stop();

      expect(error).toBeUndefined();
      expect(Handler).toBe("index.handler");
      expect(result).toEqual({ key: expect.stringMatching(/^heads\//), heads: 2 });
      expect(s3.objects).toHaveLength(1);
    },
    BUNDLING_TIMEOUT_MS,
  );
});
