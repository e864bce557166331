import { readdirSync, readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { ChainReader } from "../../core/table/chain-reader.ts";
import { Table } from "../../core/table/table.ts";
import { anchorHeads } from "../../lambda/anchor/anchor-heads.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { startFunction } from "../../local/stand-ins/lambda-function.ts";
import { type StandInS3, startS3 } from "../support/s3.ts";
import { newStore, writeHours } from "../unit/integrity/history.ts";
import { newAccount, startTestTable, type TestTable, watch } from "../unit/table/embedded.ts";
import { EVERY_OPTION } from "./configurations.ts";
import { synth } from "./synth.ts";
import { attribute, denyPlainHttp, join, only, propertiesOf, statementsOf } from "./template.ts";

const BUCKET = "AWS::S3::Bucket";
const { template } = synth(EVERY_OPTION);
/** Only the anchor, with the functions' code. */
const { template: plain, outdir } = synth({ anchor: "compliance", "aws:cdk:bundling-stacks": ["**"] });

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
    ["COMPLIANCE", 365, plain],
    ["GOVERNANCE", 30, synth({ anchor: "governance", anchorRetentionDays: "30" }).template],
  ])("has Object Lock in %s mode with a default retention of %d days", (Mode, Days, of) => {
    of.hasResourceProperties(BUCKET, {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Mode, Days } } },
      VersioningConfiguration: { Status: "Enabled" },
    });
  });

  it("blocks public access, denies requests without TLS, and is never encrypted with a customer managed key", () => {
    const id = only(template, BUCKET);

    template.hasResourceProperties(BUCKET, {
      BucketName: Match.absent(),
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
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
});

describe("the anchor function", () => {
  const bucket = attribute(only(template, BUCKET));
  const table = attribute(only(template, "AWS::DynamoDB::GlobalTable"));

  it("can write logs, query the table, put heads, and use a customer managed key through DynamoDB only", () => {
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

  it("is the only one with access to the bucket", () => {
    const others = Object.entries(template.findResources("AWS::IAM::Policy")).filter(
      ([, { Properties }]) => !JSON.stringify(Properties.Roles).includes(`"${roleId(template)}"`),
    );

    expect(others.length).toBeGreaterThan(3);
    expect(JSON.stringify(others)).not.toMatch(/s3:|Anchor.*Bucket/);
  });

  it("receives the table and the bucket as variables, nothing else, and logs JSON to its own log group", () => {
    const logs = only(template, "AWS::Logs::LogGroup", "Anchor");

    expect(anchorOf(template).Environment.Variables).toEqual({
      POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots-dev",
      [ANCHOR_ENV.tableName]: { Ref: only(template, "AWS::DynamoDB::GlobalTable") },
      [ANCHOR_ENV.bucketName]: { Ref: only(template, BUCKET) },
    });
    expect(anchorOf(template).LoggingConfig).toEqual({ LogFormat: "JSON", LogGroup: { Ref: logs } });
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

describe("the code of the anchor function", () => {
  let table: TestTable;
  let s3: StandInS3;
  beforeAll(async () => {
    [table, s3] = await Promise.all([startTestTable(), startS3()]);
    for (const account of [newAccount(), newAccount()]) await writeHours(newStore(table), account, [0]);
  });
  afterAll(() => Promise.all([table.close(), s3.close()]));

  it("calls only what its role allows: Query of the table, and PutObject", async () => {
    const client = table.anotherClient();
    const sent = watch(client);
    const folder = new URL("../../lambda/anchor/", import.meta.url);
    const source = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));

    await anchorHeads(new ChainReader(new Table(client, table.name)), async () => {}, Date.now());

    expect(new Set(sent)).toEqual(new Set(["QueryCommand"]));
    expect(source.join("").match(/new \w+Command\(/g)).toEqual(["new PutObjectCommand("]);
  });

  it("stores the heads of the table's chains, as deployed", async () => {
    const { Code, Environment, Handler } = anchorOf(plain);
    const fn = await startFunction({
      bundle: joinPath(outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js"),
      env: {
        ...Environment.Variables,
        ...embeddedEnvironment(table),
        AWS_ENDPOINT_URL_S3: s3.url,
        [ANCHOR_ENV.tableName]: table.name,
        [ANCHOR_ENV.bucketName]: "chain-heads",
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
