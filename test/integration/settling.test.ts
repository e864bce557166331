import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "@jest/globals";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount, WireBalance } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn, makeAccount, makeBalance, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { composeTestJob, type Servers, startServers, type TestJob } from "../support/job.ts";

// How the job uses the previous snapshot: to check the walk, and to raise notices.

const FIRST = { scheduledTime: "2026-11-23T10:00:00Z" };
const SECOND = { scheduledTime: "2026-11-23T11:00:00Z" };
const HOUR_MS = 3_600_000;

let servers: Servers;
afterEach(() => servers.close());

/** Runs the first slot with the balances `before`; the list then shows the balances `now`, an hour later. */
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
  it("takes one pass and has no notices if nothing changed", async () => {
    const { job } = await afterOneSlot(makeBalances(150), makeBalances(150));
    const read = servers.pagesRead();

    const { snapshots } = await job.run(SECOND);

    expect(snapshots[0]).toMatchObject({ outcome: "complete", consistency: "verified", pages: 2 });
    expect(snapshots[0]).not.toHaveProperty("notices");
    expect(servers.pagesRead() - read).toBe(2);
  });

  it("raises a notice for a vanished asset, once", async () => {
    const { job, account } = await afterOneSlot(makeBalances(3), makeBalances(3).slice(0, 2));

    const { snapshots } = await job.run(SECOND);

    const snapshot = await servers.reader.latest(account.accountId);
    expect(snapshot).toMatchObject({ consistency: "verified", passes: 2, assets: 2, unsettled: [] });
    expect(snapshots[0]?.notices).toEqual([{ kind: "vanished", asset: "a2", last: "2.000000000000000002" }]);
    const next = await job.run({});
    expect(next.snapshots[0]).toMatchObject({ consistency: "verified" });
    expect(next.snapshots[0]).not.toHaveProperty("notices");
  });

  it("marks an asset as unsettled until the API answers the request for it", async () => {
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

  it("is taken with a warning if the previous one is unreadable", async () => {
    const { job, account } = await afterOneSlot(makeBalances(3), makeBalances(3));
    const key = { account: { S: account.accountId }, slot: { S: "2026-11-23T10:00:00.000Z" } };
    const unreadable = { ...key, status: { S: "complete" }, schemaVersion: { N: "1" } };
    await new DynamoDBClient({}).send(new PutItemCommand({ TableName: LOCAL_TABLE, Item: unreadable }));

    const { snapshots } = await job.run(SECOND);

    expect(snapshots[0]).toMatchObject({ outcome: "complete", consistency: "verified" });
    expect(job.warnings).toEqual(["Previous snapshot not readable; the walk is not compared with it"]);
  });
});
