import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "@jest/globals";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { composeTestJob, type Servers, startServers, type TestJob } from "../support/job.ts";

// An account that the API's list no longer shows must not drop out of the history without a word.

const HOUR_MS = 3_600_000;
const event = (hour: number) => ({ scheduledTime: `2026-11-23T${hour}:00:00Z` });
const slot = (hour: number) => `2026-11-23T${hour}:00:00.000Z`;

let servers: Servers;
afterEach(() => servers.close());

/** Two accounts with a snapshot for 10:00; then an hour passes, and the second is no longer listed. */
async function afterOneDropped() {
  const clock = testClock("2026-11-23T10:00:01.000Z");
  const [kept, dropped] = [makeAccount(makeBalances(2)), makeAccount(makeBalances(2))];
  let listed: readonly SimulatedAccount[] = [kept, dropped];
  servers = await startServers({ accounts: () => listed, clock });
  const job: TestJob = composeTestJob(servers);
  await job.run(event(10));
  clock.advance(HOUR_MS);
  listed = [kept];
  const list = (...accounts: SimulatedAccount[]) => {
    listed = accounts;
  };
  return { clock, kept, dropped, job, list };
}

describe("an account that is no longer listed", () => {
  it("fails the run, with a record that says why, and costs the others nothing", async () => {
    const { job, kept, dropped } = await afterOneDropped();

    const report = await job.run(event(11));

    expect(report.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 1 });
    expect(await servers.findRecord(kept.accountId, slot(11))).toMatchObject({ status: "complete" });
    expect(await servers.findRecord(dropped.accountId, slot(11))).toMatchObject({
      attempt: {
        code: "account_not_listed",
        message: expect.stringMatching(`no longer shows ${dropped.accountId}.*closed.*filter`),
      },
    });
  });

  it("does so in every attempt at that slot, and in none after it", async () => {
    const { clock, job, dropped } = await afterOneDropped();
    await job.run(event(11));

    const retry = await job.run(event(11));
    const byHand = await job.run({});
    clock.advance(HOUR_MS);
    const next = await job.run(event(12));

    expect(retry.accounts).toEqual({ complete: 0, alreadyComplete: 1, failed: 1 });
    expect([byHand.accounts, next.accounts]).toEqual(Array(2).fill({ complete: 1, alreadyComplete: 0, failed: 0 }));
    expect(await servers.findRecord(dropped.accountId, slot(12))).toBeUndefined();
  });

  it("has its snapshot after all, where a retry finds it listed", async () => {
    const { job, kept, dropped, list } = await afterOneDropped();
    await job.run(event(11));
    list(kept, dropped);

    const retry = await job.run(event(11));

    expect(retry.accounts).toEqual({ complete: 1, alreadyComplete: 1, failed: 0 });
    expect(await servers.findRecord(dropped.accountId, slot(11))).toMatchObject({ status: "complete" });
  });

  it("fails the run after an attempt that failed for another reason, too", async () => {
    const { clock, job, kept, dropped, list } = await afterOneDropped();
    list(kept, dropped);
    servers.cdp.misbehave({ kind: "error", status: 404, on: { account: dropped.accountId } });
    await job.run(event(11));
    clock.advance(HOUR_MS);
    list(kept);

    const next = await job.run(event(12));

    expect(next.snapshots.flatMap(({ error }) => error?.code ?? [])).toEqual(["account_not_listed"]);
  });

  it("costs the others nothing where its last record cannot be read, and that is told", async () => {
    const { job, dropped } = await afterOneDropped();
    const spoiled = { account: { S: dropped.accountId }, slot: { S: slot(10) }, status: { S: "complete" } };
    await new DynamoDBClient({}).send(new PutItemCommand({ TableName: LOCAL_TABLE, Item: spoiled }));

    const report = await job.run(event(11));

    expect(report.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 0 });
    expect(job.troubles).toEqual(["Whether an account dropped out of the API's list is unknown"]);
  });

  it("is not looked for in a dry run, nor where the accounts are named", async () => {
    const { job, kept } = await afterOneDropped();

    const rehearsal = await job.run({ ...event(11), dryRun: true });
    const named = await job.run({ ...event(11), accounts: [kept.accountId] });

    expect([rehearsal.accounts, named.accounts]).toEqual(Array(2).fill({ complete: 1, alreadyComplete: 0, failed: 0 }));
  });
});
