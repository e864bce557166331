import { afterEach, describe, expect, it } from "@jest/globals";
import { ENV } from "../../core/names/environment.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn, makeAccount, makeBalance, makeBalances, REFERENCE_PAGE } from "../support/accounts.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { composeTestJob, type Servers, startServers, type TestJob } from "../support/job.ts";

const SLOT = "2026-11-23T10:00:00.000Z";
const EVENT = { scheduledTime: "2026-11-23T10:00:00Z" };

let servers: Servers;
let clock: TestClock;
afterEach(() => servers.close());

/** A job, an API and a table whose clock stands a second after the slot. */
async function prepare(accounts: readonly SimulatedAccount[], env: Record<string, string> = {}): Promise<TestJob> {
  clock = testClock("2026-11-23T10:00:01.000Z");
  servers = await startServers({ accounts: () => accounts, clock });
  return composeTestJob(servers, env);
}

describe("a snapshot", () => {
  it("holds the reference's own page to the last character", async () => {
    const account = makeAccount();
    const job = await prepare([account]);
    const lastPage = REFERENCE_PAGE.replace(/,\s*"nextPageToken": "[^"]*"/, "");
    servers.cdp.misbehave({ kind: "body", body: REFERENCE_PAGE, on: { page: 1, path: "/balances" } });
    servers.cdp.misbehave({ kind: "body", body: lastPage.replaceAll(/btc|usd/g, "x$&"), on: { path: "/balances" } });

    await job.run(EVENT);

    const snapshot = await servers.reader.latest(account.accountId);
    expect(heldIn(snapshot)).toMatchObject({
      btc: {
        btc: { available: "2.5", total: "3.0" },
        usd: { available: "252705.4", total: "303246.48" },
      },
      usd: { usd: { available: "90", total: "100" } },
    });
    expect(snapshot?.totals.get("usd")).toEqual({ total: "303346.48", available: "252795.4", covers: 2, of: 4 });
    expect((await servers.reader.assets()).get("btc")).toEqual({
      symbol: "btc",
      type: "crypto",
      name: "Bitcoin",
      decimals: 8,
    });
  });

  it.each([
    ["18 decimals", [makeBalance("eth", "0.000000000000000001", "0.01")]],
    ["38 digits and more", [makeBalance("big", "12345678901234567890123456789012345678901234.5678901234567890", "1")]],
    ["a negative amount", [makeBalance("short", "-12.50", "-3.0")]],
    ["a symbol of 42 characters", [makeBalance("s".repeat(42), "1", "1")]],
    ["a symbol of odd characters", [makeBalance('é#."a b', "1", "1")]],
    ["an asset without a price", [makeBalance("xyz", "7"), makeBalance("btc", "1", "2")]],
    ["nothing at all", []],
  ])("of an account with %s comes back as it went in", async (_, balances) => {
    const account = makeAccount(balances);
    const job = await prepare([account]);

    const report = await job.run(EVENT);

    expect(report.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 0 });
    expect(heldIn(await servers.reader.latest(account.accountId))).toEqual(heldBy(account));
  });

  it("of 5,000 assets comes back as it went in", async () => {
    const account = makeAccount(makeBalances(5000));
    const job = await prepare([account]);

    const report = await job.run(EVENT);

    expect(report.snapshots[0]).toMatchObject({ outcome: "complete", assets: 5000, pages: 50 });
    expect(heldIn(await servers.reader.latest(account.accountId))).toEqual(heldBy(account));
  }, 120_000);

  it("is walked over 40 pages, the last of which has an empty token", async () => {
    const account = makeAccount(makeBalances(400));
    const job = await prepare([account], { CDP_PAGE_SIZE: "10" });
    servers.cdp.misbehave({ kind: "empty-token" });

    const report = await job.run(EVENT);

    expect(report.snapshots[0]).toMatchObject({ outcome: "complete", assets: 400, pages: 40 });
    // Twice, as there is no snapshot before it to hold the list against.
    expect(servers.pagesRead()).toBe(80);
    expect(heldIn(await servers.reader.latest(account.accountId))).toEqual(heldBy(account));
  });

  it("is not taken from a list whose page token repeats", async () => {
    const account = makeAccount(makeBalances(40));
    const job = await prepare([account], { CDP_PAGE_SIZE: "10" });
    servers.cdp.misbehave({ kind: "repeat-token", on: { path: "/balances" } });

    const report = await job.run(EVENT);

    expect(report.snapshots[0]?.error?.code).toBe("page_token_repeated");
    expect(await servers.reader.latest(account.accountId)).toBeUndefined();
  });

  it("is walked again when the list was reordered between two pages", async () => {
    const account = makeAccount(makeBalances(30));
    const job = await prepare([account], { CDP_PAGE_SIZE: "10" });
    servers.cdp.misbehave({ kind: "reorder", on: { page: 3 }, times: 1 });

    await job.run(EVENT);

    const snapshot = await servers.reader.latest(account.accountId);
    expect(snapshot?.consistency).toBe("rewalked");
    expect(heldIn(snapshot)).toEqual(heldBy(account));
  });
});

