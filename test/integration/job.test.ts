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

/** Starts servers whose clock shows one second after the slot, and composes a job. */
async function prepare(accounts: readonly SimulatedAccount[], env: Record<string, string> = {}): Promise<TestJob> {
  clock = testClock("2026-11-23T10:00:01.000Z");
  servers = await startServers({ accounts: () => accounts, clock });
  return composeTestJob(servers, env);
}

describe("a snapshot", () => {
  it("contains the page of the API reference to the last character", async () => {
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
    ["a symbol with special characters", [makeBalance('é#."a b', "1", "1")]],
    ["an asset without a price", [makeBalance("xyz", "7"), makeBalance("btc", "1", "2")]],
    ["no assets", []],
  ])("of an account with %s is read exactly as the API showed it", async (_, balances) => {
    const account = makeAccount(balances);
    const job = await prepare([account]);

    const result = await job.run(EVENT);

    expect(result.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 0 });
    expect(heldIn(await servers.reader.latest(account.accountId))).toEqual(heldBy(account));
  });

  it("has the assets of 40 pages, the last with an empty token", async () => {
    const account = makeAccount(makeBalances(400));
    const job = await prepare([account], { CDP_PAGE_SIZE: "10" });
    servers.cdp.misbehave({ kind: "empty-token" });

    const result = await job.run(EVENT);

    expect(result.snapshots[0]).toMatchObject({ outcome: "complete", assets: 400, pages: 40 });
    // Two passes, because there is no previous snapshot to compare with.
    expect(servers.pagesRead()).toBe(80);
    expect(heldIn(await servers.reader.latest(account.accountId))).toEqual(heldBy(account));
  });

  it("takes two passes if the list is reordered between two pages", async () => {
    const account = makeAccount(makeBalances(30));
    const job = await prepare([account], { CDP_PAGE_SIZE: "10" });
    servers.cdp.misbehave({ kind: "reorder", on: { page: 3 }, times: 1 });

    await job.run(EVENT);

    const snapshot = await servers.reader.latest(account.accountId);
    expect(snapshot).toMatchObject({ consistency: "verified", passes: 2 });
    expect(heldIn(snapshot)).toEqual(heldBy(account));
  });
});

describe("the run result", () => {
  it("contains the slot, each account's outcome, and totals with their coverage", async () => {
    const account = makeAccount([makeBalance("btc", "2", "100.50"), makeBalance("xyz", "1")]);
    const job = await prepare([account]);

    const result = await job.run(EVENT);

    expect(result).toEqual({
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

  it("of a manual run has its start as the slot", async () => {
    const account = makeAccount(makeBalances(2));
    const job = await prepare([account]);

    const result = await job.run({});

    expect(result).toMatchObject({ slot: "2026-11-23T10:00:01.000Z", trigger: "manual" });
    expect((await servers.reader.latest(account.accountId))?.trigger).toBe("manual");
  });

  it("of a dry run is complete, although the table is neither read nor written", async () => {
    const job = await prepare([makeAccount(makeBalances(2)), makeAccount()], { [ENV.tableName]: "nowhere" });
    servers.cdp.misbehave({ kind: "error", status: 404, times: 1, on: { path: "/balances" } });

    const result = await job.run({ ...EVENT, dryRun: true });

    expect(result.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 1 });
    expect(job.warnings).toEqual([]);
  });
});

describe("the accounts of a run", () => {
  it("are all accounts that the API lists, on several pages", async () => {
    const accounts = Array.from({ length: 45 }, () => makeAccount(makeBalances(1)));
    const job = await prepare(accounts, { CDP_PAGE_SIZE: "20" });

    const result = await job.run(EVENT);

    expect(result.accounts.complete).toBe(45);
    expect([...(await servers.reader.accounts()).keys()].sort()).toEqual(accounts.map((a) => a.accountId).sort());
  });

  it("are the accounts of the configured type", async () => {
    const [prime, business] = [makeAccount([], "prime"), makeAccount([], "business")];
    const job = await prepare([prime, business], { CDP_ACCOUNTS_TYPE: "business" });

    const result = await job.run(EVENT);

    expect(result.snapshots.map(({ accountId }) => accountId)).toEqual([business.accountId]);
  });

  it("are the accounts that the event names", async () => {
    const [one, other] = [makeAccount(), makeAccount()];
    const job = await prepare([one, other]);

    const result = await job.run({ accounts: [other.accountId] });

    expect(result.snapshots.map(({ accountId }) => accountId)).toEqual([other.accountId]);
  });

  it("never exceed the rate limit, and use all of it", async () => {
    const accounts = Array.from({ length: 175 }, () => makeAccount());
    clock = testClock("2026-11-23T10:00:01.000Z");
    servers = await startServers({ accounts: () => accounts, clock, readsPerTenSeconds: 150 });
    const limits = { CDP_READS_PER_10_SECONDS: "150", CDP_ACCOUNTS_AT_ONCE: "50", CDP_PAGE_SIZE: "100" };
    const job = composeTestJob(servers, limits);

    const result = await job.run(EVENT);

    expect(result.accounts.complete).toBe(175);
    expect(servers.cdp.requests.filter(({ status }) => status === 429)).toHaveLength(0);
    // 175 accounts and two pages of their list: 150 requests at once, and the rest after one window.
    expect(servers.cdp.requests).toHaveLength(177);
    expect(clock.slept).toEqual([10_000]);
  });
});
