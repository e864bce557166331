import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AttributeType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { HeadAnchor } from "../../infra/options/head-anchor.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { startFunction } from "../../local/stand-ins/lambda-function.ts";
import { createApp } from "../infra/create-stack.ts";
import { propertiesOf } from "../infra/template.ts";
import { afterAll, beforeAll, expect, it } from "../support/jest.ts";
import { type StandInS3, startS3 } from "../support/s3.ts";
import { newStore, writeHours } from "../unit/integrity/history.ts";
import { newAccount, startTestTable, type TestTable } from "../unit/table/embedded.ts";

const outdir = mkdtempSync(join(tmpdir(), "anchor-"));
let table: TestTable;
let s3: StandInS3;
beforeAll(async () => {
  [table, s3] = await Promise.all([startTestTable(), startS3()]);
  for (const account of [newAccount(), newAccount()]) await writeHours(newStore(table), account, [0]);
});
afterAll(async () => {
  await Promise.all([table.close(), s3.close()]);
  rmSync(outdir, { recursive: true });
});

it("the deployed anchor function stores the heads of the table's chains", async () => {
  // A stack without the snapshot function, because bundling takes two seconds a function.
  const app = createApp({}, outdir);
  const stack = new Stack(app, "Anchor");
  const partitionKey = { name: "account", type: AttributeType.STRING };
  new HeadAnchor(stack, "Anchor", {
    ...{ mode: "compliance", retention: Duration.days(1), serviceName: "anchor" },
    table: new TableV2(stack, "Table", { partitionKey }),
  });
  const { Code, Environment, Handler } = propertiesOf(
    Template.fromStack(stack),
    "AWS::Lambda::Function",
    ANCHOR_ENV.bucketName,
  );
  const fn = await startFunction({
    bundle: join(app.outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js"),
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
