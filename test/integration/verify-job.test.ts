import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { Clock } from "../../core/domain/ports.ts";
import { type Verification, verifyAccount } from "../../core/integrity/verify.ts";
import { ENV } from "../../core/names/environment.ts";
import { openChains } from "../../core/readers.ts";
import { systemClock } from "../../core/system-clock.ts";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { heldBy, heldIn, makeAccount, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { composeTestJob, type Servers, startServers } from "../support/job.ts";
import { entriesOf, type RawItem, snapshotsOf } from "../support/tampering.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";
import { text } from "../unit/integrity/history.ts";

const accounts = [makeAccount(makeBalances(3)), makeAccount(makeBalances(1))];
const [first = "", second = ""] = accounts.map(({ accountId }) => accountId);

let servers: Servers;
afterEach(() => servers.close());

async function start<C extends Clock>(clock: C): Promise<C> {
  servers = await startServers({ accounts: () => accounts, clock });
  return clock;
}
const atTen = () => testClock("2026-11-23T10:00:05.000Z");

const at = (hour: number) => ({ scheduledTime: `2026-11-23T${hour}:00:00Z` });
const ELEVEN = "2026-11-23T11:00:00.000Z";
const verify = (accountId: string, now = servers.clock.now()): Promise<Verification> =>
  verifyAccount(openChains(LOCAL_TABLE), accountId, [], now);
const chained = async () =>
  (await servers.items()).filter((item) => JSON.stringify(item["account"]).includes("#chain")).length;

describe("the job", () => {
  it("enters each account's snapshot, slot after slot", async () => {
    const clock = await start(atTen());
    const job = composeTestJob(servers);

    for (const hour of [10, 11, 12]) {
      await job.run(at(hour));
      clock.advance(3_600_000);
    }

    for (const id of [first, second]) {
      expect(await verify(id)).toMatchObject({ snapshots: 3, entries: 3, findings: [] });
    }
    expect(job.troubles).toEqual([]);
  });

  it("enters nothing twice, and nothing in a dry run", async () => {
    await start(atTen());
    const job = composeTestJob(servers);
    await new TableStore(new Table(new DynamoDBClient({}), LOCAL_TABLE)).save(
      snapshotWith({}, { accountId: first, slot: ELEVEN }),
      [],
    );
    await job.run({ ...at(10), dryRun: true });
    const rehearsed = await chained();

    await job.run(at(10));
    await job.run(at(10));

    expect(rehearsed).toBe(0);
    expect(await chained()).toBe(3);
  });

  it("whose chain cannot be written keeps its snapshots all the same, and says so", async () => {
    await start(atTen());
    const job = composeTestJob(servers);
    const item = { account: { S: `${first}#chain` }, slot: { S: "0000000001" } };
    await new DynamoDBClient({}).send(new PutItemCommand({ TableName: LOCAL_TABLE, Item: item }));

    const report = await job.run(at(10));

    expect(report.accounts).toEqual({ complete: 2, alreadyComplete: 0, failed: 0 });
    expect(heldIn(await servers.reader.latest(first))).toEqual(accounts[0] && heldBy(accounts[0]));
    expect(job.troubles).toEqual(["Snapshots could not be chained"]);
    // The other account's chain is not touched by it.
    expect(await verify(second)).toMatchObject({ entries: 1, findings: [] });
    expect((await verify(first)).findings).toMatchObject([{ code: "entry_unreadable" }, { code: "not_chained_yet" }]);
  });

  it("takes every account's snapshot before it enters the first", async () => {
    await start(systemClock);
    const job = composeTestJob(servers, { [ENV.accountsAtOnce]: "1" });
    servers.cdp.misbehave({ kind: "slow", ms: 30, on: { account: second } });

    await job.run({ accounts: [first, second] });

    const items = (await servers.items()) as RawItem[];
    const [entry] = entriesOf(items, first);
    const [last] = snapshotsOf(items, second);
    expect(text(entry, "chainedAt") >= text(last, "completedAt")).toBe(true);
    expect(text(last, "completedAt") > text(snapshotsOf(items, first)[0], "completedAt")).toBe(true);
  });

  it("that has no time left enters nothing, and the next run does", async () => {
    const clock = await start(atTen());
    const job = composeTestJob(servers, { [ENV.reserveSeconds]: "1" });
    // What is left after the reserve is less than nothing: no account has its turn, nor its chain.
    await job.run(at(10));
    clock.advance(3_600_000);

    await job.run(at(11), 900);
    const cut = await chained();
    await job.run(at(11));

    expect(cut).toBe(2);
    expect(await verify(first)).toMatchObject({ snapshots: 2, entries: 2, findings: [] });
  });

  it("run twice at once for one slot enters it once", async () => {
    await start(atTen());
    const jobs = [composeTestJob(servers), composeTestJob(servers), composeTestJob(servers)];

    await Promise.all(jobs.map((job) => job.run(at(10))));

    expect(await chained()).toBe(2);
    expect(await verify(first)).toMatchObject({ snapshots: 1, entries: 1, findings: [] });
  });
});
