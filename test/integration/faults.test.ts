import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn, makeAccount, makeBalances } from "../support/accounts.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { composeTestJob, type TestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

const SLOT = "2026-11-23T10:00:00.000Z";
const EVENT = { scheduledTime: "2026-11-23T10:00:00Z" };

let world: World;
let clock: TestClock;
afterEach(() => world.close());

async function prepare(accounts: readonly SimulatedAccount[], env: Record<string, string> = {}): Promise<TestJob> {
  clock = testClock("2026-11-23T10:00:01.000Z");
  world = await startWorld({ accounts: () => accounts, clock });
  return composeTestJob(world, env);
}

function threeAccounts(): [SimulatedAccount, SimulatedAccount, SimulatedAccount] {
  return [makeAccount(makeBalances(3)), makeAccount(makeBalances(2)), makeAccount(makeBalances(1))];
}

function readsOf(account: SimulatedAccount): number {
  return world.cdp.requests.filter((r) => r.accountId === account.accountId && r.path.endsWith("/balances")).length;
}

// test/faults covers the single faults. These cases are about results, records and requests that it does not assert.

describe("a slot", () => {
  it("is not taken too late, but keeps its snapshots and the reasons and attempts of its failures", async () => {
    const [failing, , complete] = threeAccounts();
    const job = await prepare([failing, complete]);
    world.cdp.addFault({ kind: "error", status: 403, on: { account: failing.accountId } });
    await job.run(EVENT);
    await job.run(EVENT);
    clock.advance(2 * 3_600_000);

    const result = await job.run(EVENT);

    expect(result.accounts).toEqual({ complete: 0, alreadyComplete: 1, failed: 1 });
    expect(await world.findRecord(failing.accountId, SLOT)).toMatchObject({
      attempt: { code: "api_forbidden", attempts: 2 },
    });
  });
});

describe("a failed account", () => {
  it("is recorded, leaves the other accounts complete, and is all that the retry reads", async () => {
    const accounts = threeAccounts();
    const [, broken] = accounts;
    const job = await prepare(accounts);
    const correlationId = "41deb8d59a9dc9a7-IAD";
    const message = "Account not found.";
    world.cdp.addFault({ kind: "error", status: 404, message, correlationId, on: { account: broken.accountId } });

    const first = await job.run(EVENT);

    expect(first.accounts).toEqual({ complete: 2, alreadyComplete: 0, failed: 1 });
    expect(await world.findRecord(broken.accountId, SLOT)).toEqual({
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

    world.cdp.clearFaults();
    const before = accounts.map(readsOf);
    const retry = await job.run(EVENT);

    expect(retry.accounts).toEqual({ complete: 1, alreadyComplete: 2, failed: 0 });
    const complete = first.snapshots.filter(({ outcome }) => outcome === "complete");
    const again = retry.snapshots.filter(({ outcome }) => outcome === "alreadyComplete");
    expect(again).toEqual(complete.map((snapshot) => ({ ...snapshot, outcome: "alreadyComplete" })));
    expect(accounts.map((account, at) => readsOf(account) - (before[at] ?? 0))).toEqual([0, 1, 0]);
    expect(heldIn(await world.reader.latest(broken.accountId))).toEqual(heldBy(broken));
  });
});

describe("the list of accounts", () => {
  it("fails a dry run when it is refused", async () => {
    const job = await prepare(threeAccounts());
    await job.run(EVENT);
    world.cdp.addFault({ kind: "error", status: 403, on: { path: /accounts$/ } });

    await expect(job.run({ dryRun: true })).rejects.toMatchObject({ code: "api_forbidden" });
  });

  it("fails the run when it is empty and the table knows no account", async () => {
    const job = await prepare([]);

    await expect(job.run(EVENT)).rejects.toMatchObject({ code: "no_accounts" });
  });
});

describe("the key", () => {
  it("is read only once more when it is refused twice", async () => {
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
});
