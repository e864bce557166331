import { ENV } from "../../core/names/environment.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn, makeAccount, makeBalance, makeBalances, REFERENCE_PAGE } from "../support/accounts.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { afterEach, describe, expect, it, jest } from "../support/jest.ts";
import { withoutTimeLimits } from "../support/time-limits.ts";
import { composeTestJob, type TestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

const SLOT = "2026-11-23T10:00:00.000Z";
const EVENT = { scheduledTime: "2026-11-23T10:00:00Z" };
const NEXT_EVENT = { scheduledTime: "2026-11-23T11:00:00Z" };
const HOUR_MS = 3_600_000;

let world: World;
let clock: TestClock;
afterEach(() => world.close());

/** Starts a world whose clock shows one second after the slot, and composes a job. */
async function prepare(
  accounts: readonly SimulatedAccount[],
  env: Record<string, string> = {},
  configured?: readonly string[],
): Promise<TestJob> {
  clock = testClock("2026-11-23T10:00:01.000Z");
  world = await startWorld({ inMemory: true, accounts: () => accounts, clock });
  return composeTestJob(world, env, configured);
}

describe("a snapshot", () => {
  it("contains the page of the API reference to the last character", async () => {
    const account = makeAccount();
    const job = await prepare([account]);
    const lastPage = REFERENCE_PAGE.replace(/,\s*"nextPageToken": "[^"]*"/, "");
    world.cdp.addFault({ kind: "body", body: REFERENCE_PAGE, on: { page: 1, path: "/balances" } });
    world.cdp.addFault({ kind: "body", body: lastPage.replaceAll(/btc|usd/g, "x$&"), on: { path: "/balances" } });

    await job.run(EVENT);

    const snapshot = await world.reader.latest(account.accountId);
    expect(heldIn(snapshot)).toMatchObject({
      btc: {
        btc: { available: "2.5", total: "3.0" },
        usd: { available: "252705.4", total: "303246.48" },
      },
      usd: { usd: { available: "90", total: "100" } },
    });
    expect(snapshot?.totals.get("usd")).toEqual({ total: "303346.48", available: "252795.4", covers: 2, of: 4 });
    expect((await world.reader.assets()).get("btc")).toEqual({
      symbol: "btc",
      type: "crypto",
      name: "Bitcoin",
      decimals: 8,
    });
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

  it("of a dry run is complete, although the table is neither read nor written", async () => {
    const job = await prepare([makeAccount(makeBalances(2)), makeAccount()], { [ENV.tableName]: "nowhere" });
    world.cdp.addFault({ kind: "error", status: 404, times: 1, on: { path: "/balances" } });

    const result = await job.run({ ...EVENT, dryRun: true });

    expect(result.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 1 });
    expect(job.reported.warnings).toEqual([]);
  });
});

describe("the accounts of a run", () => {
  it("are all accounts that the API lists, on several pages, within the rate limit and using all of it", async () => {
    const accounts = Array.from({ length: 25 }, () => makeAccount(makeBalances(1)));
    clock = testClock("2026-11-23T10:00:01.000Z");
    world = await startWorld({ inMemory: true, accounts: () => accounts, clock, readsPerTenSeconds: 20 });
    const limits = { CDP_READS_PER_10_SECONDS: "20", CDP_ACCOUNTS_AT_ONCE: "10", CDP_PAGE_SIZE: "10" };
    const job = composeTestJob(world, limits);

    const result = await withoutTimeLimits(() => job.run(EVENT));

    expect(result.accounts.complete).toBe(25);
    expect([...(await world.reader.accounts()).keys()].sort()).toEqual(accounts.map((a) => a.accountId).sort());
    expect(world.cdp.requests.filter(({ status }) => status === 429)).toHaveLength(0);
    // 25 accounts and three pages of their list: 20 requests at once, and the rest after one window.
    expect(world.cdp.requests).toHaveLength(28);
    expect(clock.slept).toEqual([10_000]);
  });

  it("are those of the configured type, and those that the event names", async () => {
    const [prime, ...business] = ["prime", "business", "business"].map((type) => makeAccount([], type));
    const [, named] = business;
    const job = await prepare([prime as SimulatedAccount, ...business], { CDP_ACCOUNTS_TYPE: "business" });

    const all = await job.run(EVENT);
    const one = await job.run({ accounts: [named?.accountId] });

    const idsOf = (accounts: readonly { accountId: string }[]) => accounts.map(({ accountId }) => accountId).sort();
    expect(idsOf(all.snapshots)).toEqual(idsOf(business));
    expect(idsOf(one.snapshots)).toEqual([named?.accountId]);
  });
});

describe("the second snapshot of an account", () => {
  it("marks an asset as unsettled until the API reports its balance", async () => {
    const balances = [makeBalance("btc", "1", "5"), makeBalance("eth", "2", "7")];
    const account = makeAccount(balances);
    const job = await prepare([account], { CDP_MAX_ATTEMPTS: "1" });
    await job.run(EVENT);
    clock.advance(HOUR_MS);
    account.balances = balances.slice(0, 1);
    world.cdp.addFault({ kind: "error", status: 503, errorType: "endpoint_unavailable", on: { path: "/eth" } });

    const { snapshots } = await job.run(NEXT_EVENT);

    expect(snapshots[0]).toMatchObject({
      consistency: "uncertain",
      notices: [{ kind: "unsettled", asset: "eth" }, { kind: "coverageFell" }],
    });
    const unsettled = await world.reader.latest(account.accountId);
    expect(unsettled?.unsettled).toEqual(["eth"]);
    expect(unsettled?.totals.get("usd")).toMatchObject({ total: "5", covers: 1, of: 2 });
    world.cdp.clearFaults();
    account.balances = balances;
    await job.run({});
    const settled = await world.reader.latest(account.accountId);
    expect(heldIn(settled)).toEqual(heldBy(account));
    expect(settled).toMatchObject({ consistency: "verified", unsettled: [] });
  });
});

describe("a run", () => {
  it("ends after 15 minutes, the reserve included, also without a function's time limit", async () => {
    const job = await prepare([makeAccount(makeBalances(1))]);
    const setTimer = jest.spyOn(globalThis, "setTimeout");

    await job.run(EVENT);

    const lengths = setTimer.mock.calls.map(([, ms]) => ms);
    setTimer.mockRestore();
    expect(lengths).toContain(15 * 60_000 - 15_000);
  });

  it("for a time that the schedule does not have is a manual one, and says so", async () => {
    const account = makeAccount(makeBalances(1));
    const job = await prepare([account], { [ENV.schedule]: "cron(7 * * * ? *)" });

    const result = await job.run(EVENT);

    const again = await job.run(EVENT);

    expect(result).toMatchObject({ slot: SLOT, trigger: "manual", accounts: { complete: 1 } });
    expect(result.warning).toContain("has no slot 2026-11-23T10:00:00.000Z");
    expect(again.accounts).toMatchObject({ complete: 0, alreadyComplete: 1 });
    expect(job.reported.warnings).toEqual(Array(2).fill("Run for a time that the schedule does not have"));
    // The lateness limit bounds when the snapshot can have been completed.
    expect(await world.reader.schedules()).toMatchObject([{ expression: "cron(7 * * * ? *)", since: SLOT }]);
  });
});

// test/unit/lambda/telemetry.test.ts tests what the function makes of it.
describe("the telemetry", () => {
  const ACCOUNTS = [makeAccount([makeBalance("btc", "1", "2")]), makeAccount([makeBalance("eth", "1", "2")])];
  const IDS = ACCOUNTS.map(({ accountId }) => accountId);

  it.each<[string, string[] | undefined, boolean[]]>([
    // Whether the named accounts are all accounts is unknown.
    ["that the API lists", undefined, [true, false, false]],
    ["that are configured, named or not", IDS, [true, true, false]],
  ])("receives each account's duration, and whether a run covered all accounts %s", async (_, configured, covered) => {
    const { reported, run } = await prepare(ACCOUNTS, {}, configured);

    await run(EVENT);
    await run({ ...EVENT, accounts: IDS });
    await run({ ...EVENT, accounts: IDS.slice(1) });

    expect(reported.durations).toHaveLength(5);
    expect(reported.durations.every((ms) => Number.isInteger(ms) && ms >= 0)).toBe(true);
    expect(reported.coveredAll).toEqual(covered);
  });

  it("receives every failed attempt, retried or not", async () => {
    const { reported, run } = await prepare(ACCOUNTS, {}, IDS.slice(0, 1));
    world.cdp.addFault({ kind: "error", status: 503, times: 2 });
    world.cdp.addFault({ kind: "error", status: 403, times: 1 });

    const result = await run(EVENT);

    expect(result.accounts.failed).toBe(1);
    expect(reported.apiErrors.sort()).toEqual([403, 503, 503]);
  });

  it("receives a run that ended before its first account", async () => {
    const job = await prepare(ACCOUNTS);
    job.keyText = async () => "";

    await expect(job.run(EVENT)).rejects.toThrow("empty");
    await expect(job.run({ ...EVENT, dryRun: true })).rejects.toThrow("empty");

    const { aborted, coveredAll } = job.reported;
    expect(aborted).toEqual([
      ["key_empty", false],
      ["key_empty", true],
    ]);
    expect(coveredAll).toEqual([]);
  });
});

it("forty accounts that pause at the same time cause no warning of Node.js, which is no line of the log", async () => {
  const accounts = Array.from({ length: 40 }, () => makeAccount([]));
  // The system clock: its pauses listen to the deadline.
  world = await startWorld({ inMemory: true, accounts: () => accounts });
  const ids = accounts.map(({ accountId }) => accountId);
  world.cdp.addFault({
    kind: "error",
    status: 503,
    errorType: "service_unavailable",
    times: ids.length,
    on: { page: 1 },
  });
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);

  const { accounts: outcomes } = await composeTestJob(world, {}, ids).run({ dryRun: true });

  process.off("warning", note);
  expect(outcomes.complete).toBe(ids.length);
  expect(warnings).toEqual([]);
});
