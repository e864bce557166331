import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { startFunction } from "../../local/stand-ins/lambda-function.ts";
import { bundleFunction } from "../support/bundle.ts";
import { afterAll, beforeAll, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { type StandInS3, startS3 } from "../support/s3.ts";
import { newStore, writeHours } from "../unit/integrity/history.ts";
import { newAccount, startTestTable, type TestTable } from "../unit/table/embedded.ts";

let table: TestTable;
let s3: StandInS3;
beforeAll(async () => {
  [table, s3] = await Promise.all([startTestTable(), startS3()]);
  for (const account of [newAccount(), newAccount()]) await writeHours(newStore(table), account, [0]);
});
afterAll(() => Promise.all([table.close(), s3.close()]));

it("the bundle of the anchor function stores the heads of the table's chains", async () => {
  const bundle = join(newFolder(), "index.js");
  writeFileSync(bundle, (await bundleFunction("anchor")).text);
  const fn = await startFunction({
    bundle,
    env: {
      ...embeddedEnvironment(table),
      AWS_ENDPOINT_URL_S3: s3.url,
      [ANCHOR_ENV.tableName]: table.name,
      [ANCHOR_ENV.bucketName]: "chain-heads",
    },
  });

  const { result, error } = await fn.invoke({});
  await fn.stop();

  expect(error).toBeUndefined();
  expect(result).toEqual({ key: expect.stringMatching(/^heads\//), heads: 2 });
  expect(s3.objects).toHaveLength(1);
});
