import { readdirSync, readFileSync } from "node:fs";
import { slotAt } from "../../../core/domain/slot.ts";
import { parseHead } from "../../../core/integrity/heads.ts";
import { ANCHOR_ENV } from "../../../core/names/anchor-environment.ts";
import { ChainReader } from "../../../core/table/chain-reader.ts";
import { Table } from "../../../core/table/table.ts";
import { anchorHeads } from "../../../lambda/anchor/anchor-heads.ts";
import type { handler } from "../../../lambda/anchor/handler.ts";
import { embeddedEnvironment } from "../../../local/dynamodb/embedded-dynamodb.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "../../support/jest.ts";
import { replaceEnv } from "../../support/replace-env.ts";
import { type StandInS3, startS3 } from "../../support/s3.ts";
import { NOW, newStore, snapshotAt, verifyAt, type Written, writeTwoAccounts } from "../integrity/history.ts";
import { startTestTable, type TestTable, watch } from "../table/embedded.ts";

const AT = Date.parse("2026-11-23T02:41:07.123Z");

let written: Written;
let empty: TestTable;
let s3: StandInS3;
let status: number | undefined;
const restoreEnv = replaceEnv({ ...process.env });
beforeAll(async () => {
  [written, empty, s3] = await Promise.all([writeTwoAccounts(), startTestTable(), startS3(() => status)]);
});
afterAll(async () => {
  restoreEnv();
  await Promise.all([written.table.close(), empty.close(), s3.close()]);
});

beforeEach(() => {
  status = undefined;
  s3.objects.length = 0;
  jest.spyOn(Date, "now").mockReturnValue(AT);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Loads the function as a new instance would, for a table: another query is another module. */
async function loadFor(table: TestTable): Promise<typeof handler> {
  Object.assign(process.env, embeddedEnvironment(table), {
    AWS_ENDPOINT_URL_S3: s3.url,
    POWERTOOLS_LOG_LEVEL: "SILENT",
    [ANCHOR_ENV.tableName]: table.name,
    [ANCHOR_ENV.bucketName]: "heads-of-mine",
  });
  return (await import(`../../../lambda/anchor/handler.ts?instance=${instances.size}`)).handler;
}

const instances = new Map<TestTable, typeof handler>();

/** Returns the instance for a table, which tests share: loading takes half a second. */
async function instanceFor(table: TestTable): Promise<typeof handler> {
  const run = instances.get(table) ?? (await loadFor(table));
  instances.set(table, run);
  return run;
}

describe("the anchor function", () => {
  it("stores the head of each chain on one line, under a key with the day and the instant", async () => {
    const { table, accounts, heads } = written;
    const run = await instanceFor(table);

    const anchored = await run();

    const [object] = s3.objects;
    const kept = (object?.text.trimEnd().split("\n") ?? []).map(parseHead);
    expect(anchored).toEqual({ key: "heads/2026-11-23/2026-11-23T02-41-07-123Z.jsonl", heads: 2 });
    expect(object?.path).toBe("/heads-of-mine/heads/2026-11-23/2026-11-23T02-41-07-123Z.jsonl");
    expect(kept).toEqual(heads.map((head) => ({ ...head, at: "2026-11-23T02:41:07.123Z" })));
    expect(s3.refused).toEqual([]);
    const ofOne = kept.flatMap((head) => (head?.accountId === accounts.one ? [head] : []));
    expect((await verifyAt(table, accounts.one, NOW, ofOne)).findings).toEqual([]);
  });

  it("sends a checksum, which Object Lock requires, no retention, and never overwrites an object", async () => {
    const run = await instanceFor(written.table);
    await run();

    const again = run();

    await expect(again).rejects.toMatchObject({
      name: "StoreError",
      code: "bucket_unavailable",
      message: expect.stringContaining("PreconditionFailed"),
    });
    expect(s3.objects).toHaveLength(1);
    const headers = Object.keys(s3.objects[0]?.headers ?? {});
    expect(headers.filter((name) => /checksum|md5|trailer/.test(name))).not.toEqual([]);
    expect(headers.filter((name) => name.includes("object-lock"))).toEqual([]);
  });

  it("fails with a suggested fix if the bucket rejects the request, and succeeds at the next run", async () => {
    const run = await instanceFor(written.table);
    status = 403;

    const failed = run();

    await expect(failed).rejects.toMatchObject({
      message: expect.stringMatching(/heads-of-mine.+runbook\.md#anchor-failed/),
    });
    status = undefined;
    expect(await run()).toMatchObject({ heads: 2 });
  });

  it("calls only what its role allows: Query of the table, and PutObject", async () => {
    const client = written.table.anotherClient();
    const sent = watch(client);
    const folder = new URL("../../../lambda/anchor/", import.meta.url);
    const source = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));

    await anchorHeads(new ChainReader(new Table(client, written.table.name)), async () => {}, Date.now());

    expect(new Set(sent)).toEqual(new Set(["QueryCommand"]));
    expect(source.join("").match(/new \w+Command\(/g)).toEqual(["new PutObjectCommand("]);
  });

  it("stores nothing if no chain exists yet", async () => {
    const run = await instanceFor(empty);
    await newStore(empty).save(snapshotAt("account_00000000-9846-4fe7-bfe9-ccc22d935114", 0), []);

    expect(await run()).toEqual({ key: null, heads: 0 });
    expect(s3.objects).toEqual([]);
  });

  it("stores the other heads if one cannot be read, and then fails", async () => {
    const { table, accounts } = written;
    await table.put({ account: { S: `${accounts.other}#chain` }, slot: { S: "9999999999" } });
    const run = await instanceFor(table);

    await expect(run()).rejects.toMatchObject({
      code: "heads_missing",
      message: expect.stringMatching(
        /^The heads of 1 of 2 chains could not be read\. The heads of the others are in heads\/2026-11-23\/.*jsonl\. The first failure: .*#chain/,
      ),
      cause: { code: "item_unreadable" },
    });
    const kept = s3.objects.flatMap(({ text }) => text.trimEnd().split("\n").map(parseHead));
    expect(kept).toEqual([{ ...written.heads.find(({ accountId }) => accountId === accounts.one), at: slotAt(AT) }]);
  });

  it("reports a variable that is not set", async () => {
    const run = await loadFor(empty);
    process.env[ANCHOR_ENV.bucketName] = "";

    await expect(run()).rejects.toMatchObject({
      code: "config_invalid",
      message: `${ANCHOR_ENV.bucketName}: is not set. Deploy the stack.`,
    });
  });
});
