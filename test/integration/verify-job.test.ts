import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Verification, verifyAccount } from "../../core/integrity/verify.ts";
import { ENV } from "../../core/names/environment.ts";
import { openChains } from "../../core/readers.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { composeTestJob, type Servers, startServers } from "../support/job.ts";

const accounts = [makeAccount(makeBalances(3)), makeAccount(makeBalances(1))];
const [first = "", second = ""] = accounts.map(({ accountId }) => accountId);
const at = (hour: number) => ({ scheduledTime: `2026-11-23T${hour}:00:00Z` });

let servers: Servers;
let clock: TestClock;
beforeEach(async () => {
  clock = testClock("2026-11-23T10:00:05.000Z");
  servers = await startServers({ accounts: () => accounts, clock });
});
afterEach(() => servers.close());

function verify(accountId: string): Promise<Verification> {
  return verifyAccount(openChains(LOCAL_TABLE), accountId, [], clock.now());
}

/** Returns the number of entries in all chains. */
async function countEntries(): Promise<number> {
  return (await servers.items()).filter((item) => JSON.stringify(item["account"]).includes("#chain")).length;
}

describe("the job", () => {
  it("appends one entry per account and slot", async () => {
    const job = composeTestJob(servers);

    for (const hour of [10, 11, 12]) {
      await job.run(at(hour));
      clock.advance(3_600_000);
    }

    for (const id of [first, second]) {
      expect(await verify(id)).toMatchObject({ snapshots: 3, entries: 3, findings: [] });
    }
    expect(job.warnings).toEqual([]);
  });

  it("appends nothing in a dry run, and no entry twice", async () => {
    const job = composeTestJob(servers);
    await job.run({ ...at(10), dryRun: true });
    const afterDryRun = await countEntries();

    await job.run(at(10));
    await job.run(at(10));

    expect(afterDryRun).toBe(0);
    expect(await countEntries()).toBe(2);
  });

  it("appends nothing after the deadline, and the next run appends the entries", async () => {
    const job = composeTestJob(servers, { [ENV.reserveSeconds]: "1" });
    await job.run(at(10));
    clock.advance(3_600_000);

    // The reserve is longer than the remaining time, so no account gets its turn.
    await job.run(at(11), 900);
    const entries = await countEntries();
    await job.run(at(11));

    expect(entries).toBe(2);
    expect(await verify(first)).toMatchObject({ snapshots: 2, entries: 2, findings: [] });
  });

  it("appends one entry per account if three runs take the same slot concurrently", async () => {
    const jobs = [composeTestJob(servers), composeTestJob(servers), composeTestJob(servers)];

    await Promise.all(jobs.map((job) => job.run(at(10))));

    expect(await countEntries()).toBe(2);
    expect(await verify(first)).toMatchObject({ snapshots: 1, entries: 1, findings: [] });
  });
});