describe("the report", () => {
  it("tells the slot, each account's outcome, and totals with their coverage", async () => {
    const account = makeAccount([makeBalance("btc", "2", "100.50"), makeBalance("xyz", "1")]);
    const job = await prepare([account]);

    const report = await job.run(EVENT);

    expect(report).toEqual({
      slot: SLOT,
      trigger: "schedule",
      dryRun: false,
      durationMs: expect.any(Number),
      accounts: { complete: 1, alreadyComplete: 0, failed: 0 },
      snapshots: [
        {
          accountId: account.accountId,
          outcome: "complete",
          assets: 2,
          pages: 1,
          consistency: "verified",
          capturedAt: "2026-11-23T10:00:01.000Z",
          totals: { usd: { total: "100.50", available: "100.50", covers: 1, of: 2 } },
        },
      ],
    });
  });

  it("of a run by hand has the moment of its start as its slot", async () => {
    const account = makeAccount(makeBalances(2));
    const job = await prepare([account]);

    const report = await job.run({});

    expect(report).toMatchObject({ slot: "2026-11-23T10:00:01.000Z", trigger: "manual" });
    expect((await servers.reader.latest(account.accountId))?.trigger).toBe("manual");
  });

  it("of a dry run tells all, and the table is neither read nor written", async () => {
    const job = await prepare([makeAccount(makeBalances(2)), makeAccount()], { [ENV.tableName]: "nowhere" });
    servers.cdp.misbehave({ kind: "error", status: 404, times: 1, on: { path: "/balances" } });

    const report = await job.run({ ...EVENT, dryRun: true });

    expect(report.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 1 });
    expect(job.troubles).toEqual([]);
  });
});

describe("the accounts", () => {
  it("are all that the API lists, over several pages", async () => {
    const accounts = Array.from({ length: 45 }, () => makeAccount(makeBalances(1)));
    const job = await prepare(accounts, { CDP_PAGE_SIZE: "20" });

    const report = await job.run(EVENT);

    expect(report.accounts.complete).toBe(45);
    expect([...(await servers.reader.accounts()).keys()].sort()).toEqual(accounts.map((a) => a.accountId).sort());
  });

  it("are those of the configured type", async () => {
    const [prime, business] = [makeAccount([], "prime"), makeAccount([], "business")];
    const job = await prepare([prime, business], { CDP_ACCOUNTS_TYPE: "business" });

    const report = await job.run(EVENT);

    expect(report.snapshots.map(({ accountId }) => accountId)).toEqual([business.accountId]);
  });

  it("are those that the event names", async () => {
    const [one, other] = [makeAccount(), makeAccount()];
    const job = await prepare([one, other]);

    const report = await job.run({ accounts: [other.accountId] });

    expect(report.snapshots.map(({ accountId }) => accountId)).toEqual([other.accountId]);
  });

  it("are never refused for the limit, and waste none of it", async () => {
    const accounts = Array.from({ length: 175 }, () => makeAccount());
    clock = testClock("2026-11-23T10:00:01.000Z");
    servers = await startServers({ accounts: () => accounts, clock, readsPerTenSeconds: 150 });
    const limits = { CDP_READS_PER_10_SECONDS: "150", CDP_ACCOUNTS_AT_ONCE: "50", CDP_PAGE_SIZE: "100" };
    const job = composeTestJob(servers, limits);

    const report = await job.run(EVENT);

    expect(report.accounts.complete).toBe(175);
    expect(servers.cdp.requests.filter(({ status }) => status === 429)).toHaveLength(0);
    // 175 accounts and their list are 177 requests: 150 at once, and the rest after one wait for the window.
    expect(servers.cdp.requests).toHaveLength(177);
    expect(clock.slept).toEqual([10_000]);
  });
});
