import { afterEach, describe, expect, it } from "@jest/globals";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn, makeAccount, makeBalances } from "../support/accounts.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { composeTestJob, type Servers, startServers, type TestJob } from "../support/job.ts";
import { makeEd25519Key } from "../support/keys.ts";

const SLOT = "2026-11-23T10:00:00.000Z";
const EVENT = { scheduledTime: "2026-11-23T10:00:00Z" };

let servers: Servers;
let clock: TestClock;
afterEach(() => servers.close());

async function prepare(accounts: readonly SimulatedAccount[], env: Record<string, string> = {}): Promise<TestJob> {
  clock = testClock("2026-11-23T10:00:01.000Z");
  servers = await startServers({ accounts: () => accounts, clock });
  return composeTestJob(servers, env);
}

function threeAccounts(): [SimulatedAccount, SimulatedAccount, SimulatedAccount] {
  return [makeAccount(makeBalances(3)), makeAccount(makeBalances(2)), makeAccount(makeBalances(1))];
}

function readsOf(account: SimulatedAccount): number {
  return servers.cdp.requests.filter((r) => r.accountId === account.accountId && r.path.endsWith("/balances")).length;
}

describe("a slot", () => {
  it("is taken once, however often the event is delivered", async () => {
    const accounts = threeAccounts();
    const job = await prepare(accounts);
    const first = await job.run(EVENT);
    const stored = await servers.items();
    const read = servers.pagesRead();

    const second = await job.run(EVENT);

    expect(second.accounts).toEqual({ complete: 0, alreadyComplete: 3, failed: 0 });
    expect(servers.pagesRead()).toBe(read);
    expect(await servers.items()).toEqual(stored);
    const told = ({ snapshots }: typeof first) => snapshots.map(({ outcome: _, ...rest }) => rest);
    expect(told(second)).toEqual(told(first));
  });

  it("is taken once by two runs at the same time", async () => {
    const accounts = threeAccounts();
    const job = await prepare(accounts);
    const other = composeTestJob(servers);

    const reports = await Promise.all([job.run(EVENT), other.run(EVENT)]);

    const outcomes = reports.map((report) => report.accounts);
    expect(outcomes.map(({ failed }) => failed)).toEqual([0, 0]);
    expect((outcomes[0]?.complete ?? 0) + (outcomes[1]?.complete ?? 0)).toBe(3);
    const snapshots = (await servers.items()).filter((item) => "status" in item);
    expect(snapshots).toHaveLength(3);
  });

  it("that is older than the lateness limit is refused, and the gap explained", async () => {
    const [account] = threeAccounts();
    const job = await prepare([account], { SLOT_LATENESS_LIMIT_SECONDS: "600" });
    clock.advance(600_000);

    const report = await job.run(EVENT);

    expect(report.snapshots[0]?.error?.code).toBe("slot_too_late");
    expect(servers.pagesRead()).toBe(0);
    expect(await servers.findRecord(account.accountId, SLOT)).toMatchObject({
      status: "failed",
      attempt: { code: "slot_too_late", attempts: 1 },
    });
  });

  it("that failed in time keeps its reason when it is tried too late", async () => {
    const [account] = threeAccounts();
    const job = await prepare([account]);
    servers.cdp.misbehave({ kind: "error", status: 404, on: { path: "/balances" } });
    await job.run(EVENT);
    clock.advance(2 * 3_600_000);

    await job.run(EVENT);

    expect(await servers.findRecord(account.accountId, SLOT)).toMatchObject({
      attempt: { code: "api_not_found", attempts: 1 },
    });
  });

  it("that is complete is answered for, however late the event comes", async () => {
    const [account] = threeAccounts();
    const job = await prepare([account]);
    await job.run(EVENT);
    clock.advance(24 * 3_600_000);

    const report = await job.run(EVENT);

    expect(report.accounts).toEqual({ complete: 0, alreadyComplete: 1, failed: 0 });
  });

  it("that has not come yet is refused", async () => {
    const [account] = threeAccounts();
    const job = await prepare([account]);

    const report = await job.run({ scheduledTime: "2026-11-23T11:00:00Z" });

    expect(report.snapshots[0]?.error?.code).toBe("slot_in_future");
  });
});

describe("one account's trouble", () => {
  it("costs no other its snapshot, is recorded, and is all that the retry reads", async () => {
    const accounts = threeAccounts();
    const [, broken] = accounts;
    const job = await prepare(accounts);
    const correlationId = "41deb8d59a9dc9a7-IAD";
    const message = "Account not found.";
    servers.cdp.misbehave({ kind: "error", status: 404, message, correlationId, on: { account: broken.accountId } });

    const report = await job.run(EVENT);

    expect(report.accounts).toEqual({ complete: 2, alreadyComplete: 0, failed: 1 });
    expect(await servers.findRecord(broken.accountId, SLOT)).toEqual({
      status: "failed",
      attempt: {
        accountId: broken.accountId,
        slot: SLOT,
        trigger: "schedule",
        code: "api_not_found",
        message: expect.stringContaining("HTTP 404 not_found: Account not found (correlation id 41deb8d59a9dc9a7-IAD)"),
        suggestedFix: expect.stringContaining("Check"),
        correlationId,
        attempts: 1,
        lastTriedAt: "2026-11-23T10:00:01.000Z",
      },
    });

    servers.cdp.behave();
    const before = accounts.map(readsOf);
    const retry = await job.run(EVENT);

    expect(retry.accounts).toEqual({ complete: 1, alreadyComplete: 2, failed: 0 });
    expect(accounts.map((account, at) => readsOf(account) - (before[at] ?? 0))).toEqual([0, 1, 0]);
    expect(heldIn(await servers.reader.latest(broken.accountId))).toEqual(heldBy(broken));
  });

  it("counts its attempts", async () => {
    const [account] = threeAccounts();
    const job = await prepare([account]);
    servers.cdp.misbehave({ kind: "error", status: 403, on: { path: "/balances" } });

    await job.run(EVENT);
    await job.run(EVENT);

    expect(await servers.findRecord(account.accountId, SLOT)).toMatchObject({ attempt: { attempts: 2 } });
  });
});

