import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { composeTestJob, type TestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

// An account that the API no longer lists must not disappear from the history without a record.

const HOUR_MS = 3_600_000;
const event = (hour: number) => ({ scheduledTime: `2026-11-23T${hour}:00:00Z` });
const slot = (hour: number) => `2026-11-23T${hour}:00:00.000Z`;

let world: World;
afterEach(() => world.close());

/** Takes snapshots of two accounts for 10:00. An hour later, the second account is no longer listed. */
async function afterOneDropped() {
  const clock = testClock("2026-11-23T10:00:01.000Z");
  const [kept, dropped] = [makeAccount(makeBalances(2)), makeAccount(makeBalances(2))];
  let listed: readonly SimulatedAccount[] = [kept, dropped];
  world = await startWorld({ accounts: () => listed, clock });
  const job: TestJob = composeTestJob(world);
  await job.run(event(10));
  clock.advance(HOUR_MS);
  listed = [kept];
  const list = (...accounts: SimulatedAccount[]) => {
    listed = accounts;
  };
  return { clock, kept, dropped, job, list };
}

describe("an account that is no longer listed", () => {
  it("fails every attempt at the next slot and is recorded, but fails no later slot", async () => {
    const { clock, job, kept, dropped } = await afterOneDropped();

    const first = await job.run(event(11));
    const retry = await job.run(event(11));
    const manual = await job.run({});
    clock.advance(HOUR_MS);
    const next = await job.run(event(12));

    expect(first.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 1 });
    expect(retry.accounts).toEqual({ complete: 0, alreadyComplete: 1, failed: 1 });
    expect([manual.accounts, next.accounts]).toEqual(Array(2).fill({ complete: 1, alreadyComplete: 0, failed: 0 }));
    expect(await world.findRecord(kept.accountId, slot(11))).toMatchObject({ status: "complete" });
    expect(await world.findRecord(dropped.accountId, slot(11))).toMatchObject({
      attempt: {
        code: "account_not_listed",
        message: `The API no longer lists ${dropped.accountId}.`,
        suggestedFix: expect.stringMatching("closed.*filter"),
      },
    });
    expect(await world.findRecord(dropped.accountId, slot(12))).toBeUndefined();
  });

  it("gets its snapshot if a retry finds it listed again", async () => {
    const { job, kept, dropped, list } = await afterOneDropped();
    await job.run(event(11));
    list(kept, dropped);

    const retry = await job.run(event(11));

    expect(retry.accounts).toEqual({ complete: 1, alreadyComplete: 1, failed: 0 });
    expect(await world.findRecord(dropped.accountId, slot(11))).toMatchObject({ status: "complete" });
  });

  it("fails the next slot too if its last attempt failed for another reason", async () => {
    const { clock, job, kept, dropped, list } = await afterOneDropped();
    list(kept, dropped);
    world.cdp.addFault({ kind: "error", status: 404, on: { account: dropped.accountId } });
    await job.run(event(11));
    clock.advance(HOUR_MS);
    list(kept);

    const next = await job.run(event(12));

    expect(next.snapshots.flatMap(({ error }) => error?.code ?? [])).toEqual(["account_not_listed"]);
  });

  it("causes only a warning if its last record is unreadable", async () => {
    const { job, dropped } = await afterOneDropped();
    await world.put([{ account: { S: dropped.accountId }, slot: { S: slot(10) }, status: { S: "complete" } }]);

    const result = await job.run(event(11));

    expect(result.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 0 });
    expect(job.warnings).toEqual(["Accounts that the API no longer lists are unknown"]);
  });

  it("is ignored in a dry run, and if the event names accounts", async () => {
    const { job, kept } = await afterOneDropped();

    const dryRun = await job.run({ ...event(11), dryRun: true });
    const named = await job.run({ ...event(11), accounts: [kept.accountId] });

    expect([dryRun.accounts, named.accounts]).toEqual(Array(2).fill({ complete: 1, alreadyComplete: 0, failed: 0 }));
  });
});
