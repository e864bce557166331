import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "@jest/globals";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount, WireBalance } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn, makeAccount, makeBalance, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { composeTestJob, type Servers, startServers, type TestJob } from "../support/job.ts";

// What the job makes of the snapshot before: the walk is held against it, and so is the result.

const FIRST = { scheduledTime: "2026-11-23T10:00:00Z" };
const SECOND = { scheduledTime: "2026-11-23T11:00:00Z" };
const HOUR_MS = 3_600_000;

let servers: Servers;
afterEach(() => servers.close());

/** A job whose account had a snapshot an hour ago; `balances` is what the list shows from now on. */
async function afterOneSlot(
  before: readonly WireBalance[],
  now: readonly WireBalance[],
): Promise<{ job: TestJob; account: SimulatedAccount }> {
  const clock = testClock("2026-11-23T10:00:01.000Z");
  const account = makeAccount(before);
  servers = await startServers({ accounts: () => [account], clock });
  const job = composeTestJob(servers);
  await job.run(FIRST);
  clock.advance(HOUR_MS);
  account.balances = now;
  return { job, account };
}

describe("the second snapshot of an account", () => {
  it("that holds the same is one pass with the page size of the first, and has no notice", async () => {
    const { job } = await afterOneSlot(makeBalances(150), makeBalances(150));
    const read = servers.pagesRead();

    const { snapshots } = await job.run(SECOND);
    const cold = await composeTestJob(servers).run(SECOND);

    expect(snapshots[0]).toMatchObject({ outcome: "complete", consistency: "verified", pages: 2 });
    expect(snapshots[0]).not.toHaveProperty("notices");
    expect(cold.accounts.alreadyComplete).toBe(1);
    expect(servers.cdp.requests.filter(({ path }) => path.endsWith("/balances")).slice(read)).toMatchObject([
      { query: { pageSize: "100" } },
      { query: { pageSize: "100" } },
    ]);
  });

  it("asks for no page size that was refused, in a new process too", async () => {
    const { account } = await afterOneSlot(makeBalances(3), makeBalances(3));
    const read = servers.cdp.requests.length;

    await composeTestJob(servers).run({ ...SECOND, accounts: [account.accountId] });

    expect(servers.cdp.requests.slice(read).map(({ status, query }) => [status, query["pageSize"]])).toEqual([
      [200, "100"],
    ]);
  });

  it("says what is gone, once", async () => {
    const { job, account } = await afterOneSlot(makeBalances(3), makeBalances(3).slice(0, 2));

    const { snapshots } = await job.run(SECOND);

    const snapshot = await servers.reader.latest(account.accountId);
    expect(snapshot).toMatchObject({ consistency: "verified", gone: ["a2"], unsettled: [] });
    expect(snapshots[0]?.notices).toEqual([{ kind: "vanished", asset: "a2", last: "2.000000000000000002" }]);
    const next = await job.run({});
    expect(next.snapshots[0]).toMatchObject({ consistency: "verified" });
    expect(next.snapshots[0]).not.toHaveProperty("notices");
  });

  it("neither has nor lacks an asset of which the API does not tell, until it does", async () => {
    const before = [makeBalance("btc", "1", "5"), makeBalance("eth", "2", "7")];
    const { job, account } = await afterOneSlot(before, before.slice(0, 1));
    servers.cdp.misbehave({ kind: "error", status: 503, errorType: "endpoint_unavailable", on: { path: "/eth" } });

    const { snapshots } = await composeTestJob(servers, { CDP_MAX_ATTEMPTS: "1" }).run(SECOND);

    expect(snapshots[0]).toMatchObject({
      consistency: "uncertain",
      notices: [{ kind: "unsettled", asset: "eth" }, { kind: "coverageFell" }],
    });
    const unsettled = await servers.reader.latest(account.accountId);
    expect(unsettled?.unsettled).toEqual(["eth"]);
    expect(unsettled?.totals.get("usd")).toMatchObject({ total: "5", covers: 1, of: 2 });
    servers.cdp.behave();
    account.balances = before;
    await job.run({});
    const settled = await servers.reader.latest(account.accountId);
    expect(heldIn(settled)).toEqual(heldBy(account));
    expect(settled).toMatchObject({ consistency: "verified", unsettled: [] });
  });

  it("is taken even where the first one cannot be read, and that is told", async () => {
    const { job, account } = await afterOneSlot(makeBalances(3), makeBalances(3));
    const key = { account: { S: account.accountId }, slot: { S: "2026-11-23T10:00:00.000Z" } };
    const spoiled = { ...key, status: { S: "complete" }, schemaVersion: { N: "1" } };
    await new DynamoDBClient({}).send(new PutItemCommand({ TableName: LOCAL_TABLE, Item: spoiled }));

    const { snapshots } = await job.run(SECOND);

    expect(snapshots[0]).toMatchObject({ outcome: "complete", consistency: "verified" });
    expect(job.troubles).toEqual(["The previous snapshot could not be read, the walk is held against none"]);
  });
});