describe("the API's trouble", () => {
  it.each([
    ["an outage", { kind: "error", status: 503, times: 3 }],
    ["a 429 without Retry-After", { kind: "error", status: 429, times: 3 }],
    ["a 429 with Retry-After", { kind: "error", status: 429, retryAfter: "7", times: 3 }],
    ["a proxy's HTML", { kind: "html", times: 3 }],
    ["an empty body", { kind: "empty", times: 3 }],
    ["a reset", { kind: "reset", times: 3 }],
    ["a body cut by the network", { kind: "cut", after: 60, announced: true, times: 3 }],
    ["a body cut by the server", { kind: "cut", after: 60, announced: false, times: 3 }],
  ] as const)("that passes (%s) costs nothing but time", async (_, fault) => {
    const account = makeAccount(makeBalances(30));
    const job = await prepare([account], { CDP_PAGE_SIZE: "10" });
    servers.cdp.misbehave({ ...fault, on: { page: 2, path: "/balances" } });

    const report = await job.run(EVENT);

    expect(report.accounts.complete).toBe(1);
    expect(clock.slept).toHaveLength(3);
    expect(heldIn(await servers.reader.latest(account.accountId))).toEqual(heldBy(account));
  });

  it("on the list of accounts is recorded for every account that the table knows", async () => {
    const accounts = threeAccounts();
    const job = await prepare(accounts);
    await job.run(EVENT);
    servers.cdp.misbehave({ kind: "error", status: 403, on: { path: /accounts$/ } });
    clock.advance(60_000);

    const report = await job.run({ scheduledTime: "2026-11-23T10:01:00Z" });

    expect(report.accounts).toEqual({ complete: 0, alreadyComplete: 0, failed: 3 });
    expect(await servers.findRecord(accounts[0].accountId, "2026-11-23T10:01:00.000Z")).toMatchObject({
      attempt: { code: "api_forbidden" },
    });
  });

  it("on the list of accounts fails a dry run, for which the table knows none", async () => {
    const job = await prepare(threeAccounts());
    await job.run(EVENT);
    servers.cdp.misbehave({ kind: "error", status: 403, on: { path: /accounts$/ } });

    await expect(job.run({ dryRun: true })).rejects.toMatchObject({ code: "api_forbidden" });
  });

  it("on the list of accounts fails the run where the table knows none", async () => {
    const job = await prepare([]);

    await expect(job.run(EVENT)).rejects.toMatchObject({ code: "no_accounts" });
  });
});

describe("the key", () => {
  it("that was rotated is fetched once more, without a restart", async () => {
    const accounts = threeAccounts();
    const [oldKey, newKey] = [makeEd25519Key(), makeEd25519Key()];
    servers = await startServers({ accounts: () => accounts, key: newKey });
    const job = composeTestJob(servers);
    const texts = [oldKey.file, newKey.file];
    let reads = 0;
    job.keyText = async () => texts[Math.min(reads++, 1)] ?? "";

    const report = await job.run({});

    expect(report.accounts.complete).toBe(3);
    expect(reads).toBe(2);
  });

  it("that is refused, again, is asked for no more than once more", async () => {
    const accounts = threeAccounts();
    const job = await prepare(accounts);
    const stranger = makeEd25519Key();
    let reads = 0;
    job.keyText = async () => {
      reads++;
      return stranger.file;
    };

    await expect(job.run(EVENT)).rejects.toMatchObject({ code: "api_unauthorized" });
    expect(reads).toBe(2);
  });

  it("that cannot be read is told for every configured account", async () => {
    const [account] = threeAccounts();
    const job = await prepare([account]);
    job.keyText = async () => '{"id": "cut';

    const report = await job.run({ accounts: [account.accountId], ...EVENT });

    expect(report.snapshots[0]?.error).toMatchObject({
      code: "key_not_json",
      message: expect.stringContaining("broken"),
    });
    expect(await servers.findRecord(account.accountId, SLOT)).toMatchObject({ attempt: { code: "key_not_json" } });
  });
});

describe("the deadline", () => {
  it("ends the run before its time is over: what is unfinished is recorded, and the retry does just that", async () => {
    const accounts = threeAccounts();
    const [, hanging] = accounts;
    const job = await prepare(accounts, { RUN_RESERVE_SECONDS: "1" });
    servers.cdp.misbehave({ kind: "hang", on: { account: hanging.accountId } });

    const report = await job.run(EVENT, 1500);

    expect(report.accounts).toEqual({ complete: 2, alreadyComplete: 0, failed: 1 });
    expect(await servers.findRecord(hanging.accountId, SLOT)).toMatchObject({
      attempt: { code: "deadline_exceeded" },
    });
    servers.cdp.behave();
    expect((await job.run(EVENT)).accounts).toEqual({ complete: 1, alreadyComplete: 2, failed: 0 });
  });

  it("that was over from the start has every account recorded", async () => {
    const accounts = threeAccounts();
    const job = await prepare(accounts, { RUN_RESERVE_SECONDS: "1" });

    const report = await job.run({ ...EVENT, accounts: accounts.map(({ accountId }) => accountId) }, 0);

    expect(report.snapshots.map(({ error }) => error?.code)).toEqual(Array(3).fill("deadline_exceeded"));
  });
});
